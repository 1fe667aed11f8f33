//! The `s3-forwarder` binary with a failing S3: its responses, the events that arrive, and no loss.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use hyper::{Method, Request, Response};
use scenarios::cloudtrail::record;
use scenarios::firehose::gzip;
use scenarios::logs::counted;
use scenarios::loopback::{Server, status};
use scenarios::{Emulator, Function, Siem, artifacts};
use serde_json::{Value, json};
use testkit::collector::Fault;

const SOON: Duration = Duration::from_secs(40);

/// The responses of S3.
#[derive(Clone, Copy, PartialEq)]
enum S3 {
    Denied,
    /// For this number of first requests.
    Throttled(usize),
    /// The body is shorter than its length.
    BrokenOff,
    NoPlaceForDeadLetters,
    /// It does not respond.
    Silent,
}

fn failure(code: u16, name: &str) -> Response<Bytes> {
    status(
        code,
        format!("<?xml version=\"1.0\"?><Error><Code>{name}</Code><Message>no</Message></Error>"),
    )
}

fn answer(request: &Request<Bytes>, s3: S3, file: &Bytes, gets: &AtomicUsize) -> Response<Bytes> {
    let target = request.headers().get("x-amz-target");
    if target.is_some_and(|target| target == "secretsmanager.GetSecretValue") {
        return status(200, json!({ "SecretString": "t0ken" }).to_string());
    }
    if target.is_some() || request.method() == Method::PUT {
        // No queue and no bucket for dead letters.
        return failure(503, "ServiceUnavailable");
    }
    let number = gets.fetch_add(1, Relaxed);
    match s3 {
        S3::Denied => failure(403, "AccessDenied"),
        S3::Silent => {
            std::thread::sleep(Duration::from_secs(20));
            status(200, file.clone())
        }
        S3::Throttled(times) if number < times => failure(503, "SlowDown"),
        S3::BrokenOff => {
            // hyper closes the connection if a body is shorter than its header states.
            let mut response = status(200, file.slice(..file.len() / 2));
            response
                .headers_mut()
                .insert("content-length", file.len().into());
            response
        }
        S3::Throttled(_) | S3::NoPlaceForDeadLetters => status(200, file.clone()),
    }
}

struct Run {
    failed: usize,
    output: String,
    siem: Siem,
}

/// One message about one object of ten events.
fn run(s3: S3, faults: Vec<Fault>) -> Option<Run> {
    let binary = artifacts::binary("s3-forwarder")?;
    let records: Vec<String> = (0..10).map(|id| record(&format!("{id:02}"), 800)).collect();
    let file = Bytes::from(gzip(
        format!("{{\"Records\":[{}]}}", records.join(",")).as_bytes(),
    ));
    let gets = Arc::new(AtomicUsize::new(0));
    let server = Server::start(move |request| answer(&request, s3, &file, &gets));
    let siem = Siem::start("t0ken");
    siem.faults().extend(faults);
    let settings = [
        ("AWS_ENDPOINT_URL", server.url()),
        ("HEC_URL", siem.url()),
        ("SECRET_NAME", "hec".to_owned()),
        ("DLQ_BUCKET", "kept".to_owned()),
    ];
    let settings = settings
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let mut function = Function::start(&binary, &settings);
    let body = json!({"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"logs"},"object":{"key":"AWSLogs/1/CloudTrail/x.json.gz"}}}]});
    let event = json!({"Records":[{"messageId":"1","eventSource":"aws:sqs","eventSourceARN":Emulator::queue_arn("files"),"body":body.to_string()}]});
    let deadline = if s3 == S3::Silent {
        Duration::from_secs(4)
    } else {
        SOON
    };
    let answer = function.invoke(event.to_string(), deadline).response();
    let answer: Value = serde_json::from_slice(&answer).expect("a partial batch response");
    Some(Run {
        failed: answer["batchItemFailures"]
            .as_array()
            .expect("a list")
            .len(),
        output: function.output(),
        siem,
    })
}

#[test]
fn an_object_without_permission_to_read_is_not_done() {
    let Some(run) = run(S3::Denied, vec![]) else {
        return;
    };
    assert_eq!((run.failed, run.siem.ids().len()), (1, 0));
    assert!(
        run.output.contains("AccessDenied") && run.output.contains("s3://logs/AWSLogs"),
        "{}",
        run.output
    );
}

#[test]
fn a_throttled_read_is_retried() {
    let Some(run) = run(S3::Throttled(2), vec![]) else {
        return;
    };
    assert_eq!((run.failed, run.siem.ids().len()), (0, 10));
}

#[test]
fn a_truncated_body_is_continued_and_is_not_the_end_of_the_object() {
    let Some(run) = run(S3::BrokenOff, vec![]) else {
        return;
    };
    assert_eq!(
        run.failed, 1,
        "there is no queue to continue it on: {}",
        run.output
    );
    assert!(
        !run.siem
            .events()
            .iter()
            .any(|event| event.to_string().contains("parse_error"))
    );
}

#[test]
fn events_that_cannot_be_stored_stay_with_their_message() {
    let Some(run) = run(S3::NoPlaceForDeadLetters, vec![Fault::InvalidAt(4)]) else {
        return;
    };
    assert_eq!(run.failed, 1);
    assert_eq!(run.siem.ids().len(), 9, "the others are delivered");
    assert_eq!(counted(&run.output, "EventsIn"), 10);
    assert_eq!(
        counted(&run.output, "EventsOut") + counted(&run.output, "EventsReingested"),
        10
    );
}

#[test]
fn an_s3_without_a_response_does_not_prevent_the_functions_response() {
    // The Runtime API stub ends the function at its deadline, like the service.
    let Some(run) = run(S3::Silent, vec![]) else {
        return;
    };
    assert_eq!(run.failed, 1);
    assert!(
        run.output.contains("S3 did not answer in time"),
        "{}",
        run.output
    );
}
