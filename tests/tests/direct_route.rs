//! A CloudWatch Logs subscription straight to `event-forwarder`, with the on-failure destination
//! and `s3-forwarder` behind it. The test acts as Lambda: it retries asynchronous
//! invocations and writes the record of the failed one, as the Lambda developer guide describes
//! ("How Lambda handles errors and retries with asynchronous invocation", "Capturing records of
//! Lambda asynchronous invocations").

use std::time::Duration;

use base64_simd::STANDARD;
use scenarios::cloudtrail::{ADDRESS, PERSON, ids, record};
use scenarios::firehose::subscription;
use scenarios::logs::counted;
use scenarios::{Emulator, Function, Siem, artifacts};
use serde_json::{Value, json};
use testkit::collector::Fault;

const SOON: Duration = Duration::from_secs(30);

/// Maximum number of invocations of Lambda for one event.
const ATTEMPTS: usize = 3;

struct Fixture {
    emulator: Emulator,
    siem: Siem,
    queue: String,
}

impl Fixture {
    fn new() -> Option<Self> {
        let emulator = Emulator::start()?;
        emulator.create_secret("hec", "t0ken");
        emulator.create_secret(
            "mask",
            r#"{"key_id":"k1","key":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}"#,
        );
        emulator.create_bucket("undelivered");
        emulator.create_bucket("kept");
        let queue = emulator.create_queue("undelivered");
        emulator.notify("undelivered", "undelivered");
        // Removes the bucket's test message.
        let _test = emulator.receive_all(&queue, "undelivered", 1);
        Some(Self {
            emulator,
            siem: Siem::start("t0ken"),
            queue,
        })
    }

    /// A function with the settings that the deployment gives it.
    fn function(&self, name: &str, more: &[(&str, &str)]) -> Option<Function> {
        let (aws, hec) = (self.emulator.url(), self.siem.url());
        let mut settings = vec![
            ("AWS_ENDPOINT_URL", aws.as_str()),
            ("HEC_URL", &hec),
            ("SECRET_NAME", "hec"),
            ("DLQ_BUCKET", "kept"),
            ("MASK_MODE", "hmac"),
            ("MASK_KEY_SECRET", "mask"),
        ];
        settings.extend(more);
        Some(Function::start(&artifacts::binary(name)?, &settings))
    }

    fn collector_goes_down(&self) {
        // Longer than any invocation, so that the functions stop at once.
        let down = Fault::Status {
            status: 503,
            retry_after: Some(3600),
        };
        self.siem.faults().extend(vec![down; 1000]);
    }

    /// Writes Lambda's record of the invocations that failed, the last of them with `error`.
    fn write_record(&self, event: &Value, error: &[u8]) {
        let error: Value = serde_json::from_slice(error).expect("an error of a function");
        let record = json!({
            "version": "1.0", "timestamp": "2026-01-02T03:04:05.678Z",
            "requestContext": {
                "requestId": "e4b46cbf-b738-4880-8880-a18cdf61200e",
                "functionArn": "arn:aws:lambda:us-east-1:111122223333:function:event-forwarder:live",
                "condition": "RetriesExhausted", "approximateInvokeCount": ATTEMPTS,
            },
            "requestPayload": event,
            "responseContext": { "statusCode": 200, "executedVersion": "7", "functionError": "Unhandled" },
            "responsePayload": error,
        });
        let key = "aws/lambda/async/event-forwarder/2026/01/02/2026-01-02T03.04.05-0b9e4a52";
        let record = record.to_string();
        self.emulator
            .put_object("undelivered", key, record.as_bytes());
    }
}

/// A subscription event with these records.
fn event(records: &[String]) -> Value {
    json!({ "awslogs": { "data": STANDARD.encode_to_string(subscription(records)) } })
}

fn records(count: usize) -> Vec<String> {
    ids("e", count).iter().map(|id| record(id, 700)).collect()
}

/// Invokes the function with the messages, and returns how many of them stay on the queue.
fn failures(function: &mut Function, messages: &[Value]) -> usize {
    let event = json!({ "Records": messages }).to_string();
    let answer = function.invoke(event, SOON).response();
    let answer: Value = serde_json::from_slice(&answer).expect("a partial batch response");
    answer["batchItemFailures"]
        .as_array()
        .expect("a list")
        .len()
}

#[test]
fn an_event_survives_an_outage_of_the_collector_and_arrives_once_and_masked() {
    let Some(fixture) = Fixture::new() else {
        return;
    };
    let Some(mut events) = fixture.function("event-forwarder", &[]) else {
        return;
    };
    let limit = [("ONLY_OVER_BYTES", "262144")];
    let Some(mut files) = fixture.function("s3-forwarder", &limit) else {
        return;
    };
    fixture.collector_goes_down();
    let event = event(&records(5));
    let mut error = Vec::new();
    for _ in 0..ATTEMPTS {
        error = events.invoke(event.to_string(), SOON).error();
        let text = String::from_utf8_lossy(&error).into_owned();
        assert!(text.contains("5 of 5 events are not delivered"), "{text}");
    }
    fixture.write_record(&event, &error);

    // The notification of the record is processed while the collector is still down.
    let messages = fixture
        .emulator
        .receive_all(&fixture.queue, "undelivered", 1);
    for _ in 0..2 {
        assert_eq!(failures(&mut files, &messages), 1, "it stays on its queue");
    }
    assert_eq!(
        fixture.emulator.keys("undelivered").len(),
        1,
        "no new object"
    );
    assert!(fixture.emulator.keys("kept").is_empty(), "no new object");
    let more = fixture.emulator.receive(&fixture.queue, "undelivered");
    assert!(more.is_empty(), "no new message: {more:?}");
    assert!(fixture.siem.ids().is_empty());

    fixture.siem.faults().clear();
    assert_eq!(failures(&mut files, &messages), 0);
    assert_eq!(
        fixture.siem.ids(),
        ids("e", 5),
        "nothing lost, nothing twice"
    );
    for event in fixture.siem.events() {
        assert_eq!(
            event["source"],
            "cloudwatch:trail:111122223333_CloudTrail_us-east-1"
        );
        assert_eq!(event["fields"]["delivery_path"], "cloudwatch");
    }
    for text in [
        format!("{:?}", fixture.siem.events()),
        events.output(),
        files.output(),
    ] {
        assert!(!text.contains(PERSON) && !text.contains(ADDRESS), "{text}");
    }
    assert_eq!(counted(&files.output(), "EventsOut"), 5);
}

#[test]
fn a_subscription_is_delivered_and_its_probe_is_not_an_event() {
    let Some(fixture) = Fixture::new() else {
        return;
    };
    let Some(mut function) = fixture.function("event-forwarder", &[]) else {
        return;
    };
    let control = json!({
        "messageType": "CONTROL_MESSAGE", "owner": "CloudwatchLogs", "logGroup": "", "logStream": "",
        "subscriptionFilters": [], "logEvents": [{ "id": "", "timestamp": 1, "message": "CWL CONTROL MESSAGE: Checking health of destination" }],
    });
    let probe = scenarios::firehose::gzip(control.to_string().as_bytes());
    let probe = json!({ "awslogs": { "data": STANDARD.encode_to_string(probe) } });
    for event in [event(&records(2)), probe] {
        let answer = function.invoke(event.to_string(), SOON).response();
        assert_eq!(answer, b"null");
    }
    assert_eq!(fixture.siem.ids(), ids("e", 2));
    assert_eq!(
        fixture.siem.events()[0]["fields"]["delivery_path"],
        "cloudwatch"
    );
}

#[test]
fn a_retry_repeats_what_was_accepted_and_a_rejected_event_is_a_dead_letter() {
    let Some(fixture) = Fixture::new() else {
        return;
    };
    // Several requests, of which the collector accepts one.
    let limit = [("HEC_MAX_BYTES", "10000")];
    let Some(mut function) = fixture.function("event-forwarder", &limit) else {
        return;
    };
    fixture.siem.faults().push(Fault::Slow(Duration::ZERO));
    fixture.collector_goes_down();
    let event = event(&records(40));
    let error = function.invoke(event.to_string(), SOON).error();
    let accepted = fixture.siem.ids();
    let left = format!("{} of 40 events are not delivered", 40 - accepted.len());
    let error = String::from_utf8_lossy(&error).into_owned();
    assert!(!accepted.is_empty() && error.contains(&left), "{error}");
    assert!(fixture.emulator.keys("kept").is_empty());

    fixture.siem.faults().clear();
    fixture.siem.faults().push(Fault::InvalidAt(1));
    let answer = function.invoke(event.to_string(), SOON).response();
    assert_eq!(answer, b"null");
    let keys = fixture.emulator.keys("kept");
    assert!(keys.len() == 1 && keys[0].contains("/hec-6-"), "{keys:?}");
    let mut arrived = fixture.siem.ids();
    assert_eq!(arrived.len(), accepted.len() + 39);
    arrived.dedup();
    assert!(arrived.len() >= 39, "{arrived:?}");
}

#[test]
fn a_record_of_another_event_stays_on_the_queue() {
    let Some(fixture) = Fixture::new() else {
        return;
    };
    let Some(mut function) = fixture.function("s3-forwarder", &[]) else {
        return;
    };
    let error = br#"{"errorType":"Sightline.NotForwarded","errorMessage":"x"}"#;
    fixture.write_record(
        &json!({ "detail-type": "Object Created", "detail": {} }),
        error,
    );
    let messages = fixture
        .emulator
        .receive_all(&fixture.queue, "undelivered", 1);
    assert_eq!(failures(&mut function, &messages), 1);
    let output = function.output();
    for expected in [
        "s3://undelivered/aws/lambda/async/event-forwarder/",
        "requestPayload is neither a CloudWatch Logs subscription event nor a CloudTrail event",
    ] {
        assert!(output.contains(expected), "{output}");
    }
    assert_eq!(counted(&output, "RecordsFailed"), 1);
}
