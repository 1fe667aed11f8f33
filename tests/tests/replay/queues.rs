//! Messages of dead-letter queues.

use scenarios::cloudtrail::{PERSON, record};
use scenarios::firehose::subscription;
use scenarios::{Emulator, Siem};
use serde_json::{Value, json};

use crate::{compressed, sightline, text};

/// The EventBridge event of a record.
fn event(source: &str, record: &str) -> String {
    format!(
        r#"{{"version":"0","detail-type":"AWS API Call via CloudTrail","source":"{source}","account":"1","region":"us-east-1","detail":{record}}}"#
    )
}

#[test]
fn messages_of_a_dead_letter_queue_are_delivered_and_deleted() {
    let Some(emulator) = Emulator::start() else {
        return;
    };
    let siem = Siem::start("t0ken");
    emulator.create_secret("hec", "t0ken");
    for bucket in ["logs", "kept"] {
        emulator.create_bucket(bucket);
    }
    let queue = emulator.create_queue("dead");
    let detail: Value = serde_json::from_str(&record("fast", 700)).expect("a record");
    let event = json!({"version":"0","detail-type":"AWS API Call via CloudTrail","source":"aws.ec2","account":"1","region":"us-east-1","detail":detail});
    emulator.send_message(&queue, &event.to_string());
    let file = format!(
        "{{\"Records\":[{},{}]}}",
        record("file-0", 700),
        record("file-1", 700)
    );
    emulator.put_object("logs", "AWSLogs/1/CloudTrail/x.json.gz", &compressed(&file));
    emulator.send_message(
        &queue,
        r#"{"bucket":"logs","key":"AWSLogs/1/CloudTrail/x.json.gz","next_record":1}"#,
    );
    emulator.send_message(
        &queue,
        r#"{"bucket":"logs","key":"AWSLogs/1/CloudTrail/missing.json.gz","next_record":0}"#,
    );

    // A replay sends small records too: `ONLY_OVER_BYTES` does not apply.
    let arguments = ["replay", &queue, "--only-over-bytes", "262144"];
    let Some(output) = sightline(&emulator, &siem, &arguments) else {
        return;
    };
    assert_eq!(siem.ids(), ["fast", "file-1"], "{}", text(&output));
    assert!(
        text(&output).contains("2 removed, 1 kept"),
        "{}",
        text(&output)
    );
    assert!(text(&output).contains("NoSuchKey"), "{}", text(&output));
    assert!(
        siem.events()
            .iter()
            .all(|event| event["fields"]["delivery_path"] == "replay")
    );
}

#[test]
fn a_message_is_deleted_only_when_its_events_are_delivered() {
    let Some(emulator) = Emulator::start() else {
        return;
    };
    let siem = Siem::start("t0ken");
    emulator.create_secret("hec", "t0ken");
    for bucket in ["logs", "kept"] {
        emulator.create_bucket(bucket);
    }
    let queue = emulator.create_queue("dead");
    let exact = |id: &str, source: &str| {
        let numbers = r#""n":123456789012345678901234567890,"f":1.10,"eventVersion""#;
        event(
            source,
            &record(id, 700).replace(r#""eventVersion""#, numbers),
        )
    };
    emulator.put_object(
        "logs",
        "AWSLogs/1/CloudTrail/x.json.gz",
        &compressed(&format!("{{\"Records\":[{}]}}", record("file", 700))),
    );
    let s3_record = |version: &str| json!({"eventVersion":version,"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"logs"},"object":{"key":"AWSLogs/1/CloudTrail/x.json.gz"}}});
    let notification = |versions: &[&str]| {
        json!({"Records": versions.iter().map(|v| s3_record(v)).collect::<Vec<_>>()}).to_string()
    };
    let topic = |message: &str| {
        json!({"Records":[{"EventSource":"aws:sns","Sns":{"Message":message}}]}).to_string()
    };
    for message in [
        exact("about-s3", "aws.s3"),
        format!(r#"{{"requestPayload":{}}}"#, exact("wrapped", "aws.ec2")),
        topic(&exact("topic", "aws.ec2")),
        json!({"awslogs":{"data":base64_simd::STANDARD.encode_to_string(subscription(&[record("logs", 700)]))}}).to_string(),
        format!(r#"{{"requestPayload":{}}}"#, notification(&["2.1"])),
        // One record of the first message and all of the second cannot be processed.
        notification(&["2.1", "3.0"]),
        r#"{"Records":[{"x":1}]}"#.to_owned(),
    ] {
        emulator.send_message(&queue, &message);
    }
    let Some(output) = sightline(&emulator, &siem, &["replay", &queue]) else {
        return;
    };
    // The object in the mixed notification is sent too.
    assert_eq!(
        siem.ids(),
        ["about-s3", "file", "file", "logs", "topic", "wrapped"],
        "{}",
        text(&output)
    );
    assert_eq!(siem.events().len(), 6, "nothing else");
    assert!(
        text(&output).contains("5 removed, 2 kept") && !output.status.success(),
        "{}",
        text(&output)
    );
    assert!(!text(&output).contains(PERSON));

    let kept =
        sightline(&emulator, &siem, &["replay", &queue, "--keep"]).expect("it was there before");
    assert!(
        text(&kept).contains("0 removed"),
        "it ends: {}",
        text(&kept)
    );
}

#[test]
fn an_event_that_is_never_accepted_does_not_block_other_messages() {
    let Some(emulator) = Emulator::start() else {
        return;
    };
    let siem = Siem::behind_firewall("t0ken", "<script>");
    emulator.create_secret("hec", "t0ken");
    for bucket in ["logs", "kept"] {
        emulator.create_bucket(bucket);
    }
    let queue = emulator.create_queue("dead");
    let bad = |id: &str| {
        let mark = r#""n":"<script>","eventVersion""#;
        record(id, 700).replace(r#""eventVersion""#, mark)
    };
    // As an event and as an object.
    let key = "AWSLogs/1/CloudTrail/x.json.gz";
    let file = format!("{{\"Records\":[{}]}}", bad("bad-file"));
    emulator.put_object("logs", key, &compressed(&file));
    for message in [
        event("aws.ec2", &record("a", 700)),
        event("aws.ec2", &bad("bad")),
        format!(r#"{{"bucket":"logs","key":"{key}","next_record":0}}"#),
        event("aws.ec2", &record("b", 700)),
        event("aws.ec2", &record("c", 700)),
    ] {
        emulator.send_message(&queue, &message);
    }
    let Some(output) = sightline(&emulator, &siem, &["replay", &queue]) else {
        return;
    };
    assert_eq!(siem.ids(), ["a", "b", "c"], "{}", text(&output));
    assert!(
        text(&output).contains("3 removed, 2 kept") && !output.status.success(),
        "{}",
        text(&output)
    );
}

#[test]
fn messages_in_flight_are_reported_and_fail_the_replay() {
    let Some(emulator) = Emulator::start() else {
        return;
    };
    let siem = Siem::start("t0ken");
    emulator.create_secret("hec", "t0ken");
    emulator.create_bucket("kept");
    let queue = emulator.create_queue("dead");
    for id in ["held-0", "held-1"] {
        emulator.send_message(&queue, &event("aws.ec2", &record(id, 700)));
    }
    // As after a killed replay: received, neither deleted nor returned.
    assert_eq!(emulator.receive(&queue, "dead").len(), 2);
    emulator.send_message(&queue, &event("aws.ec2", &record("free", 700)));

    for (run, removed) in ["1 removed", "0 removed"].into_iter().enumerate() {
        let Some(output) = sightline(&emulator, &siem, &["replay", &queue]) else {
            return;
        };
        let said = text(&output);
        assert!(said.contains(removed), "{run}: {said}");
        assert!(
            said.contains("2 messages that this replay has not received: 2 in flight"),
            "{said}"
        );
        assert_eq!(output.status.code(), Some(1), "{said}");
    }
    assert_eq!(siem.ids(), ["free"]);
}

#[test]
fn a_message_that_stays_can_be_received_at_once() {
    let Some(emulator) = Emulator::start() else {
        return;
    };
    let siem = Siem::start("t0ken");
    emulator.create_secret("hec", "t0ken");
    emulator.create_bucket("kept");
    let queue = emulator.create_queue("dead");
    emulator.send_message(&queue, "garbage");
    for arguments in [&["replay", &queue, "--dry-run"][..], &["replay", &queue]] {
        let Some(output) = sightline(&emulator, &siem, arguments) else {
            return;
        };
        assert!(
            text(&output).contains("is not a JSON object"),
            "{}",
            text(&output)
        );
        assert!(!text(&output).contains("in flight"), "{}", text(&output));
    }
    assert_eq!(emulator.receive(&queue, "dead").len(), 1);
}
