//! Functions behind a queue: `event-forwarder` and `s3-forwarder`.

use std::time::Duration;

use scenarios::cloud::Message;
use scenarios::cloudtrail::record;
use scenarios::firehose::gzip;
use scenarios::{Emulator, Outcome};
use serde_json::{Value, json};

use crate::all;
use crate::run::{Run, Trouble};

pub(crate) const QUEUE: &str = "events";

/// Maximum number of invocations until a queue is empty.
const MAX_INVOCATIONS: usize = 500;

#[test]
fn kills_of_event_forwarder() {
    all(
        "event-forwarder, killed",
        Trouble::Kills,
        &["event-forwarder"],
        event_forwarder,
    );
}

#[test]
fn restarts_under_event_forwarder() {
    all(
        "event-forwarder, collector restarts",
        Trouble::Restarts,
        &["event-forwarder"],
        event_forwarder,
    );
}

#[test]
fn kills_of_s3_forwarder() {
    all(
        "s3-forwarder, killed",
        Trouble::Kills,
        &["s3-forwarder"],
        s3_forwarder,
    );
}

#[test]
fn restarts_under_s3_forwarder() {
    all(
        "s3-forwarder, collector restarts",
        Trouble::Restarts,
        &["s3-forwarder"],
        s3_forwarder,
    );
}

/// Forty messages with an event of 3 KB each: a batch needs several requests.
fn event_forwarder(run: &mut Run) {
    let ids: Vec<String> = (0..40).map(|number| format!("event-{number:02}")).collect();
    run.account.expect(&ids);
    for id in &ids {
        let detail: Value = serde_json::from_str(&record(id, 3000)).expect("a record");
        let event = json!({
            "version": "0", "detail-type": "AWS API Call via CloudTrail", "source": "aws.ec2",
            "account": "111122223333", "region": "us-east-1", "detail": detail,
        });
        run.cloud.send(QUEUE, &event.to_string());
    }
    run.steps_of_run = 50;
    // A message of a killed invocation is delivered again.
    drain(
        run,
        "event-forwarder",
        Duration::from_millis(1800),
        1,
        |body, id| body.contains(id),
    );
}

/// Four objects of 60 events.
fn s3_forwarder(run: &mut Run) {
    for object in 0..4 {
        let ids: Vec<String> = (0..60)
            .map(|number| format!("{object}-{number:02}"))
            .collect();
        let records: Vec<String> = ids.iter().map(|id| record(id, 900)).collect();
        let file = format!("{{\"Records\":[{}]}}", records.join(","));
        let key = key_of(&ids[0]);
        run.cloud.put_object("logs", &key, gzip(file.as_bytes()));
        let notification = json!({ "Records": [{
            "eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
            "s3": { "bucket": { "name": "logs" }, "object": { "key": key } },
        }]});
        run.cloud.send(QUEUE, &notification.to_string());
        run.account.expect(&ids);
    }
    run.steps_of_run = 260;
    drain_objects(run, key_of);
}

/// Invokes `s3-forwarder` with the messages of the queue until there are none. `key_of` returns the key
/// of the object with the event of an id.
///
/// The delivered part of an object is delivered again after a kill, and so is its rest if the function
/// had put the continuation onto the queue.
pub(crate) fn drain_objects(run: &mut Run, key_of: impl Fn(&str) -> String) {
    let short = Duration::from_millis(1400);
    drain(run, "s3-forwarder", short, 2, |body, id| {
        body.contains(&key_of(id))
    });
}

/// The key of the object with the event of this id.
fn key_of(id: &str) -> String {
    let (object, _) = id.split_once('-').expect("an id of these runs");
    format!("AWSLogs/111122223333/CloudTrail/us-east-1/{object}.json.gz")
}

/// Invokes a function with the messages of the queue, like an event source mapping, until there are
/// none. Each kill allows `repetitions` duplicates of the events that a message `carries`.
fn drain(
    run: &mut Run,
    name: &str,
    short: Duration,
    repetitions: usize,
    carries: impl Fn(&str, &str) -> bool,
) {
    let deadline = match run.trouble {
        Trouble::Kills => Duration::from_secs(60),
        Trouble::Restarts => short,
    };
    let mut function = run.function(name, &[]);
    for _ in 0..MAX_INVOCATIONS {
        let messages = run.cloud.receive(QUEUE);
        if messages.is_empty() {
            if run.cloud.make_visible(QUEUE) == 0 {
                return;
            }
            continue;
        }
        match function.invoke(event(&messages), deadline) {
            Outcome::Response(answer) => delete_done(run, &messages, &answer),
            ended if run.was_killed(&ended) => {
                run.kills += 1;
                let affected = |id: &str| messages.iter().any(|m| carries(&m.body, id));
                run.account.allow(repetitions, affected);
                function = run.function(name, &[]);
            }
            other => panic!("{other:?}"),
        }
    }
    panic!("the queue is not empty after {MAX_INVOCATIONS} invocations");
}

fn event(messages: &[Message]) -> String {
    let record = |message: &Message| {
        json!({
            "messageId": message.id, "receiptHandle": message.receipt, "body": message.body,
            "attributes": {}, "messageAttributes": {}, "eventSource": "aws:sqs",
            "eventSourceARN": Emulator::queue_arn(QUEUE), "awsRegion": "us-east-1",
        })
    };
    json!({ "Records": messages.iter().map(record).collect::<Vec<_>>() }).to_string()
}

/// Deletes the messages that did not fail.
fn delete_done(run: &Run, messages: &[Message], answer: &[u8]) {
    let answer: Value = serde_json::from_slice(answer).expect("a partial batch response");
    let failures = answer["batchItemFailures"].as_array().expect("a list");
    let has_failed = |message: &&Message| {
        let mut failed = failures.iter().map(|failure| &failure["itemIdentifier"]);
        failed.any(|id| *id == message.id.as_str())
    };
    for message in messages.iter().filter(|message| !has_failed(message)) {
        run.cloud.delete(QUEUE, message);
    }
}
