//! The `s3-forwarder` binary with a bucket and a queue of the emulator, and a collector.

mod continuations;
mod jobs;

use std::time::Duration;

use scenarios::cloudtrail::{ADDRESS, PERSON, record};
use scenarios::firehose::gzip;
use scenarios::logs::counted;
use scenarios::{Emulator, Function, Siem, artifacts};
use serde_json::{Value, json};
use testkit::collector::Fault;

const SOON: Duration = Duration::from_secs(60);
const KEY: &str = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/01/01/a+b%20c.json.gz";

struct Fixture {
    emulator: Emulator,
    siem: Siem,
    queue: String,
    function: Function,
}

fn log_file(ids: std::ops::Range<usize>) -> Vec<u8> {
    let records: Vec<String> = ids.map(|id| record(&format!("{id:04}"), 900)).collect();
    gzip(format!("{{\"Records\":[{}]}}", records.join(",")).as_bytes())
}

fn ids(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|id| format!("{id:04}")).collect()
}

/// The function with masking and these additional settings, and the services that it calls.
fn fixture(more: &[(&str, &str)]) -> Option<Fixture> {
    let (binary, emulator) = (artifacts::binary("s3-forwarder")?, Emulator::start()?);
    let siem = Siem::start("t0ken");
    emulator.create_bucket("logs");
    emulator.create_bucket("kept");
    let queue = emulator.create_queue("files");
    emulator.notify("logs", "files");
    // Removes the bucket's test message.
    let _test = emulator.receive_all(&queue, "files", 1);
    emulator.create_secret("hec", r#"{"hec_token":"t0ken"}"#);
    emulator.create_secret(
        "mask",
        r#"{"key_id":"k1","key":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}"#,
    );
    let (aws, hec) = (emulator.url(), siem.url());
    let mut settings = vec![
        ("AWS_ENDPOINT_URL", aws.as_str()),
        ("HEC_URL", &hec),
        ("SECRET_NAME", "hec"),
        ("DLQ_BUCKET", "kept"),
        ("MASK_MODE", "hmac"),
        ("MASK_KEY_SECRET", "mask"),
        ("HEC_MAX_BYTES", "20000"),
    ];
    settings.extend(more);
    let function = Function::start(&binary, &settings);
    Some(Fixture {
        emulator,
        siem,
        queue,
        function,
    })
}

impl Fixture {
    /// Invokes the function with this number of messages, and returns them and the ids that failed.
    fn poll(&mut self, count: usize, deadline: Duration) -> (Vec<Value>, Vec<String>) {
        let messages = self.emulator.receive_all(&self.queue, "files", count);
        let answer = self
            .function
            .invoke(json!({ "Records": messages }).to_string(), deadline)
            .response();
        let answer: Value = serde_json::from_slice(&answer).expect("a partial batch response");
        let failures = answer["batchItemFailures"].as_array().expect("a list");
        let failed = failures.iter().map(|failure| {
            failure["itemIdentifier"]
                .as_str()
                .expect("an id")
                .to_owned()
        });
        (messages, failed.collect())
    }
}

#[test]
fn an_object_that_is_put_into_the_bucket_arrives() {
    let Some(mut fixture) = fixture(&[]) else {
        return;
    };
    fixture.emulator.put_object("logs", KEY, &log_file(0..60));
    fixture
        .emulator
        .put_object("logs", "AWSLogs/1/CloudTrail-Digest/x.json.gz", b"{}");
    let (_, failed) = fixture.poll(2, SOON);
    assert!(failed.is_empty(), "{failed:?}");
    assert_eq!(fixture.siem.ids(), ids(0..60));
    let event = &fixture.siem.events()[0];
    assert_eq!(
        event["source"],
        "s3://logs/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/01/01/a+b c.json.gz"
    );
    assert_eq!(event["fields"]["delivery_path"], "s3");
    let output = fixture.function.output();
    // Published Logs Insights queries search for these texts.
    assert!(
        output.contains("Processing: s3://logs/AWSLogs/111122223333/CloudTrail/"),
        "{output}"
    );
    assert!(output.contains(" events, HTTP 200"), "{output}");
    assert_eq!(
        (counted(&output, "EventsIn"), counted(&output, "EventsOut")),
        (60, 60)
    );
    for secret in [PERSON, ADDRESS, "t0ken"] {
        assert!(
            !output.contains(secret)
                && !fixture
                    .siem
                    .events()
                    .iter()
                    .any(|event| event.to_string().contains(secret))
        );
    }
}

#[test]
fn a_malformed_message_and_a_missing_object_fail_separately() {
    let Some(mut fixture) = fixture(&[]) else {
        return;
    };
    fixture.emulator.put_object("logs", KEY, &log_file(0..5));
    fixture.emulator.send_message(&fixture.queue, "no JSON");
    fixture.emulator.send_message(
        &fixture.queue,
        r#"{"bucket":"logs","key":"AWSLogs/1/CloudTrail/missing.json.gz","next_record":0}"#,
    );
    let (messages, failed) = fixture.poll(3, SOON);
    let body_of = |id: &String| {
        messages
            .iter()
            .find(|m| m["messageId"] == **id)
            .expect("a message")["body"]
            .clone()
    };
    let mut bodies: Vec<Value> = failed.iter().map(body_of).collect();
    bodies.sort_by_key(ToString::to_string);
    assert_eq!(bodies.len(), 2, "{bodies:?}");
    assert_eq!(bodies[0], "no JSON");
    assert_eq!(fixture.siem.ids(), ids(0..5));
    let output = fixture.function.output();
    assert!(output.contains("accepted are S3 notifications"), "{output}");
    assert!(output.contains("NoSuchKey"), "{output}");
}

#[test]
fn a_permanently_rejected_event_is_a_dead_letter_and_others_are_delivered() {
    let Some(mut fixture) = fixture(&[]) else {
        return;
    };
    fixture.emulator.put_object("logs", KEY, &log_file(0..10));
    fixture.siem.faults().push(Fault::InvalidAt(3));
    let (_, failed) = fixture.poll(1, SOON);
    assert!(failed.is_empty());
    assert_eq!(fixture.siem.ids().len(), 9);
    let keys = fixture.emulator.keys("kept");
    assert_eq!(keys.len(), 1, "{keys:?}");
    assert!(
        keys[0].starts_with("dead-letters/under-test/") && keys[0].contains("/hec-6-"),
        "{keys:?}"
    );
    let mut kept = String::new();
    let object = fixture.emulator.object("kept", &keys[0]);
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&object[..]), &mut kept)
        .expect("gzip");
    assert!(
        kept.contains("\"eventID\":\"0003\"")
            && kept.lines().count() == 1
            && !kept.contains(PERSON),
        "{kept}"
    );
    let output = fixture.function.output();
    assert_eq!(
        (
            counted(&output, "EventsOut"),
            counted(&output, "EventsQuarantined")
        ),
        (9, 1)
    );
}

#[test]
fn a_rotated_token_is_read_again_and_a_wrong_one_loses_nothing() {
    let Some(mut fixture) = fixture(&[]) else {
        return;
    };
    assert!(fixture.function.idle());
    let new = Siem::start("n3w");
    let hec = new.url();
    let aws = fixture.emulator.url();
    let binary = artifacts::binary("s3-forwarder").expect("it was there before");
    fixture.function = Function::start(
        &binary,
        &[
            ("AWS_ENDPOINT_URL", &aws),
            ("HEC_URL", &hec),
            ("SECRET_NAME", "hec"),
        ],
    );
    assert!(fixture.function.idle());
    fixture.emulator.put_object("logs", KEY, &log_file(0..5));
    let (messages, failed) = fixture.poll(1, SOON);
    assert_eq!(failed.len(), messages.len());
    let output = fixture.function.output();
    assert!(
        output.contains("the collector rejects the token from the secret"),
        "{output}"
    );
    assert_eq!(counted(&output, "ConfigurationFaults"), 1);
    assert!(new.ids().is_empty());

    fixture.emulator.change_secret("hec", "n3w");
    // A token that was found unchanged is not read again for a second.
    std::thread::sleep(Duration::from_millis(1100));
    let again = json!({ "Records": messages });
    let answer = fixture.function.invoke(again.to_string(), SOON).response();
    assert_eq!(answer, br#"{"batchItemFailures":[]}"#);
    assert_eq!(new.ids(), ids(0..5));
}
