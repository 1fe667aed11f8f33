//! CloudTrail events in every trigger of `event-forwarder`.
#![allow(clippy::unwrap_used, reason = "a test may stop at what is not there")]

use serde_json::json;
use triggers::{EventText, Trigger};

/// The texts of an event that is not from a queue.
fn direct(event: &str) -> Vec<EventText> {
    match Trigger::parse(event).unwrap() {
        Trigger::Direct(content) => content.complete().unwrap(),
        queue @ Trigger::Queue(_) => panic!("{queue:?}"),
    }
}

/// The ids and texts of the messages of a queue; no texts if a message is not accepted.
fn queued(event: &str) -> Vec<(String, Option<Vec<EventText>>)> {
    let Trigger::Queue(messages) = Trigger::parse(event).unwrap() else {
        panic!("a queue");
    };
    let message = |message: triggers::QueueMessage<EventText>| {
        let texts = message.content.and_then(triggers::Content::complete);
        (message.id, texts.ok())
    };
    messages.into_iter().map(message).collect()
}

fn event_bridge(kind: &str) -> serde_json::Value {
    json!({"version":"0","id":"i","detail-type":kind,"source":"aws.cloudtrail","account":"111122223333","region":"eu-west-1","detail":{"eventVersion":"1.09","eventTime":"2026-01-01T00:00:00Z"}})
}

#[test]
fn all_detail_types_of_cloudtrail_are_accepted() {
    for kind in [
        "AWS API Call via CloudTrail",
        "AWS Console Signin via CloudTrail",
        "AWS Console Sign In via CloudTrail",
        "AWS Console Action via CloudTrail",
        "AWS Service Event via CloudTrail",
        "AWS Insight via CloudTrail",
        "AWS Network Activity Event via CloudTrail",
    ] {
        let event = event_bridge(kind).to_string();
        assert_eq!(direct(&event), [EventText::Plain(event)]);
    }
}

#[test]
fn events_are_unwrapped_from_queues_and_topics() {
    let event = event_bridge("AWS API Call via CloudTrail").to_string();
    let in_topic = json!({"Type":"Notification","Message":event}).to_string();
    let logs = json!({"awslogs":{"data":"e30="}}).to_string();
    let queue = json!({"Records":[
        {"messageId":"1","eventSource":"aws:sqs","body":event},
        {"messageId":"2","eventSource":"aws:sqs","body":in_topic},
        {"messageId":"3","eventSource":"aws:sqs","body":logs},
        {"messageId":"4","eventSource":"aws:sqs","body":"garbage"},
        {"messageId":"5","eventSource":"aws:sqs","body":event_bridge("Object Created").to_string()},
        {"messageId":"6","eventSource":"aws:sqs"},
    ]});
    let messages = queued(&queue.to_string());
    let plain = EventText::Plain(event.clone());
    assert_eq!(messages[0], ("1".into(), Some(vec![plain.clone()])));
    assert_eq!(messages[1], ("2".into(), Some(vec![plain.clone()])));
    let envelope = EventText::Bytes(b"{}".to_vec());
    assert_eq!(messages[2], ("3".into(), Some(vec![envelope])));
    assert!(messages[3..].iter().all(|(_, texts)| texts.is_none()));
    let topic = json!({"Records":[{"EventSource":"aws:sns","Sns":{"Message":event}}]});
    assert_eq!(direct(&topic.to_string()), [plain]);
}

#[test]
fn a_record_of_sqs_that_cannot_be_parsed_fails_alone() {
    let event = event_bridge("AWS API Call via CloudTrail").to_string();
    let queue = json!({"Records":[
        {"messageId":"1","eventSource":"aws:sqs","body":event},
        {"messageId":"2","eventSource":"aws:sqs","body":event,"attributes":{"SentTimestamp":1}},
        {"messageId":"3","eventSource":"aws:sqs","body":7},
        "garbage",
        {"messageId":"5","eventSource":"aws:sqs","body":event},
    ]});
    let messages = queued(&queue.to_string());
    let outcomes: Vec<(&str, bool)> = messages
        .iter()
        .map(|(id, texts)| (id.as_str(), texts.is_some()))
        .collect();
    let expected = [
        ("1", true),
        ("2", false),
        ("3", false),
        ("", false),
        ("5", true),
    ];
    assert_eq!(outcomes, expected);
}

#[test]
fn other_events_are_errors_that_name_what_is_accepted() {
    for event in [
        "",
        "[]",
        "{}",
        r#"{"Records":[{"eventSource":"aws:s3"}]}"#,
        r#"{"awslogs":{"data":"%"}}"#,
    ] {
        let error = Trigger::<EventText>::parse(event).unwrap_err().to_string();
        assert!(
            error.contains("accepted are CloudTrail events of EventBridge"),
            "{error}"
        );
    }
}
