//! What is sent again, what goes, and what stays where it is.

use std::fs;

use serde_json::json;
use testkit::collector::Fault;

use crate::stage::{Stage, base64, gzip, record, said};

#[test]
fn firehoses_error_objects_are_replayed_whether_they_were_transformed_or_not() {
    let stage = Stage::new();
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
    fs::write(stage.path("kept/processing-failed"), processing).unwrap();
    fs::write(
        stage.path("kept/splunk-failed.gz"),
        gzip(failed(ready.as_bytes()).as_bytes()),
    )
    .unwrap();
    let output = stage.run(&[
        "replay",
        stage.path("kept").to_str().unwrap(),
        "--rate",
        "1000",
    ]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(
        stage.ids(),
        ["raw-1", "raw-2", "raw-3", "ready-1", "ready-2"]
    );
    assert!(stage.kept().is_empty());
    let events = String::from_utf8(stage.collector.events().concat()).unwrap();
    assert_eq!(events.matches("\"delivery_path\":\"replay\"").count(), 3);
}

#[test]
fn a_line_that_cannot_be_read_stays_alone() {
    let stage = Stage::new();
    let good = json!({"event":{"eventID":"good"}}).to_string();
    let bad = json!({"rawData":"%%%"}).to_string();
    fs::write(stage.path("kept/mixed"), format!("{bad}\n{good}\n")).unwrap();
    let output = stage.run(&["replay", stage.path("kept").to_str().unwrap()]);
    assert!(!output.status.success());
    assert!(
        said(&output).contains("rawData is not valid base64")
            && said(&output).contains("0 removed, 1 kept"),
        "{}",
        said(&output)
    );
    assert_eq!(
        fs::read_to_string(stage.path("kept/mixed")).unwrap(),
        format!("{bad}\n")
    );
    let _again = stage.run(&["replay", stage.path("kept").to_str().unwrap()]);
    assert_eq!(stage.ids(), ["good"], "nothing twice");
}

#[test]
fn what_is_no_dead_letter_is_not_touched() {
    let stage = Stage::new();
    let log_file = format!("{{\"Records\":[{}]}}", record("a"));
    let raw = json!({"errorCode":"Lambda.FunctionError","rawData":base64(br#"{"event":{"userName":"asha.rao"}}"#)}).to_string();
    let contents: [(&str, &[u8]); 4] = [
        ("log.json", log_file.as_bytes()),
        ("table.parquet", b"PAR1\r\n\r\n  \x00\xff\n\n"),
        ("pretty.json", b"{\n  \"event\": 1\n}\n"),
        ("raw", raw.as_bytes()),
    ];
    for (name, content) in contents {
        fs::write(stage.path("kept").join(name), content).unwrap();
    }
    let output = stage.run(&["replay", stage.path("kept").to_str().unwrap()]);
    assert!(
        !output.status.success() && said(&output).contains("0 removed, 4 kept"),
        "{}",
        said(&output)
    );
    assert!(!said(&output).contains("asha.rao"));
    for (name, content) in contents {
        assert_eq!(
            fs::read(stage.path("kept").join(name)).unwrap(),
            content,
            "{name}"
        );
    }
    assert!(stage.collector.events().is_empty());
}

#[test]
fn one_corrupt_object_holds_up_no_other() {
    let stage = Stage::new();
    let good = json!({"event":{"eventID":"good"}}).to_string();
    let whole = gzip(good.as_bytes());
    fs::write(stage.path("kept/a.gz"), &whole[..whole.len() - 6]).unwrap();
    fs::write(stage.path("kept/b.gz"), &whole).unwrap();
    let output = stage.run(&["replay", stage.path("kept").to_str().unwrap()]);
    assert!(
        !output.status.success() && said(&output).contains("1 removed, 1 kept"),
        "{}",
        said(&output)
    );
    assert_eq!(stage.ids(), ["good"], "and nothing of the corrupt one");
}

#[test]
fn a_wrong_token_stops_the_replay_and_changes_nothing() {
    let stage = Stage::new();
    fs::write(stage.path("token"), "wrong").unwrap();
    for name in ["a", "b"] {
        fs::write(
            stage.path("kept").join(name),
            json!({"event":{"eventID":name}}).to_string(),
        )
        .unwrap();
    }
    let output = stage.run(&["replay", stage.path("kept").to_str().unwrap()]);
    assert!(!output.status.success(), "{}", said(&output));
    for words in ["rejects the token", "stopped before the end", "0 removed"] {
        assert!(said(&output).contains(words), "{}", said(&output));
    }
    assert_eq!(stage.kept().len(), 2);
}

#[test]
fn only_what_is_left_of_an_object_is_sent_again() {
    let stage = Stage::new();
    let lines: Vec<String> = (0..40)
        .map(|id| json!({"event":{"eventID":format!("{id:02}")}}).to_string())
        .collect();
    fs::write(stage.path("kept/letters"), lines.join("\n")).unwrap();
    stage.collector.faults().extend([
        Fault::Slow(std::time::Duration::ZERO),
        Fault::Slow(std::time::Duration::ZERO),
    ]);
    stage
        .collector
        .faults()
        .extend(vec![Fault::BusyCode9; 1000]);
    let kept = stage.path("kept");
    let kept = kept.to_str().unwrap();
    let output = stage.run(&["replay", kept, "--rate", "100", "--patience", "1"]);
    assert!(!output.status.success());
    assert_eq!(stage.ids().len(), 20, "{}", said(&output));
    let back = Stage::new();
    assert!(back.run(&["replay", kept]).status.success());
    assert_eq!(
        back.ids(),
        (20..40).map(|id| format!("{id:02}")).collect::<Vec<_>>()
    );
    assert!(stage.kept().is_empty());
}

#[test]
fn a_note_about_a_file_that_is_gone_is_removed() {
    let stage = Stage::new();
    // A replay that was killed after it had removed the file.
    let note = stage.path("kept/a.gz.sightline-progress");
    fs::write(&note, "x").unwrap();
    let kept = stage.path("kept");
    let dry = stage.run(&["replay", kept.to_str().unwrap(), "--dry-run"]);
    assert!(dry.status.success() && note.exists(), "{}", said(&dry));
    let output = stage.run(&["replay", kept.to_str().unwrap()]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(stage.kept().is_empty(), "{:?}", stage.kept());
}
