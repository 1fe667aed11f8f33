//! What the output of a run that delivers nothing begins with.

use std::fs;

use testkit::collector::Fault;

use crate::stage::{Stage, record, said};

/// Sends one record with these arguments, and returns the first line of the output, and all of it.
fn failed(stage: &Stage, arguments: &[&str]) -> (String, String) {
    let file = stage.path("trail.ndjson");
    fs::write(&file, record("a")).unwrap();
    let file = file.to_str().unwrap();
    let all = [&["send", file, "--patience", "1"], arguments].concat();
    let output = stage.run(&all);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        stage.ids().is_empty() && text.contains("+ not delivered 1;"),
        "{text}"
    );
    let rest = format!("continue with the same options and: {file}");
    assert!(text.contains(&rest), "{text}");
    // Neither has anything to do with these causes.
    for other in ["DLQ_BUCKET", "SECRET_NAME", "t0ken"] {
        assert!(!text.contains(other), "{text}");
    }
    (text.lines().next().unwrap_or_default().to_owned(), text)
}

#[test]
fn a_wrong_token_is_named_with_its_file() {
    let stage = Stage::new();
    let token = stage.path("token");
    fs::write(&token, "wr0ng").unwrap();
    let (first, text) = failed(&stage, &[]);
    assert!(first.contains("rejects the token from"), "{text}");
    assert!(first.contains(token.to_str().unwrap()), "{text}");
    assert!(first.contains("HTTP 403, code 4"), "{text}");
    assert!(!text.contains("wr0ng"), "{text}");
}

#[test]
fn a_wrong_setting_keeps_nothing_since_the_input_does() {
    let stage = Stage::new();
    fs::write(stage.path("token"), "wr0ng").unwrap();
    let kept = stage.path("kept");
    let (_, text) = failed(&stage, &["--dead-letters", kept.to_str().unwrap()]);
    assert!(stage.kept().is_empty(), "{text}");
}

#[test]
fn a_dead_address_is_named() {
    let stage = Stage::new();
    // Bound and not listening: nobody else gets the port.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    let (first, text) = failed(&stage, &["--hec-url", &url]);
    assert!(first.contains("refuses connections"), "{text}");
    assert!(first.contains("HEC_URL"), "{text}");
}

#[test]
fn a_collector_that_is_busy_is_quoted() {
    let stage = Stage::new();
    stage
        .collector
        .faults()
        .extend(vec![Fault::BusyCode9; 1000]);
    let (first, text) = failed(&stage, &[]);
    assert!(first.contains("HTTP 503, code 9"), "{text}");
}

#[test]
fn events_that_are_rejected_need_a_place() {
    let stage = Stage::new();
    stage.collector.faults().push(Fault::InvalidAt(0));
    let file = stage.path("trail.ndjson");
    fs::write(&file, record("a")).unwrap();
    let file = file.to_str().unwrap();
    let output = stage.run(&["send", file]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    let first = text.lines().next().unwrap();
    assert!(first.contains("permanently rejects events"), "{text}");
    assert!(first.contains("--dead-letters"), "{text}");
}
