//! The first line of the output if nothing is delivered: the cause.

use std::fs;

use testkit::collector::Fault;

use crate::fixture::{Fixture, record, stderr};

/// Sends one record with these arguments, and returns the first line of the output, and all of it.
fn failed(fixture: &Fixture, arguments: &[&str]) -> (String, String) {
    let file = fixture.path("trail.ndjson");
    fs::write(&file, record("a")).unwrap();
    let file = file.to_str().unwrap();
    let all = [&["send", file, "--patience", "1"], arguments].concat();
    let output = fixture.run(&all);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        fixture.ids().is_empty() && text.contains("+ not delivered 1;"),
        "{text}"
    );
    let rest = format!("continue with the same options and: {file}");
    assert!(text.contains(&rest), "{text}");
    // No setting that is unrelated to the cause, and no token.
    for other in ["DLQ_BUCKET", "SECRET_NAME", "t0ken"] {
        assert!(!text.contains(other), "{text}");
    }
    (text.lines().next().unwrap_or_default().to_owned(), text)
}

#[test]
fn a_rejected_token_is_reported_with_its_file() {
    let fixture = Fixture::new();
    let token = fixture.path("token");
    fs::write(&token, "wr0ng").unwrap();
    let (first, text) = failed(&fixture, &[]);
    assert!(first.contains("rejects the token from"), "{text}");
    assert!(first.contains(token.to_str().unwrap()), "{text}");
    assert!(first.contains("HTTP 403, code 4"), "{text}");
    assert!(!text.contains("wr0ng"), "{text}");
}

#[test]
fn a_rejected_token_stores_no_dead_letters() {
    let fixture = Fixture::new();
    fs::write(fixture.path("token"), "wr0ng").unwrap();
    let kept = fixture.path("kept");
    let (_, text) = failed(&fixture, &["--dead-letters", kept.to_str().unwrap()]);
    assert!(fixture.kept().is_empty(), "{text}");
}

#[test]
fn an_unreachable_address_is_reported_with_its_setting() {
    let fixture = Fixture::new();
    // Bound but not listening, so that no other process gets the port.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    let (first, text) = failed(&fixture, &["--hec-url", &url]);
    assert!(first.contains("refuses connections"), "{text}");
    assert!(first.contains("HEC_URL"), "{text}");
}

#[test]
fn a_busy_collector_is_reported_with_status_and_code() {
    let fixture = Fixture::new();
    fixture
        .collector
        .faults()
        .extend(vec![Fault::BusyCode9; 1000]);
    let (first, text) = failed(&fixture, &[]);
    assert!(first.contains("HTTP 503, code 9"), "{text}");
}

#[test]
fn rejected_events_require_a_dead_letter_folder() {
    let fixture = Fixture::new();
    fixture.collector.faults().push(Fault::InvalidAt(0));
    let file = fixture.path("trail.ndjson");
    fs::write(&file, record("a")).unwrap();
    let file = file.to_str().unwrap();
    let output = fixture.run(&["send", file]);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    let first = text.lines().next().unwrap();
    assert!(first.contains("permanently rejects events"), "{text}");
    assert!(first.contains("--dead-letters"), "{text}");
}
