//! `sightline send` and `sightline replay`, run against a collector on this machine.
#![allow(clippy::unwrap_used, reason = "a test may stop at what is not there")]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};

use flate2::Compression;
use flate2::write::GzEncoder;
use local::collector::{Collector, CollectorOptions, Fault};
use serde_json::{Value, json};
use tempfile::TempDir;

const MASK_KEY: &str = r#"{"key_id":"k1","key":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}"#;

struct Stage {
    runtime: tokio::runtime::Runtime,
    collector: Collector,
    folder: TempDir,
}

fn record(id: &str) -> String {
    json!({"eventVersion":"1.09","eventTime":"2026-01-01T00:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","eventID":id,"userIdentity":{"type":"IAMUser","userName":"asha.rao"}}).to_string()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

fn base64(bytes: &[u8]) -> String {
    base64_simd::STANDARD.encode_to_string(bytes)
}

impl Stage {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let collector = runtime
            .block_on(Collector::start(CollectorOptions::new("t0ken")))
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("token"), "t0ken").unwrap();
        fs::write(folder.path().join("key"), MASK_KEY).unwrap();
        fs::create_dir(folder.path().join("kept")).unwrap();
        Self {
            runtime,
            collector,
            folder,
        }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sightline"));
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap());
        command
            .env("HEC_URL", self.collector.url())
            .env("MASK_MODE", "hmac");
        command.arg("--token-file").arg(self.path("token"));
        command.arg("--mask-key-file").arg(self.path("key"));
        command.output().unwrap()
    }

    fn ids(&self) -> Vec<String> {
        let _entered = self.runtime.enter();
        let id = |event: &Vec<u8>| {
            let event: Value = serde_json::from_slice(event).unwrap();
            assert!(!event.to_string().contains("asha.rao"));
            event["event"]["eventID"].as_str().map(str::to_owned)
        };
        let mut ids: Vec<String> = self.collector.events().iter().filter_map(id).collect();
        ids.sort();
        ids
    }

    fn kept(&self) -> Vec<std::path::PathBuf> {
        fn collect(folder: &Path, all: &mut Vec<std::path::PathBuf>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    collect(&path, all);
                } else {
                    all.push(path);
                }
            }
        }
        let mut all = Vec::new();
        collect(&self.path("kept"), &mut all);
        all
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

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
        said(&output).contains("events 300 = delivered 300 + dropped by selection 0"),
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
        said(&output).contains("kept as dead letters 2 + not delivered 0"),
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
            && said(&output).contains("hold 2 events, of which 2 would be sent"),
        "{}",
        said(&output)
    );
    assert!(back.ids().is_empty() && stage.kept().len() == 1);
    let output = back.run(&["replay", kept]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(
        said(&output).contains("1 removed, 0 left where they are"),
        "{}",
        said(&output)
    );
    assert_eq!(back.ids(), ["a", "b"]);
    assert!(stage.kept().is_empty());
}

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
        said(&output).contains("rawData is no base64")
            && said(&output).contains("0 removed, 1 left"),
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
        !output.status.success() && said(&output).contains("0 removed, 4 left"),
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
        !output.status.success() && said(&output).contains("1 removed, 1 left"),
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
    for words in [
        "refuses the token",
        "stopped, since the collector",
        "0 removed",
    ] {
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
