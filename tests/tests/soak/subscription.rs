//! `event-forwarder` behind a log group: Lambda repeats a failed invocation twice and then writes a
//! record of it to a bucket, from which `s3-forwarder` delivers the events.

use std::time::Duration;

use base64_simd::STANDARD;
use scenarios::Outcome;
use scenarios::cloudtrail::record;
use scenarios::firehose::subscription;
use serde_json::{Value, json};

use crate::all;
use crate::forwarders::{QUEUE, drain_objects};
use crate::run::{Run, Trouble};

const BINARIES: &[&str] = &["event-forwarder", "s3-forwarder"];

/// Attempts of an asynchronous invocation (AWS Lambda developer guide, "Asynchronous invocation").
const ATTEMPTS: usize = 3;

#[test]
fn kills_of_event_forwarder_behind_a_log_group() {
    let name = "event-forwarder (subscription), killed";
    all(name, Trouble::Kills, BINARIES, forward);
}

#[test]
fn restarts_under_event_forwarder_behind_a_log_group() {
    let name = "event-forwarder (subscription), collector restarts";
    all(name, Trouble::Restarts, BINARIES, forward);
}

/// Four subscription events of thirty records.
fn forward(run: &mut Run) {
    run.steps_of_run = 130;
    let deadline = match run.trouble {
        Trouble::Kills => Duration::from_secs(60),
        Trouble::Restarts => Duration::from_millis(1800),
    };
    let mut function = run.function("event-forwarder", &[]);
    for number in 0..4 {
        let ids: Vec<String> = (0..30).map(|id| format!("{number}-{id:02}")).collect();
        run.account.expect(&ids);
        let records: Vec<String> = ids.iter().map(|id| record(id, 900)).collect();
        let data = STANDARD.encode_to_string(subscription(&records));
        let event = json!({ "awslogs": { "data": data } });
        let mut is_done = false;
        for _ in 0..ATTEMPTS {
            match function.invoke(event.to_string(), deadline) {
                Outcome::Response(_) => is_done = true,
                Outcome::Error(_) if run.trouble == Trouble::Restarts => {}
                ended if run.was_killed(&ended) => {
                    run.kills += 1;
                    let prefix = format!("{number}-");
                    run.account.allow(1, |id| id.starts_with(&prefix));
                    function = run.function("event-forwarder", &[]);
                }
                other => panic!("{other:?}"),
            }
            if is_done {
                break;
            }
        }
        if !is_done {
            keep(run, number, &event);
        }
    }
    drain_objects(run, |id| key_of(id.split('-').next().unwrap_or_default()));
}

/// Puts Lambda's record of a failed invocation into the bucket, whose notification is queued.
fn keep(run: &Run, number: usize, event: &Value) {
    let record = json!({
        "version": "1.0", "timestamp": "2026-01-02T03:04:05.678Z",
        "requestContext": { "condition": "RetriesExhausted", "approximateInvokeCount": ATTEMPTS },
        "requestPayload": event,
        "responseContext": { "statusCode": 200, "functionError": "Unhandled" },
    });
    let key = key_of(&number.to_string());
    let content = record.to_string().into_bytes();
    run.cloud.put_object("undelivered", &key, content);
    let notification = json!({ "Records": [{
        "eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
        "s3": { "bucket": { "name": "undelivered" }, "object": { "key": key } },
    }]});
    run.cloud.send(QUEUE, &notification.to_string());
}

/// The key of the record about the subscription event of this number.
fn key_of(number: &str) -> String {
    format!("aws/lambda/async/event-forwarder/2026/01/02/2026-01-02T03.04.05-{number}")
}
