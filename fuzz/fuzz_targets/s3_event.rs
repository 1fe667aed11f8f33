//! Events about objects: direct, in SQS and SNS, from EventBridge, from S3 Batch Operations. Other
//! messages and records are not affected, and a continuation parses back to the same task.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use triggers::{BatchJob, Content, ObjectTask, Trigger, TriggerError};

type Found = Content<ObjectTask>;

const GOOD: &str = r#"{"bucket":"b","key":"k","next_record":0}"#;

/// The content of `body` as a message of a queue.
fn queued(body: &str) -> Result<Found, TriggerError> {
    let record = |body: &str| json!({ "messageId": body, "eventSource": "aws:sqs", "eventSourceARN": "q", "body": body });
    let event = json!({ "Records": [record(GOOD), record(body), record(GOOD)] }).to_string();
    let Ok(Trigger::Queue(messages)) = Trigger::parse(&event) else {
        panic!("a queue");
    };
    let [first, odd, last] = <[_; 3]>::try_from(messages).expect("three messages");
    for good in [first, last] {
        let found = good.content.expect("it is valid");
        assert_eq!(found.payloads, [ObjectTask::new("b", "k".into(), None)]);
        assert!(found.unparsed.is_empty());
    }
    assert_eq!((&*odd.id, &*odd.queue), (body, "q"));
    odd.content
}

/// Invariants of all content.
fn holds(found: &Found) {
    for task in &found.payloads {
        let message = serde_json::to_string(task).expect("a task is JSON");
        let again = Found::parse(&message).expect("a continuation is known");
        let expected = ObjectTask {
            other_key: None,
            ..task.clone()
        };
        assert_eq!(again.payloads, [expected]);
    }
    assert!(found.unparsed.is_empty() || !found.payloads.is_empty());
    for unparsed in &found.unparsed {
        match Found::parse(&unparsed.body) {
            Err(error) => assert_eq!(error, unparsed.error),
            // Alone, it is nested less deep.
            Ok(_) => assert!(unparsed.error.reason.contains("too deep")),
        }
    }
}

fuzz_target!(|text: &str| {
    let message = queued(text);
    if let Ok(found) = &message {
        holds(found);
    }
    if let Some(Ok(job)) = BatchJob::parse(text) {
        let event: Value = serde_json::from_str(text).expect("it was parsed");
        let tasks = event["tasks"].as_array().expect("it has tasks");
        assert_eq!(job.tasks.len(), tasks.len());
    }
    match (Trigger::<ObjectTask>::parse(text), &message) {
        (Ok(Trigger::Direct(direct)), Ok(message)) => assert_eq!(direct.payloads, message.payloads),
        (Ok(Trigger::Direct(_)), Err(_)) => panic!("a queue accepts what is accepted directly"),
        (Ok(Trigger::Queue(_)) | Err(_), message) => assert!(message.is_err()),
    }
    let in_topic = json!({ "Type": "Notification", "Message": text }).to_string();
    match (Found::parse(&in_topic), message) {
        (Ok(in_topic), Ok(message)) => assert!(in_topic.payloads.len() <= message.payloads.len()),
        (Ok(_), Err(_)) => panic!("a topic accepts no more than a queue"),
        (Err(_), Err(_)) => {}
        (Err(why), Ok(_)) => assert!(why.reason.contains("too deep")),
    }
});
