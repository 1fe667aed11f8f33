//! The `event-forwarder` binary between EventBridge, CloudWatch Logs and a collector.

use std::time::Duration;

use scenarios::cloudtrail::{PERSON, record};
use scenarios::logs::counted;
use scenarios::loopback::{Server, status};
use scenarios::{Emulator, Function, Outcome, Siem, artifacts};
use serde_json::{Value, json};
use testkit::collector::Fault;

const SOON: Duration = Duration::from_secs(30);

fn function(emulator: &Emulator, siem: &Siem, more: &[(&str, &str)]) -> Option<Function> {
    let binary = artifacts::binary("event-forwarder")?;
    emulator.create_secret("hec", "t0ken");
    emulator.create_secret(
        "mask",
        r#"{"key_id":"k1","key":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}"#,
    );
    emulator.create_bucket("kept");
    let (aws, hec) = (emulator.url(), siem.url());
    let mut settings = vec![
        ("AWS_ENDPOINT_URL", aws.as_str()),
        ("HEC_URL", &hec),
        ("SECRET_NAME", "hec"),
        ("MASK_MODE", "hmac"),
        ("MASK_KEY_SECRET", "mask"),
    ];
    settings.extend(more);
    Some(Function::start(&binary, &settings))
}

fn event_bridge(record: &str) -> Value {
    let detail: Value = serde_json::from_str(record).expect("a record");
    json!({
        "version": "0", "id": "i", "detail-type": "AWS API Call via CloudTrail", "source": "aws.cloudtrail",
        "account": "111122223333", "time": "2023-10-27T14:30:00Z", "region": "us-east-1", "resources": [], "detail": detail,
    })
}

fn stop_logging() -> String {
    let mut record: Value = serde_json::from_str(&record("stop", 600)).expect("a record");
    record["eventSource"] = "cloudtrail.amazonaws.com".into();
    record["eventName"] = "StopLogging".into();
    record["requestParameters"] =
        json!({ "name": "arn:aws:cloudtrail:us-east-1:111122223333:trail/main" });
    record.to_string()
}

fn sqs(bodies: &[&str]) -> String {
    let record = |(at, body): (usize, &&str)| json!({ "messageId": at.to_string(), "body": body, "eventSource": "aws:sqs" });
    json!({ "Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>() }).to_string()
}

#[test]
fn a_blinding_event_arrives_with_its_annotations() {
    let Some(emulator) = Emulator::start() else {
        return;
    };
    let siem = Siem::start("t0ken");
    let Some(mut function) = function(&emulator, &siem, &[]) else {
        return;
    };
    let event = event_bridge(&stop_logging()).to_string();
    let answer = function.invoke(sqs(&[&event]), SOON).response();
    assert_eq!(answer, br#"{"batchItemFailures":[]}"#);
    let arrived = &siem.events()[0];
    assert_eq!(arrived["source"], "eventbridge:111122223333:us-east-1");
    assert_eq!(arrived["fields"]["delivery_path"], "eventbridge");
    assert_eq!(arrived["fields"]["blinding"], "success");
    assert_eq!(arrived["fields"]["severity"], "high");
    assert!(!arrived.to_string().contains(PERSON));
    let output = function.output();
    assert_eq!(
        (
            counted(&output, "BlindingEvents"),
            counted(&output, "EventsOut")
        ),
        (1, 1)
    );
    assert!(output.contains("sent 1 events, HTTP 200"), "{output}");
}

#[test]
fn messages_fail_separately() {
    let Some(emulator) = Emulator::start() else {
        return;
    };
    let siem = Siem::start("t0ken");
    let Some(mut function) = function(&emulator, &siem, &[]) else {
        return;
    };
    let [first, second] = ["a", "b"].map(|id| event_bridge(&record(id, 700)).to_string());
    let foreign =
        json!({ "source": "aws.s3", "detail-type": "Object Created", "detail": {} }).to_string();
    let answer = function
        .invoke(sqs(&[&first, "garbage", &foreign, &second]), SOON)
        .response();
    let answer: Value = serde_json::from_slice(&answer).expect("JSON");
    let failed: Vec<&str> = answer["batchItemFailures"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|f| f["itemIdentifier"].as_str())
        .collect();
    assert_eq!(failed, ["1", "2"]);
    assert_eq!(siem.ids(), ["a", "b"]);
    assert!(
        function
            .output()
            .contains("accepted are CloudTrail events of EventBridge")
    );
}

#[test]
fn an_outage_leaves_the_message_on_its_queue() {
    let Some(emulator) = Emulator::start() else {
        return;
    };
    let siem = Siem::start("t0ken");
    let Some(mut function) = function(&emulator, &siem, &[]) else {
        return;
    };
    siem.faults().extend(vec![Fault::BusyCode9; 10_000]);
    let event = event_bridge(&record("a", 700)).to_string();
    let answer = function
        .invoke(sqs(&[&event]), Duration::from_secs(3))
        .response();
    assert_eq!(answer, br#"{"batchItemFailures":[{"itemIdentifier":"0"}]}"#);
    assert!(siem.ids().is_empty());
    let output = function.output();
    assert_eq!(
        (
            counted(&output, "EventsIn"),
            counted(&output, "EventsReingested")
        ),
        (1, 1)
    );
}

#[test]
fn without_a_token_or_a_collector_it_does_not_start() {
    let Some(binary) = artifacts::binary("event-forwarder") else {
        return;
    };
    let mut function = Function::start(&binary, &[("HEC_PROFILE", "huntress")]);
    let Outcome::Exited(code, output) = function.invoke("{}", SOON) else {
        panic!("it started");
    };
    assert_eq!(code, Some(1));
    for setting in ["HEC_URL: is not set", "SECRET_NAME: is not set"] {
        assert!(output.contains(setting), "{output}");
    }
}

#[test]
fn a_response_that_cannot_be_parsed_is_not_logged() {
    let Some(binary) = artifacts::binary("event-forwarder") else {
        return;
    };
    // A date that is not valid: the SDK cannot parse the response, and its error would quote it.
    let server =
        Server::start(|_| status(200, r#"{"SecretString":"SUPERSECRET","CreatedDate":"x"}"#));
    let environment = [
        ("AWS_ENDPOINT_URL", server.url()),
        ("HEC_URL", "https://hec.example".to_owned()),
        ("SECRET_NAME", "hec".to_owned()),
    ];
    let environment = environment
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let mut function = Function::start(&binary, &environment);
    let Outcome::Exited(_, output) = function.invoke("{}", SOON) else {
        panic!("it started");
    };
    assert!(output.contains("cannot read the secret hec: "), "{output}");
    assert!(!output.contains("SUPERSECRET"), "{output}");
}
