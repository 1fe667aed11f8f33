//! A collector of logs in place of one that speaks HEC.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use hec::EventBatch;
use hec_client::{DeliveryError, DeliveryReport};
use serde_json::{Value, json};

use crate::common::{TOKEN, client, of, settings};
use crate::stub::{Reply, Seen, Stub, soon};

const LOGS: (&str, &str) = ("SINK", "logs");

async fn send(stub: &Stub, objects: &EventBatch) -> DeliveryReport {
    let pairs = [LOGS, ("LOGS_ORG_ID", "org-1")];
    let report = client(&settings(&stub.url("/intake/"), &pairs))
        .send(objects, soon())
        .await;
    let left: usize = report.undelivered.iter().map(ExactSizeIterator::len).sum();
    assert_eq!(
        report.accepted + report.rejected.len() + left,
        objects.len()
    );
    assert_eq!(report.error.is_some(), left > 0, "{report:?}");
    report
}

/// What each entry of a request says.
fn bodies(seen: &Seen) -> Vec<String> {
    let request: Value = serde_json::from_str(&seen.plain()).unwrap();
    let logs = request["logs"].as_array().unwrap().iter();
    logs.map(|log| log["body"].as_str().unwrap().to_owned())
        .collect()
}

fn numbered(count: usize) -> EventBatch {
    of((0..count).map(|number| format!(r#"{{"event":{number}}}"#)))
}

#[tokio::test]
async fn entries_are_posted_with_key_and_organization() {
    let event = r#"{"eventTime":"2026-01-01T00:00:00Z","eventName":"DeleteTrail","awsRegion":"eu-west-1","n":1.10}"#;
    let object = format!(r#"{{"time":5,"source":"s3://b/k","event":{event}}}"#);
    let stub = Stub::start(|_| Reply::new(202, "{}")).await;
    let report = send(&stub, &of([object])).await;
    assert_eq!(
        (report.accepted, report.requests, report.retries),
        (1, 1, 0)
    );
    let seen = &stub.seen()[0];
    assert_eq!(seen.path, "/intake/v1/logs");
    let key = format!("Bearer {TOKEN}");
    assert_eq!(seen.header("authorization"), Some(key.as_str()));
    assert_eq!(seen.header("x-organization-id"), Some("org-1"));
    assert_eq!(seen.header("content-type"), Some("application/json"));
    let expected = json!({"logs": [{
        "timestamp": "2026-01-01T00:00:00Z",
        "body": event,
        "severity_text": "WARN",
        "attributes": {"source": "s3://b/k", "event_name": "DeleteTrail", "aws_region": "eu-west-1"},
    }]});
    let request: Value = serde_json::from_str(&seen.plain()).unwrap();
    assert_eq!(request, expected);
}

#[tokio::test]
async fn what_is_no_hec_object_is_sent_as_it_stands() {
    let stub = Stub::start(|_| Reply::new(200, "{}")).await;
    let lines = [r#"{"event":1}"#, r#"{"eventName":"x"}"#, "plain text"];
    let report = send(&stub, &of(lines)).await;
    assert_eq!(report.accepted, 3);
    let expected = ["1", lines[1], lines[2]];
    assert_eq!(bodies(&stub.seen()[0]), expected);
}

#[tokio::test]
async fn what_passes_is_sent_again() {
    let past = "Sun, 06 Nov 1994 08:49:37 GMT";
    let replies = [
        || Reply::new(429, "").retry_after("0"),
        || Reply::new(503, "busy"),
        || Reply::new(503, "").retry_after("Sun, 06 Nov 1994 08:49:37 GMT"),
        || Reply::new(200, "  <!doctype html><html>sign in</html>"),
    ];
    assert!(httpdate::parse_http_date(past).is_ok());
    for reply in replies {
        let asked = AtomicUsize::new(0);
        let stub = Stub::start(move |_| match asked.fetch_add(1, Relaxed) {
            0 => reply(),
            _ => Reply::new(200, ""),
        })
        .await;
        let report = send(&stub, &numbered(5)).await;
        assert_eq!(
            (report.accepted, report.requests, report.retries),
            (5, 2, 1)
        );
        assert_eq!(bodies(&stub.seen()[0]), bodies(&stub.seen()[1]));
    }
}

#[tokio::test]
async fn a_bad_entry_is_found_by_halves() {
    for status in [400, 422] {
        let stub = Stub::start(move |seen| match bodies(seen).contains(&"5".to_owned()) {
            true => Reply::new(status, r#"{"error":"cannot parse"}"#),
            false => Reply::new(200, ""),
        })
        .await;
        let report = send(&stub, &numbered(8)).await;
        let rejected: Vec<_> = report
            .rejected
            .iter()
            .map(|r| (r.number, r.reason))
            .collect();
        assert_eq!((report.accepted, rejected), (7, vec![(5, "http-400")]));
        assert_eq!((report.requests, report.retries), (7, 0));
    }
}

#[tokio::test]
async fn an_entry_that_is_too_large_is_found_by_halves() {
    let stub = Stub::start(|seen| match bodies(seen).contains(&"2".to_owned()) {
        true => Reply::new(413, "<html>"),
        false => Reply::new(200, ""),
    })
    .await;
    let report = send(&stub, &numbered(4)).await;
    let rejected: Vec<_> = report
        .rejected
        .iter()
        .map(|r| (r.number, r.reason))
        .collect();
    assert_eq!((report.accepted, rejected), (3, vec![(2, "too-large")]));
    assert_eq!(report.requests, 5);
}

#[tokio::test]
async fn what_stays_leaves_everything() {
    let unauthorized = |note: &str| DeliveryError::Unauthorized {
        reply: note.to_owned(),
        token: "this process".to_owned(),
    };
    let misconfigured = |note: &str| DeliveryError::Misconfigured(note.to_owned());
    let table = [
        (401, 1, unauthorized("HTTP 401 without a HEC reply")),
        (403, 1, unauthorized("HTTP 403 without a HEC reply")),
        (404, 1, misconfigured("HTTP 404 without a HEC reply")),
        (307, 1, misconfigured("HTTP 307 without a HEC reply")),
        (400, 9, DeliveryError::BadRequestWithoutCode),
    ];
    for (status, requests, fault) in table {
        let stub = Stub::start(move |_| Reply::new(status, "{}")).await;
        let report = send(&stub, &numbered(5)).await;
        assert_eq!(
            report
                .undelivered
                .iter()
                .map(ExactSizeIterator::len)
                .sum::<usize>(),
            5
        );
        assert_eq!((report.requests, report.error), (requests, Some(fault)));
    }
}
