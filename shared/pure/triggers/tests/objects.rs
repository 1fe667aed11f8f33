//! Events about objects in every trigger of `s3-forwarder`.
#![allow(clippy::unwrap_used, reason = "a test may stop at what is not there")]

use serde_json::{Value, json};
use triggers::{BatchJob, Content, ObjectTask, Trigger, TriggerError};

fn s3_record(key: &str) -> Value {
    json!({"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"logs"},"object":{"key":key,"size":1,"versionId":"v1"}}})
}

fn notification(keys: &[&str]) -> Value {
    json!({ "Records": keys.iter().map(|key| s3_record(key)).collect::<Vec<_>>() })
}

fn sqs(bodies: &[String]) -> String {
    let record = |(at, body): (usize, &String)| json!({"messageId":at.to_string(),"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-west-1:1:q","body":body});
    json!({"Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>()}).to_string()
}

fn direct(event: &str) -> Vec<ObjectTask> {
    match Trigger::parse(event).unwrap() {
        Trigger::Direct(content) => {
            assert_eq!(content.unparsed, []);
            content.payloads
        }
        queue @ Trigger::Queue(_) => panic!("{queue:?}"),
    }
}

fn content(text: &str) -> Result<Content<ObjectTask>, TriggerError> {
    Content::parse(text)
}

fn keys(tasks: &[ObjectTask]) -> Vec<&str> {
    tasks.iter().map(|task| task.key.as_str()).collect()
}

#[test]
fn every_record_of_every_message_is_parsed() {
    let two = notification(&["a+b%2Bc", "d%20e"]).to_string();
    assert_eq!(keys(&direct(&two)), ["a b+c", "d e"]);
    let topic = json!({"Records":[{"EventSource":"aws:sns","Sns":{"Message":two}},{"EventSource":"aws:sns","Sns":{"Message":two}}]}).to_string();
    assert_eq!(direct(&topic).len(), 4);
    let in_queue = json!({"Type":"Notification","Message":two}).to_string();
    let test = r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"logs"}"#.to_owned();
    let continued = r#"{"bucket":"logs","key":"a b","next_record":9}"#.to_owned();
    let Trigger::<ObjectTask>::Queue(messages) = Trigger::parse(&sqs(&[
        two.clone(),
        in_queue,
        test,
        continued,
        "garbage".into(),
        "{}".into(),
    ]))
    .unwrap() else {
        panic!("a queue");
    };
    let counts: Vec<Option<usize>> = messages
        .iter()
        .map(|message| {
            message
                .content
                .as_ref()
                .ok()
                .map(|found| found.payloads.len())
        })
        .collect();
    assert_eq!(counts, [Some(2), Some(2), Some(0), Some(1), None, None]);
    let continued = &messages[3].content.as_ref().unwrap().payloads[0];
    assert_eq!(
        (continued.next_record, continued.key.as_str()),
        (9, "a b"),
        "its key is not encoded"
    );
    assert_eq!(messages[0].queue, "arn:aws:sqs:eu-west-1:1:q");
}

#[test]
fn an_unparsed_record_fails_alone_in_its_message() {
    let mut mixed = notification(&["a", "b", "c"]);
    mixed["Records"][1]["s3"]["object"] = json!({});
    let in_topic = json!({"Type":"Notification","Message":mixed.to_string()});
    for body in [mixed.to_string(), in_topic.to_string()] {
        let found = content(&body).unwrap();
        assert_eq!(keys(&found.payloads), ["a", "c"]);
        assert_eq!(found.unparsed.len(), 1);
        // It is not accepted as a separate message either, so that it is not re-queued twice.
        let alone = &found.unparsed[0];
        assert_eq!(content(&alone.body).unwrap_err(), alone.error);
        assert_eq!(alone.error.reason, "a record of S3 has no bucket or key");
    }
}

#[test]
fn an_unparsed_message_of_a_topic_fails_alone() {
    let [good, bad] = [notification(&["a"]).to_string(), "garbage".to_owned()];
    let record = |message: &String| json!({"EventSource":"aws:sns","Sns":{"Message":message}});
    let both = json!({"Records":[record(&bad), record(&good)]}).to_string();
    let Trigger::<ObjectTask>::Direct(found) = Trigger::parse(&both).unwrap() else {
        panic!("no queue");
    };
    assert_eq!(keys(&found.payloads), ["a"]);
    assert!(found.unparsed[0].body.contains("garbage"));
}

#[test]
fn a_message_without_parsed_records_stays_whole() {
    let mut removed = notification(&["a", "b"]);
    removed["Records"][0]["eventName"] = "ObjectRemoved:Delete".into();
    removed["Records"][1]["s3"] = json!(null);
    assert!(content(&removed.to_string()).is_err());
}

#[test]
fn event_bridge_does_not_encode_keys() {
    let event = |kind: &str, key: &str| {
        json!({"version":"0","detail-type":kind,"source":"aws.s3","detail":{"bucket":{"name":"logs"},"object":{"key":key,"version-id":"v"}}}).to_string()
    };
    let task = &direct(&event("Object Created", "a+b"))[0];
    assert_eq!(
        (task.key.as_str(), task.other_key.as_deref()),
        ("a+b", Some("a b"))
    );
    assert_eq!(task.version.as_deref(), Some("v"));
    assert!(direct(&event("Object Deleted", "a")).is_empty());
    assert!(direct(&event("Object Created", "a"))[0].other_key.is_none());
}

#[test]
fn removed_objects_need_no_work_and_new_format_versions_are_errors() {
    let mut removed = notification(&["a"]);
    removed["Records"][0]["eventName"] = "ObjectRemoved:Delete".into();
    assert!(direct(&removed.to_string()).is_empty());
    let mut newer = notification(&["a"]);
    newer["Records"][0]["eventVersion"] = "2.5".into();
    newer["Records"][0]["s3"]["object"]["tags"] = json!({"x": 1});
    assert_eq!(direct(&newer.to_string()).len(), 1);
    newer["Records"][0]["eventVersion"] = "3.0".into();
    let error = Trigger::<ObjectTask>::parse(&newer.to_string())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("not 2.x") && error.contains("accepted are"),
        "{error}"
    );
}

#[test]
fn batch_operations_use_two_schemas() {
    let one = json!({"invocationSchemaVersion":"1.0","invocationId":"i","job":{"id":"j"},"tasks":[{"taskId":"t","s3Key":"a+b","s3VersionId":"1","s3BucketArn":"arn:aws:s3:::logs"}]});
    let two = json!({"invocationSchemaVersion":"2.0","invocationId":"i","job":{"id":"j","userArguments":{}},"tasks":[{"taskId":"t","s3Key":"a%20b","s3VersionId":null,"s3Bucket":"logs"}]});
    for (event, version) in [(one, Some("1")), (two, None)] {
        let job = BatchJob::parse(&event.to_string()).unwrap().unwrap();
        let task = job.tasks[0].1.as_ref().unwrap();
        assert_eq!(
            (
                task.bucket.as_str(),
                task.key.as_str(),
                task.version.as_deref()
            ),
            ("logs", "a b", version)
        );
    }
    assert!(
        BatchJob::parse(r#"{"invocationSchemaVersion":"3.0"}"#)
            .unwrap()
            .is_err()
    );
}

#[test]
fn events_in_unknown_formats_are_errors() {
    for event in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"Records":[{}]}"#,
        r#"{"source":"aws.s3","detail-type":"Object Created"}"#,
        r#"{"next_record":1}"#,
    ] {
        assert!(Trigger::<ObjectTask>::parse(event).is_err(), "{event}");
    }
}

/// A key as notifications write it: characters except for letters, digits and a few others as `%XX`,
/// spaces as `+` or `%20`, slashes plain or encoded.
fn encoded(key: &str, plus: bool, slashes: bool) -> String {
    let byte = |b: u8| match b {
        b' ' if plus => "+".to_owned(),
        b'/' if !slashes => "/".to_owned(),
        b if b.is_ascii_alphanumeric() || b"-_.*".contains(&b) => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    };
    key.bytes().map(byte).collect()
}

proptest::proptest! {
    #[test]
    fn every_encoding_of_a_key_is_decoded(key in "[ -~é€/+%]{1,60}", plus in proptest::bool::ANY, slashes in proptest::bool::ANY) {
        let tasks = direct(&notification(&[&encoded(&key, plus, slashes)]).to_string());
        proptest::prop_assert_eq!(&tasks[0].key, &key);
    }

    #[test]
    fn no_event_causes_a_panic(text in r#"(\{|\}|\[|\]|"Records"|"eventSource"|"aws:sqs"|"aws:s3"|"body"|"s3"|"next_record"|:|,|1|"x"|null){0,20}"#) {
        let _any = Trigger::<ObjectTask>::parse(&text);
        let _any = content(&text);
    }
}
