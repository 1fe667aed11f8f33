//! `sightline send` and `sightline replay` with a collector on this machine.
#![allow(clippy::unwrap_used, reason = "a missing value fails the test")]

mod bad_request_without_code;
mod error_messages;
mod fixture;
mod full_disk;
mod replay;
mod stop;

use std::fs;
use std::process::Command;

use testkit::collector::Fault;

use fixture::{Fixture, gzip, record, stderr};

#[test]
fn files_are_sent_and_counted() {
    let fixture = Fixture::new();
    let records: Vec<String> = (0..300).map(|id| record(&format!("{id:03}"))).collect();
    let file = fixture.path("trail.json.gz");
    fs::write(
        &file,
        gzip(format!("{{\"Records\":[{}]}}", records.join(",")).as_bytes()),
    )
    .unwrap();
    let output = fixture.run(&["send", file.to_str().unwrap()]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("events 300 = delivered 300 + dropped by filters 0"),
        "{}",
        stderr(&output)
    );
    assert_eq!(fixture.ids().len(), 300);
}

#[test]
fn undelivered_events_become_dead_letters_and_are_replayed_once() {
    let fixture = Fixture::new();
    let file = fixture.path("trail.ndjson");
    fs::write(&file, [record("a"), record("b")].join("\n")).unwrap();
    fixture
        .collector
        .faults()
        .extend(vec![Fault::BusyCode9; 1000]);
    let kept = fixture.path("kept");
    let kept = kept.to_str().unwrap();
    let output = fixture.run(&[
        "send",
        file.to_str().unwrap(),
        "--patience",
        "1",
        "--dead-letters",
        kept,
    ]);
    assert!(!output.status.success());
    assert!(
        stderr(&output).contains("dead letters 2 + not delivered 0"),
        "{}",
        stderr(&output)
    );
    assert!(
        stderr(&output).contains("HTTP 503, code 9"),
        "{}",
        stderr(&output)
    );
    assert_eq!(fixture.kept().len(), 1);

    let back = Fixture::new();
    let output = back.run(&["replay", kept, "--dry-run"]);
    assert!(
        output.status.success()
            && stderr(&output).contains("contain 2 events, of which 2 would be sent"),
        "{}",
        stderr(&output)
    );
    assert!(back.ids().is_empty() && fixture.kept().len() == 1);
    let output = back.run(&["replay", kept]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("1 removed, 0 kept"),
        "{}",
        stderr(&output)
    );
    assert_eq!(back.ids(), ["a", "b"]);
    assert!(fixture.kept().is_empty());
}

#[test]
fn missing_settings_and_files_are_named() {
    let fixture = Fixture::new();
    let output = Command::new(env!("CARGO_BIN_EXE_sightline"))
        .args(["send", "x"])
        .env_clear()
        .output()
        .unwrap();
    let text = stderr(&output);
    assert!(
        !output.status.success()
            && text.contains("HEC_URL: is not set")
            && text.contains("SECRET_NAME: is not set"),
        "{text}"
    );
    let output = fixture.run(&["replay", "/nowhere/at/all"]);
    assert!(
        stderr(&output).contains("cannot read /nowhere/at/all"),
        "{}",
        stderr(&output)
    );
}
