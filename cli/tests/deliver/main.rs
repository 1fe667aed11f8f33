//! `sightline send` and `sightline replay`, run against a collector on this machine.
#![allow(clippy::unwrap_used, reason = "a test may stop at what is not there")]

mod cause;
mod full_disk;
mod replay;
mod stage;
mod stop;
mod unexplained;

use std::fs;
use std::process::Command;

use testkit::collector::Fault;

use stage::{Stage, gzip, record, said};

#[test]
fn files_are_sent_and_counted() {
    let stage = Stage::new();
    let records: Vec<String> = (0..300).map(|id| record(&format!("{id:03}"))).collect();
    let file = stage.path("trail.json.gz");
    fs::write(
        &file,
        gzip(format!("{{\"Records\":[{}]}}", records.join(",")).as_bytes()),
    )
    .unwrap();
    let output = stage.run(&["send", file.to_str().unwrap()]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(
        said(&output).contains("events 300 = delivered 300 + dropped by filters 0"),
        "{}",
        said(&output)
    );
    assert_eq!(stage.ids().len(), 300);
}

#[test]
fn what_is_not_delivered_is_kept_and_replayed_once() {
    let stage = Stage::new();
    let file = stage.path("trail.ndjson");
    fs::write(&file, [record("a"), record("b")].join("\n")).unwrap();
    stage
        .collector
        .faults()
        .extend(vec![Fault::BusyCode9; 1000]);
    let kept = stage.path("kept");
    let kept = kept.to_str().unwrap();
    let output = stage.run(&[
        "send",
        file.to_str().unwrap(),
        "--patience",
        "1",
        "--dead-letters",
        kept,
    ]);
    assert!(!output.status.success());
    assert!(
        said(&output).contains("dead letters 2 + not delivered 0"),
        "{}",
        said(&output)
    );
    assert!(
        said(&output).contains("HTTP 503, code 9"),
        "{}",
        said(&output)
    );
    assert_eq!(stage.kept().len(), 1);

    let back = Stage::new();
    let output = back.run(&["replay", kept, "--dry-run"]);
    assert!(
        output.status.success()
            && said(&output).contains("contain 2 events, of which 2 would be sent"),
        "{}",
        said(&output)
    );
    assert!(back.ids().is_empty() && stage.kept().len() == 1);
    let output = back.run(&["replay", kept]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(
        said(&output).contains("1 removed, 0 kept"),
        "{}",
        said(&output)
    );
    assert_eq!(back.ids(), ["a", "b"]);
    assert!(stage.kept().is_empty());
}

#[test]
fn what_is_missing_is_named() {
    let stage = Stage::new();
    let output = Command::new(env!("CARGO_BIN_EXE_sightline"))
        .args(["send", "x"])
        .env_clear()
        .output()
        .unwrap();
    let text = said(&output);
    assert!(
        !output.status.success()
            && text.contains("HEC_URL: is not set")
            && text.contains("SECRET_NAME: is not set"),
        "{text}"
    );
    let output = stage.run(&["replay", "/nowhere/at/all"]);
    assert!(
        said(&output).contains("cannot read /nowhere/at/all"),
        "{}",
        said(&output)
    );
}
