//! Which stored events are sent, removed and kept.

use std::fs;

use serde_json::json;
use testkit::collector::Fault;

use crate::fixture::{Fixture, base64, gzip, record, stderr};

#[test]
fn firehose_error_objects_are_replayed() {
    let fixture = Fixture::new();
    let envelope = json!({"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":"g","logStream":"s","subscriptionFilters":["f"],"logEvents":[{"id":"1","timestamp":1,"message":record("raw-1")},{"id":"2","timestamp":1,"message":record("raw-2")}]});
    let failed = |data: &[u8]| {
        json!({"attemptsMade":4,"arrivalTimestamp":1,"errorCode":"x","errorMessage":"y","rawData":base64(data)}).to_string()
    };
    let processing = [
        failed(&gzip(envelope.to_string().as_bytes())),
        failed(record("raw-3").as_bytes()),
    ]
    .join("\n");
    let ready = "{\"time\":1,\"event\":{\"eventID\":\"ready-1\"}}\n{\"time\":1,\"event\":{\"eventID\":\"ready-2\"}}\n";
    fs::write(fixture.path("kept/processing-failed"), processing).unwrap();
    fs::write(
        fixture.path("kept/splunk-failed.gz"),
        gzip(failed(ready.as_bytes()).as_bytes()),
    )
    .unwrap();
    let output = fixture.run(&[
        "replay",
        fixture.path("kept").to_str().unwrap(),
        "--rate",
        "1000",
    ]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(
        fixture.ids(),
        ["raw-1", "raw-2", "raw-3", "ready-1", "ready-2"]
    );
    assert!(fixture.kept().is_empty());
    let events = String::from_utf8(fixture.collector.events().concat()).unwrap();
    assert_eq!(events.matches("\"delivery_path\":\"replay\"").count(), 3);
}

#[test]
fn an_unparsable_line_is_kept_and_the_others_are_sent() {
    let fixture = Fixture::new();
    let good = json!({"event":{"eventID":"good"}}).to_string();
    let bad = json!({"rawData":"%%%"}).to_string();
    fs::write(fixture.path("kept/mixed"), format!("{bad}\n{good}\n")).unwrap();
    let output = fixture.run(&["replay", fixture.path("kept").to_str().unwrap()]);
    assert!(!output.status.success());
    assert!(
        stderr(&output).contains("rawData is not valid base64")
            && stderr(&output).contains("0 removed, 1 kept"),
        "{}",
        stderr(&output)
    );
    assert_eq!(
        fs::read_to_string(fixture.path("kept/mixed")).unwrap(),
        format!("{bad}\n")
    );
    let _again = fixture.run(&["replay", fixture.path("kept").to_str().unwrap()]);
    assert_eq!(fixture.ids(), ["good"], "no duplicate");
}

#[test]
fn files_of_unknown_format_are_unchanged() {
    let fixture = Fixture::new();
    let log_file = format!("{{\"Records\":[{}]}}", record("a"));
    let raw = json!({"errorCode":"Lambda.FunctionError","rawData":base64(br#"{"event":{"userName":"asha.rao"}}"#)}).to_string();
    let contents: [(&str, &[u8]); 4] = [
        ("log.json", log_file.as_bytes()),
        ("table.parquet", b"PAR1\r\n\r\n  \x00\xff\n\n"),
        ("pretty.json", b"{\n  \"event\": 1\n}\n"),
        ("raw", raw.as_bytes()),
    ];
    for (name, content) in contents {
        fs::write(fixture.path("kept").join(name), content).unwrap();
    }
    let output = fixture.run(&["replay", fixture.path("kept").to_str().unwrap()]);
    assert!(
        !output.status.success() && stderr(&output).contains("0 removed, 4 kept"),
        "{}",
        stderr(&output)
    );
    assert!(!stderr(&output).contains("asha.rao"));
    for (name, content) in contents {
        assert_eq!(
            fs::read(fixture.path("kept").join(name)).unwrap(),
            content,
            "{name}"
        );
    }
    assert!(fixture.collector.events().is_empty());
}

#[test]
fn a_corrupt_object_does_not_block_others() {
    let fixture = Fixture::new();
    let good = json!({"event":{"eventID":"good"}}).to_string();
    let whole = gzip(good.as_bytes());
    fs::write(fixture.path("kept/a.gz"), &whole[..whole.len() - 6]).unwrap();
    fs::write(fixture.path("kept/b.gz"), &whole).unwrap();
    let output = fixture.run(&["replay", fixture.path("kept").to_str().unwrap()]);
    assert!(
        !output.status.success() && stderr(&output).contains("1 removed, 1 kept"),
        "{}",
        stderr(&output)
    );
    assert_eq!(fixture.ids(), ["good"], "no event of the corrupt object");
}

#[test]
fn a_wrong_token_stops_the_replay_and_changes_nothing() {
    let fixture = Fixture::new();
    fs::write(fixture.path("token"), "wrong").unwrap();
    for name in ["a", "b"] {
        fs::write(
            fixture.path("kept").join(name),
            json!({"event":{"eventID":name}}).to_string(),
        )
        .unwrap();
    }
    let output = fixture.run(&["replay", fixture.path("kept").to_str().unwrap()]);
    assert!(!output.status.success(), "{}", stderr(&output));
    for words in ["rejects the token", "stopped before the end", "0 removed"] {
        assert!(stderr(&output).contains(words), "{}", stderr(&output));
    }
    assert_eq!(fixture.kept().len(), 2);
}

#[test]
fn only_undelivered_lines_are_sent_again() {
    let fixture = Fixture::new();
    let lines: Vec<String> = (0..40)
        .map(|id| json!({"event":{"eventID":format!("{id:02}")}}).to_string())
        .collect();
    fs::write(fixture.path("kept/letters"), lines.join("\n")).unwrap();
    fixture.collector.faults().extend([
        Fault::Slow(std::time::Duration::ZERO),
        Fault::Slow(std::time::Duration::ZERO),
    ]);
    fixture
        .collector
        .faults()
        .extend(vec![Fault::BusyCode9; 1000]);
    let kept = fixture.path("kept");
    let kept = kept.to_str().unwrap();
    let output = fixture.run(&["replay", kept, "--rate", "100", "--patience", "1"]);
    assert!(!output.status.success());
    assert_eq!(fixture.ids().len(), 20, "{}", stderr(&output));
    let back = Fixture::new();
    assert!(back.run(&["replay", kept]).status.success());
    assert_eq!(
        back.ids(),
        (20..40).map(|id| format!("{id:02}")).collect::<Vec<_>>()
    );
    assert!(fixture.kept().is_empty());
}

#[test]
fn orphaned_progress_files_are_removed() {
    let fixture = Fixture::new();
    // As after a replay that was killed when it had removed the file.
    let note = fixture.path("kept/a.gz.sightline-progress");
    fs::write(&note, "x").unwrap();
    let kept = fixture.path("kept");
    let dry = fixture.run(&["replay", kept.to_str().unwrap(), "--dry-run"]);
    assert!(dry.status.success() && note.exists(), "{}", stderr(&dry));
    let output = fixture.run(&["replay", kept.to_str().unwrap()]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(fixture.kept().is_empty(), "{:?}", fixture.kept());
}
