//! Events that tell of objects: direct, in SQS and in SNS, from EventBridge, of Batch Operations.
//! A neighbour is not touched, each record is told by itself, and what is put on a queue comes
//! back as what it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use s3_forwarder::{Found, Invocation, Task, UnknownEvent, tasks_in};
use serde_json::{Value, json};

const GOOD: &str = r#"{"bucket":"b","key":"k","next_record":0}"#;

/// What `body` tells of as a message of a queue.
fn queued(body: &str) -> Result<Found, UnknownEvent> {
    let record = |body: &str| json!({ "messageId": body, "eventSource": "aws:sqs", "eventSourceARN": "q", "body": body });
    let event = json!({ "Records": [record(GOOD), record(body), record(GOOD)] }).to_string();
    let Ok(Invocation::Queue(messages)) = Invocation::parse(&event) else {
        panic!("a queue");
    };
    let [first, odd, last] = <[_; 3]>::try_from(messages).expect("three messages");
    for good in [first, last] {
        let found = good.found.expect("it is good");
        assert_eq!(found.tasks, [Task::new("b", "k".into(), None)]);
        assert!(found.unknown.is_empty());
    }
    assert_eq!((&*odd.id, &*odd.queue), (body, "q"));
    odd.found
}

/// What holds of all that is found.
fn holds(found: &Found) {
    for task in &found.tasks {
        let message = serde_json::to_string(task).expect("a task is JSON");
        let again = tasks_in(&message).expect("a continuation is known");
        let expected = Task {
            other_key: None,
            ..task.clone()
        };
        assert_eq!(again.tasks, [expected]);
    }
    assert!(found.unknown.is_empty() || !found.tasks.is_empty());
    for unknown in &found.unknown {
        match tasks_in(&unknown.body) {
            Err(why) => assert_eq!(why, unknown.why),
            // By itself it stands less deep.
            Ok(_) => assert!(unknown.why.0.contains("too deep")),
        }
    }
}

fuzz_target!(|text: &str| {
    let message = queued(text);
    if let Ok(found) = &message {
        holds(found);
    }
    match (Invocation::parse(text), &message) {
        (Ok(Invocation::Direct(direct)), Ok(message)) => assert_eq!(direct.tasks, message.tasks),
        (Ok(Invocation::Direct(_)), Err(_)) => panic!("a queue knows what comes directly"),
        (Ok(Invocation::Batch(job)), _) => {
            let event: Value = serde_json::from_str(text).expect("it was read");
            let tasks = event["tasks"].as_array().expect("it has tasks");
            assert_eq!(job.tasks.len(), tasks.len());
        }
        (Ok(Invocation::Queue(_)), message) => assert!(message.is_err()),
        (Err(_), message) => assert!(message.is_err()),
    }
    let in_topic = json!({ "Type": "Notification", "Message": text }).to_string();
    match (tasks_in(&in_topic), message) {
        (Ok(in_topic), Ok(message)) => assert!(in_topic.tasks.len() <= message.tasks.len()),
        (Ok(_), Err(_)) => panic!("a topic knows no more than a queue"),
        (Err(_), Err(_)) => {}
        (Err(why), Ok(_)) => assert!(why.0.contains("too deep")),
    }
});
