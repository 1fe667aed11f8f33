//! Subscription, delivery stream, `firehose-transform`, `firehose-relay`, collector.
//!
//! The emulator stores the records of a stream and delivers nothing. This test does what Firehose does between
//! its input, the deployed functions and its destination, as the deployed stream is configured.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use base64_simd::STANDARD;
use bytes::Bytes;
use hyper::{Request, Response};
use scenarios::Emulator;
use scenarios::cloudtrail::{ids, record};
use scenarios::firehose::{event, subscription, transformed};
use scenarios::loopback::{self, Server, status};
use serde_json::{Value, json};

use crate::{Fixture, report};

const STREAM: &str = "sightline";

/// Maximum bytes of a delivery by the stream's buffering hints.
const DELIVERY_BYTES: usize = 1 << 20;

/// Maximum bytes of a response by the stream's configuration.
const RESPONSE_BYTES: usize = 3_000_000;

/// A proxy between the functions and the emulator's Firehose, which stores the records that are put.
pub(crate) struct Taken {
    server: Server,
    emulator: Arc<OnceLock<String>>,
    records: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Taken {
    pub(crate) fn start() -> Self {
        let (emulator, records) = (
            Arc::new(OnceLock::<String>::new()),
            Arc::new(Mutex::default()),
        );
        let (to, keep) = (Arc::clone(&emulator), Arc::clone(&records));
        let server =
            Server::start(move |request| pass(to.get().expect("an emulator"), request, &keep));
        Self {
            server,
            emulator,
            records,
        }
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    pub(crate) fn pass_on_to(&self, aws: &Emulator) {
        let authority = aws.url().trim_start_matches("http://").to_owned();
        self.emulator.set(authority).expect("it is said once");
    }

    fn take(&self) -> Vec<Vec<u8>> {
        std::mem::take(&mut lock(&self.records))
    }
}

fn pass(emulator: &str, request: Request<Bytes>, keep: &Mutex<Vec<Vec<u8>>>) -> Response<Bytes> {
    let input: Value = serde_json::from_slice(request.body()).expect("a call in JSON");
    assert_eq!(
        request.headers()["x-amz-target"],
        "Firehose_20150804.PutRecordBatch"
    );
    assert_eq!(input["DeliveryStreamName"], STREAM);
    let answer = loopback::send(emulator, request).expect("the emulator answers");
    let body: Value = serde_json::from_slice(answer.body()).expect("an answer in JSON");
    if answer.status().is_success() {
        assert_eq!(body["FailedPutCount"], 0, "{body}");
        let records = input["Records"].as_array().expect("records").iter();
        let data = records.map(|record| record["Data"].as_str().expect("data"));
        let bytes = data.map(|data| STANDARD.decode_to_vec(data).expect("base64"));
        lock(keep).extend(bytes);
    }
    status(answer.status().as_u16(), body.to_string())
}

fn lock(records: &Mutex<Vec<Vec<u8>>>) -> MutexGuard<'_, Vec<Vec<u8>>> {
    records.lock().expect("no holder of this lock panics")
}

/// Brings a subscription's envelopes through the deployed functions, and returns the ids that have arrived.
pub(crate) fn carries(fixture: &Fixture, round: &str) -> Vec<String> {
    let ids = ids(&format!("{round}-stream"), 40);
    let envelopes: Vec<Vec<u8>> = ids.chunks(15).map(envelope).collect();
    assert!(
        flow(fixture, &envelopes).is_empty(),
        "everything fits one response"
    );
    let events = fixture.siem.events();
    let own = events.iter().filter(|object| {
        let id = object["event"]["eventID"].as_str();
        id.is_some_and(|id| ids.iter().any(|one| one == id))
    });
    for object in own {
        assert_eq!(object["fields"]["delivery_path"], "cloudwatch");
        assert_eq!(
            object["source"],
            "cloudwatch:trail:111122223333_CloudTrail_us-east-1"
        );
    }
    ids
}

/// Asserts that records too large for a response are re-ingested into the deployed stream and arrive later.
pub(crate) fn puts_back_what_does_not_fit(fixture: &Fixture) {
    let ids = ids("overflow", 3_500);
    let mut expected = [fixture.siem.ids(), ids.clone()].concat();
    expected.sort();
    let mut records: Vec<Vec<u8>> = ids.chunks(250).map(envelope).collect();
    let mut rounds = 0;
    while !records.is_empty() {
        rounds += 1;
        assert!(rounds <= 4, "a record is re-ingested three times at most");
        records = flow(fixture, &records);
        report(&format!(
            "stream, round {rounds}: {} records re-ingested",
            records.len()
        ));
    }
    assert!(
        rounds > 1,
        "it fits one response: the test has to send more"
    );
    assert_eq!(fixture.siem.ids(), expected, "nothing twice, nothing lost");
}

/// The relay's URL is open to the world, and its key is what keeps the world out.
pub(crate) fn rejects_other_callers(fixture: &Fixture) {
    let before = fixture.siem.ids();
    let stolen = [br#"{"event":{"eventID":"slipped-in"}}"#.to_vec()];
    assert_eq!(deliver(fixture, "guessed", "unknown", &stolen), 401);
    assert_eq!(fixture.siem.ids(), before);
}

fn envelope(ids: &[String]) -> Vec<u8> {
    let messages: Vec<String> = ids.iter().map(|id| record(id, 1_000)).collect();
    subscription(&messages)
}

/// One transformation and the deliveries of its result; returns the re-ingested records.
fn flow(fixture: &Fixture, records: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let answer = fixture
        .aws
        .invoke("sightline-firehose-transform:live", event(STREAM, records));
    assert!(answer.len() <= RESPONSE_BYTES, "{} bytes", answer.len());
    let answer = transformed(&answer);
    assert_eq!(answer.len(), records.len());
    assert!(
        answer
            .iter()
            .all(|record| record.result != "ProcessingFailed")
    );
    let made: Vec<Vec<u8>> = answer
        .into_iter()
        .map(|record| record.data)
        .filter(|data| !data.is_empty())
        .collect();

    let secret = fixture.aws.call(
        "secretsmanager.GetSecretValue",
        &json!({ "SecretId": "sightline/relay-key" }),
    );
    let secret: Value =
        serde_json::from_str(secret["SecretString"].as_str().expect("a secret")).expect("JSON");
    let key = secret["api_key"].as_str().expect("a key");
    let mut waiting: &[Vec<u8>] = &made;
    while !waiting.is_empty() {
        let mut bytes = 0;
        let fits = waiting.iter().take_while(|record| {
            bytes += record.len();
            bytes <= DELIVERY_BYTES
        });
        let (now, later) = waiting.split_at(fits.count().max(1));
        // Firehose repeats a request if it did not receive the response: the relay caches what was accepted.
        let id = format!("{}-{}", fixture.siem.ids().len(), now.len());
        for _ in 0..2 {
            assert_eq!(deliver(fixture, key, &id, now), 200);
        }
        waiting = later;
    }
    fixture.taken.take()
}

/// The status of the relay's response to one request by Firehose's HTTP-endpoint protocol.
fn deliver(fixture: &Fixture, key: &str, id: &str, records: &[Vec<u8>]) -> u16 {
    let url = fixture.aws.lambda(
        "GET",
        "/2021-10-31/functions/sightline-firehose-relay/url?Qualifier=live",
    );
    let url = url["FunctionUrl"].as_str().expect("a URL").to_owned();
    let host = url.trim_start_matches("https://").trim_end_matches('/');
    let records: Vec<Value> = records
        .iter()
        .map(|record| json!({ "data": STANDARD.encode_to_string(record) }))
        .collect();
    let body = json!({ "requestId": id, "timestamp": 1_698_417_000_000_u64, "records": records });
    let request = Request::post("/")
        .header("Host", host)
        .header("Content-Type", "application/json")
        .header("X-Amz-Firehose-Access-Key", key)
        .header("X-Amz-Firehose-Protocol-Version", "1.0")
        .header("X-Amz-Firehose-Request-Id", id)
        .header(
            "X-Amz-Firehose-Source-Arn",
            "arn:aws:firehose:us-east-1:111122223333:deliverystream/sightline",
        )
        .body(Bytes::from(body.to_string()))
        .expect("a well-formed request");
    let answer = fixture.aws.send(request);
    let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    assert_eq!(body["requestId"], id, "{body}");
    answer.status().as_u16()
}
