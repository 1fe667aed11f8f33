//! The relay between a delivery stream and a collector on loopback.

#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use aws::AccessKeyCache;
use firehose::http_endpoint::EndpointResponse;
use firehose_relay::Service;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use hec_client::{
    DeadLetterFolder, DeadLetterStore, DeliveryClient, HecClient, RetryPolicy, Token, TokenCache,
};
use runtime::InvocationMetrics;
use serde_json::{Value, json};
use testkit::collector::{Collector, CollectorOptions, Fault, ReplyCode};
use triggers::HttpRequest;

const KEY: &str = "relay-key";

/// A collector and a relay to it.
struct Route {
    collector: Collector,
    service: Service,
}

impl Route {
    async fn with(store: Option<Box<dyn DeadLetterStore>>, faults: &[Fault]) -> Self {
        let mut options = CollectorOptions::new("hec-token");
        options.faults = faults.to_vec();
        let collector = Collector::start(options).await.unwrap();
        let url = collector.url();
        let raw = [("HEC_URL", url.as_str())].into_iter().collect();
        let settings = settings::resolve(&raw).unwrap().delivery;
        let policy = RetryPolicy {
            first_pause: Duration::from_millis(1),
            ..RetryPolicy::default()
        };
        let token = |text: &str| Token::parse(text.as_bytes(), "test").unwrap();
        let client = HecClient::new(&settings, TokenCache::fixed(token("hec-token"))).unwrap();
        let client = DeliveryClient::new(client.with_retry_policy(policy), store, "relay");
        let keys = AccessKeyCache::fixed(&token(KEY));
        let service = Service::new(keys, client, "relay".to_owned());
        Self { collector, service }
    }

    async fn new(faults: &[Fault]) -> Self {
        Self::with(None, faults).await
    }

    async fn respond(&mut self, event: &Value) -> (EndpointResponse, Option<InvocationMetrics>) {
        let request = HttpRequest::parse(&event.to_string()).unwrap();
        let until = Instant::now() + Duration::from_secs(20);
        self.service.respond(&request, until).await
    }

    /// The status of the response to a request with these records, and the number of events that
    /// came in, went out, were quarantined and were not delivered. Checks that the id is echoed and
    /// that every event is accounted for.
    async fn send(&mut self, id: &str, records: &[&str]) -> (u16, [u64; 4]) {
        let (response, metrics) = self.respond(&event(id, &body(id, records))).await;
        assert_eq!(response.request_id, id);
        let counters = metrics.unwrap().counters;
        assert!(counters.reconcile());
        let counted = [
            counters.events_in,
            counters.events_out,
            counters.events_quarantined,
            counters.events_reingested,
        ];
        (response.status(), counted)
    }

    fn arrived(&self) -> Vec<String> {
        let events = self.collector.events().into_iter();
        events.map(|e| String::from_utf8(e).unwrap()).collect()
    }
}

fn object(event: &str) -> String {
    format!("{{\"time\":1,\"event\":\"{event}\"}}")
}

fn objects(events: &[&str]) -> Vec<String> {
    events.iter().map(|event| object(event)).collect()
}

/// Records in which each blank-separated word is an event.
fn body(id: &str, records: &[&str]) -> String {
    let data = |record: &&str| {
        let lines: String = record.split(' ').map(|e| object(e) + "\n").collect();
        json!({ "data": base64_simd::STANDARD.encode_to_string(lines) })
    };
    let records: Vec<Value> = records.iter().map(data).collect();
    json!({ "requestId": id, "timestamp": 1_578_090_901_599_u64, "records": records }).to_string()
}

fn event(id: &str, body: &str) -> Value {
    json!({
        "version": "2.0",
        "rawPath": "/",
        "headers": {
            "content-type": "application/json",
            "x-amz-firehose-protocol-version": "1.0",
            "x-amz-firehose-request-id": id,
            "x-amz-firehose-access-key": KEY,
            "x-amz-firehose-source-arn": "arn:aws:firehose:us-east-1:111122223333:deliverystream/trail",
        },
        "requestContext": { "http": { "method": "POST", "path": "/" } },
        "body": body,
        "isBase64Encoded": false,
    })
}

fn message(response: &EndpointResponse) -> String {
    response.error.as_ref().unwrap().to_string()
}

#[tokio::test]
async fn plain_base64_and_gzip_arrive_byte_for_byte() {
    let mut route = Route::new(&[]).await;
    let body = body("1", &["a b", "c"]);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(body.as_bytes()).unwrap();
    let gzip = base64_simd::STANDARD.encode_to_string(gzip.finish().unwrap());

    let plain = event("1", &body);
    let mut coded = event(
        "2",
        &base64_simd::STANDARD.encode_to_string(body.replace("\"1\"", "\"2\"")),
    );
    coded["isBase64Encoded"] = true.into();
    // Without an id in the header, the one in the body is used.
    let mut compressed = event("", &gzip);
    compressed["isBase64Encoded"] = true.into();
    compressed["headers"]["content-encoding"] = "gzip".into();
    for (event, id, skipped) in [(plain, "1", 0), (coded, "2", 0), (compressed, "1", 3)] {
        let before = route.arrived().len();
        let (response, _) = route.respond(&event).await;
        assert_eq!((response.status(), response.request_id.as_str()), (200, id));
        let expected = &objects(&["a", "b", "c"])[skipped..];
        assert_eq!(route.arrived()[before..], *expected);
    }
    assert_eq!(route.send("3", &[]).await, (200, [0; 4]));
}

#[tokio::test]
async fn a_busy_collector_is_answered_with_503_and_loses_nothing() {
    let gone = Fault::Status {
        status: 503,
        retry_after: Some(60),
    };
    let mut route = Route::new(&[Fault::BusyCode9, Fault::BusyCode9, gone]).await;
    assert_eq!(route.send("1", &["a b", "c"]).await, (503, [3, 0, 0, 3]));
    assert!(route.arrived().is_empty());
    assert_eq!(route.send("1", &["a b", "c"]).await, (200, [3, 3, 0, 0]));
    assert_eq!(route.arrived(), objects(&["a", "b", "c"]));
}

#[tokio::test]
async fn accepted_events_are_not_sent_again_with_their_request() {
    let stopped = Fault::Reply(ReplyCode::TokenDisabled);
    let mut route = Route::new(&[Fault::BusyAt(2), stopped.clone()]).await;
    assert_eq!(route.send("1", &["a b", "c d"]).await, (503, [4, 2, 0, 2]));
    assert_eq!(route.send("1", &["a b", "c d"]).await, (200, [2, 2, 0, 0]));
    assert_eq!(route.arrived(), objects(&["a", "b", "c", "d"]));

    // Firehose repeats the request if it did not receive the response.
    assert_eq!(route.send("1", &["a b", "c d"]).await, (200, [0; 4]));
    // Other events with the same request id are delivered.
    assert_eq!(route.send("1", &["a e"]).await, (200, [1, 1, 0, 0]));
    assert_eq!(route.send("2", &["a b"]).await, (200, [2, 2, 0, 0]));
    assert_eq!(route.arrived()[4..], objects(&["e", "a", "b"]));
}

#[tokio::test]
async fn permanently_rejected_events_are_dead_letters() {
    let folder = tempfile::tempdir().unwrap();
    let store = Box::new(DeadLetterFolder::new(folder.path()));
    let mut route = Route::with(Some(store), &[Fault::InvalidAt(1)]).await;
    assert_eq!(route.send("1", &["a b", "c"]).await, (200, [3, 2, 1, 0]));
    assert_eq!(route.arrived(), objects(&["a", "c"]));

    let mut place = folder.path().to_owned();
    while place.is_dir() {
        let entries: Vec<_> = std::fs::read_dir(&place).unwrap().collect();
        assert_eq!(entries.len(), 1);
        place = entries.into_iter().next().unwrap().unwrap().path();
    }
    let mut kept = String::new();
    let file = std::fs::File::open(place).unwrap();
    GzDecoder::new(file).read_to_string(&mut kept).unwrap();
    assert_eq!(kept, object("b") + "\n");
}

#[tokio::test]
async fn a_request_is_repeated_if_its_rejected_events_cannot_be_stored() {
    let mut route = Route::new(&[Fault::InvalidAt(1)]).await;
    let (response, _) = route.respond(&event("1", &body("1", &["a b", "c"]))).await;
    assert_eq!(response.status(), 503);
    assert!(message(&response).contains("set DLQ_BUCKET"));
    assert_eq!(route.send("1", &["a b", "c"]).await, (200, [1, 1, 0, 0]));
    assert_eq!(route.arrived(), objects(&["a", "c", "b"]));
}

#[tokio::test]
async fn unauthenticated_requests_are_rejected() {
    let mut route = Route::new(&[]).await;
    for key in [json!("relay-kez"), json!(""), Value::Null] {
        let mut event = event("1", "{");
        match key {
            Value::Null => drop(
                event["headers"]
                    .as_object_mut()
                    .unwrap()
                    .remove("x-amz-firehose-access-key"),
            ),
            key => event["headers"]["x-amz-firehose-access-key"] = key,
        }
        let (response, metrics) = route.respond(&event).await;
        assert_eq!(
            (response.status(), response.request_id.as_str()),
            (401, "1")
        );
        assert!(metrics.is_none() && !message(&response).contains("relay-ke"));
    }
    let mut get = event("", "");
    get["requestContext"]["http"]["method"] = "GET".into();
    let (response, _) = route.respond(&get).await;
    assert_eq!((response.status(), response.request_id.as_str()), (405, ""));
    assert_eq!(route.collector.stats().requests, 0);
}

#[tokio::test]
async fn an_untransformed_record_rejects_its_whole_request() {
    let mut route = Route::new(&[]).await;
    let raw = r#"{"eventVersion":"1.08","userIdentity":{"userName":"alice"}}"#;
    let records = [object("a"), raw.to_owned()];
    let data =
        records.map(|record| json!({ "data": base64_simd::STANDARD.encode_to_string(record) }));
    let body = json!({ "requestId": "1", "timestamp": 1, "records": data }).to_string();
    let (response, metrics) = route.respond(&event("", &body)).await;
    assert_eq!(
        (response.status(), response.request_id.as_str()),
        (400, "1")
    );
    assert!(message(&response).contains("no transformation, and no masking"));
    assert!(!message(&response).contains("alice"));
    assert_eq!(metrics.unwrap().counters.records_failed, 1);
    assert_eq!(route.collector.stats().requests, 0);

    let (response, _) = route.respond(&event("2", &body)).await;
    assert_eq!(
        (response.status(), response.request_id.as_str()),
        (400, "2")
    );
    let (response, _) = route.respond(&event("", "alice")).await;
    assert_eq!((response.status(), response.request_id.as_str()), (400, ""));
}
