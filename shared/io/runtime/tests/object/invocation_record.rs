//! Objects that Lambda's on-failure destination writes. They hold the only copy of their events, so that
//! `ONLY_OVER_BYTES` does not apply, and an object that cannot be forwarded is a failure.

use std::time::Duration;

use base64_simd::STANDARD;
use runtime::object::ObjectOutcome;
use serde_json::{Value, json};
use testkit::collector::Fault;
use triggers::ObjectTask;

use crate::fixture::{Fixture, LONG, Parts, gzip, record};

const KEY: &str = "aws/lambda/async/event-forwarder/2026/01/02/2026-01-02T03.04.05-e4b46cbf";

fn task() -> ObjectTask {
    ObjectTask::new("undelivered", KEY.into(), None)
}

/// Lambda's record of an invocation that failed with this event.
fn recorded(event: &Value) -> Vec<u8> {
    json!({
        "version": "1.0", "timestamp": "2026-01-02T03:04:05.678Z",
        "requestContext": {
            "requestId": "e4b46cbf", "functionArn": "arn:aws:lambda:eu-west-1:111122223333:function:event-forwarder:live",
            "condition": "RetriesExhausted", "approximateInvokeCount": 3,
        },
        "requestPayload": event,
        "responseContext": { "statusCode": 200, "executedVersion": "7", "functionError": "Unhandled" },
        "responsePayload": { "errorType": "Sightline.NotForwarded", "errorMessage": "not delivered" },
    })
    .to_string()
    .into_bytes()
}

fn subscription(count: usize) -> Value {
    let event = |number| json!({ "id": "1", "timestamp": 1, "message": record(number) });
    let envelope = json!({
        "messageType": "DATA_MESSAGE", "owner": "111122223333", "logGroup": "trail", "logStream": "s",
        "subscriptionFilters": ["all"], "logEvents": (0..count).map(event).collect::<Vec<_>>(),
    });
    let data = STANDARD.encode_to_string(gzip(envelope.to_string().as_bytes()));
    json!({ "awslogs": { "data": data } })
}

#[tokio::test]
async fn events_are_forwarded_like_those_of_the_subscription() {
    for limit in [&[][..], &[("ONLY_OVER_BYTES", "262144")]] {
        let mut fixture = Fixture::new(limit).await;
        let bytes = recorded(&subscription(200));
        assert_eq!(
            fixture.forward(&task(), Parts::of(&bytes, 100), LONG).await,
            ObjectOutcome::Done
        );
        assert_eq!(fixture.arrived(), (0..200).collect::<Vec<_>>());
        let first: Value = serde_json::from_slice(&fixture.collector.events()[0]).unwrap();
        assert_eq!(first["source"], "cloudwatch:trail:s");
        assert_eq!(first["fields"]["delivery_path"], "cloudwatch");
        assert!(fixture.reconciles());
    }
}

#[tokio::test]
async fn an_outage_of_the_collector_leaves_the_whole_record() {
    let mut fixture = Fixture::new(&[]).await;
    fixture
        .collector
        .faults()
        .extend(vec![Fault::BusyCode9; 10_000]);
    let bytes = recorded(&subscription(20));
    let few = Duration::from_millis(200);
    let ObjectOutcome::Remaining(remaining, _) =
        fixture.forward(&task(), Parts::of(&bytes, 100), few).await
    else {
        panic!("the collector is busy");
    };
    assert_eq!(*remaining, task());
    assert!(fixture.reconciles());
}

#[tokio::test]
async fn a_cloudtrail_event_of_eventbridge_is_forwarded_too() {
    let detail: Value = serde_json::from_str(&record(7)).unwrap();
    let event = json!({
        "detail-type": "AWS API Call via CloudTrail", "account": "111122223333", "region": "eu-west-1", "detail": detail,
    });
    let mut fixture = Fixture::new(&[("ONLY_OVER_BYTES", "262144")]).await;
    let parts = Parts::of(&recorded(&event), 100);
    assert_eq!(
        fixture.forward(&task(), parts, LONG).await,
        ObjectOutcome::Done
    );
    assert_eq!(fixture.arrived(), [7]);
}

#[tokio::test]
async fn records_that_cannot_be_forwarded_fail_and_are_never_skipped() {
    let object = |event: Value| recorded(&event);
    for (bytes, expected) in [
        (object(json!({})), "requestPayload is neither"),
        (
            object(json!({ "Records": [] })),
            "requestPayload is neither",
        ),
        (object(json!({ "awslogs": { "data": "%" } })), "not base64"),
        (b"{\"logs\":[]}".to_vec(), "not Lambda's record"),
        (b"no JSON".to_vec(), "not Lambda's record"),
        (
            recorded(&subscription(3))[..200].to_vec(),
            "not Lambda's record",
        ),
        (Vec::new(), "the object is empty"),
    ] {
        let mut fixture = Fixture::new(&[]).await;
        let end = fixture.forward(&task(), Parts::of(&bytes, 64), LONG).await;
        let ObjectOutcome::Failed(reason) = end else {
            panic!("{end:?}, expected {expected}");
        };
        assert!(reason.contains(expected), "{reason}");
        assert_eq!(fixture.metrics.counters.records_failed, 1);
        assert!(fixture.collector.events().is_empty() && fixture.reconciles());
    }
    // Also with any other key.
    let mut fixture = Fixture::new(&[]).await;
    let task = ObjectTask::new("logs", "copied/record.json".into(), None);
    let parts = Parts::of(&recorded(&json!({})), 64);
    assert!(matches!(
        fixture.forward(&task, parts, LONG).await,
        ObjectOutcome::Failed(_)
    ));
}
