//! The `firehose-relay` binary as Lambda runs it behind its URL: between a delivery stream and a collector.

#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::io::Read as _;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use flate2::read::GzDecoder;
use hyper::{Request, Response};
use scenarios::cloudtrail::{ADDRESS, PERSON, ids, ids_in, record};
use scenarios::firehose::{self, delivery, subscription, transformed};
use scenarios::logs::counted;
use scenarios::loopback::{Server, status};
use scenarios::{Emulator, Function, Outcome, artifacts};
use serde_json::{Value, json};

const SOON: Duration = Duration::from_secs(60);

/// A small collector: the events that it has accepted, and how many requests it rejects first.
#[derive(Default)]
struct Collector {
    accepted: Mutex<Vec<u8>>,
    busy: Mutex<u32>,
}

impl Collector {
    fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let header = |name| {
            request
                .headers()
                .get(name)
                .map(|value| value.to_str().unwrap())
        };
        if header("authorization") != Some("Splunk hec-token") {
            return status(403, r#"{"text":"Invalid token","code":4}"#);
        }
        let mut busy = self.busy.lock().unwrap();
        if *busy > 0 {
            *busy -= 1;
            // Longer than an invocation.
            let mut answer = status(503, r#"{"text":"Server is busy","code":9}"#);
            answer.headers_mut().insert("retry-after", 300.into());
            return answer;
        }
        let mut accepted = self.accepted.lock().unwrap();
        if header("content-encoding") == Some("gzip") {
            GzDecoder::new(&request.body()[..])
                .read_to_end(&mut accepted)
                .unwrap();
        } else {
            accepted.extend_from_slice(request.body());
        }
        status(200, r#"{"text":"Success","code":0}"#)
    }
}

/// A relay to the collector, with its access key `first-key` and token in an emulator.
struct Route {
    emulator: Emulator,
    collector: Arc<Collector>,
    server: Server,
    relay: Function,
}

fn relay(binary: &Path, server: &Server, emulator: &Emulator) -> Function {
    let settings = [
        ("HEC_URL", server.url()),
        ("SECRET_NAME", "hec".to_owned()),
        ("RELAY_KEY_SECRET", "key".to_owned()),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", emulator.url()),
    ];
    let settings = settings
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    Function::start(binary, &settings)
}

impl Route {
    fn start() -> Option<Self> {
        let binary = artifacts::binary("firehose-relay")?;
        let emulator = Emulator::start()?;
        emulator.create_secret("hec", r#"{"hec_token":"hec-token"}"#);
        emulator.create_secret("key", r#"{"api_key":"first-key"}"#);
        let collector = Arc::new(Collector::default());
        let answering = Arc::clone(&collector);
        let server = Server::start(move |request| answering.answer(&request));
        let relay = relay(&binary, &server, &emulator);
        Some(Self {
            relay,
            emulator,
            collector,
            server,
        })
    }

    fn restart_relay(&mut self) {
        let binary = artifacts::binary("firehose-relay").unwrap();
        self.relay = relay(&binary, &self.server, &self.emulator);
    }

    /// The status and body of the response to a request. Asserts that it echoes the id.
    fn deliver(&mut self, key: &str, id: &str, records: &[Vec<u8>]) -> (u64, Value) {
        let answer = self
            .relay
            .invoke(delivery(key, id, records), SOON)
            .response();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!(
            answer["headers"],
            json!({ "content-type": "application/json" })
        );
        assert_eq!(answer["isBase64Encoded"], false);
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        assert_eq!(body["requestId"], id);
        assert!(body["timestamp"].is_u64());
        (answer["statusCode"].as_u64().unwrap(), body)
    }

    fn accepted(&self) -> Vec<String> {
        ids_in(&self.collector.accepted.lock().unwrap())
    }
}

/// Records from the real transformation.
fn transformed_records(prefix: &str) -> Option<Vec<Vec<u8>>> {
    let mut transform = Function::start(&artifacts::binary("firehose-transform")?, &[]);
    let texts: Vec<String> = ids(prefix, 4).iter().map(|id| record(id, 900)).collect();
    let records = [subscription(&texts[..3]), subscription(&texts[3..])];
    let answer = transform
        .invoke(firehose::event("trail", &records), SOON)
        .response();
    Some(
        transformed(&answer)
            .into_iter()
            .map(|record| record.data)
            .collect(),
    )
}

#[test]
fn transformed_records_arrive_once_after_an_outage_of_the_collector() {
    let Some(records) = transformed_records("e") else {
        return;
    };
    let Some(mut route) = Route::start() else {
        return;
    };
    *route.collector.busy.lock().unwrap() = 1;
    let (status, body) = route.deliver("first-key", "a-1", &records);
    assert_eq!(status, 503);
    let message = body["errorMessage"].as_str().unwrap();
    assert!(
        message.starts_with("4 of 4 events are not delivered"),
        "{message}"
    );
    assert!(route.accepted().is_empty());

    for _ in 0..2 {
        let (status, body) = route.deliver("first-key", "a-1", &records);
        assert_eq!((status, body.get("errorMessage")), (200, None));
        assert_eq!(route.accepted(), ids("e", 4));
    }
    let output = route.relay.output();
    let sums = ["EventsIn", "EventsOut", "EventsReingested"].map(|name| counted(&output, name));
    assert_eq!(sums, [8, 4, 4]);
    assert!(output.contains("sent 4 events, HTTP 200"));
    assert!(!output.contains(PERSON) && !output.contains(ADDRESS));
}

#[test]
fn the_previous_access_key_is_accepted_for_a_limited_time_after_a_rotation() {
    let Some(mut route) = Route::start() else {
        return;
    };
    let records = [b"{\"event\":{\"eventID\":\"e\"}}\n".to_vec()];
    assert_eq!(route.deliver("second-key", "a-1", &records).0, 401);
    assert_eq!(route.deliver("first-key", "a-2", &records).0, 200);
    route
        .emulator
        .change_secret("key", r#"{"api_key":"second-key"}"#);
    // An unknown key causes at most one reading of the secret per second.
    std::thread::sleep(Duration::from_millis(1100));
    assert_eq!(route.deliver("second-key", "a-3", &records).0, 200);
    // Firehose may send it for ten more minutes.
    assert_eq!(route.deliver("first-key", "a-4", &records).0, 200);
    assert_eq!(route.deliver("third-key", "a-5", &records).0, 401);

    // A new process, which has not read the first key.
    route.restart_relay();
    assert_eq!(route.deliver("first-key", "a-6", &records).0, 200);
    assert_eq!(route.deliver("second-key", "a-7", &records).0, 200);

    // The key before the previous one.
    route
        .emulator
        .change_secret("key", r#"{"api_key":"third-key"}"#);
    route.restart_relay();
    assert_eq!(route.deliver("first-key", "a-8", &records).0, 401);
    assert_eq!(route.deliver("third-key", "a-9", &records).0, 200);
    assert_eq!(route.accepted().len(), 6);
    let output = route.relay.output();
    assert!(
        !output.contains("-key\"") && !output.contains("hec-token"),
        "{output}"
    );
}

#[test]
fn untransformed_records_are_not_relayed() {
    let Some(mut route) = Route::start() else {
        return;
    };
    let raw = [
        subscription(&[record("a", 900)]),
        record("b", 900).into_bytes(),
    ];
    let (status, body) = route.deliver("first-key", "a-1", &raw);
    assert_eq!(status, 400);
    let message = body["errorMessage"].as_str().unwrap();
    assert!(
        message.contains("no transformation, and no masking, ran"),
        "{message}"
    );
    assert!(route.accepted().is_empty());

    let error = route.relay.invoke(record("c", 900), SOON).error();
    let output = route.relay.output() + std::str::from_utf8(&error).unwrap() + message;
    assert_eq!(counted(&route.relay.output(), "RecordsFailed"), 2);
    assert!(
        !output.contains(PERSON) && !output.contains(ADDRESS),
        "{output}"
    );
}

#[test]
fn without_an_access_key_the_relay_does_not_start() {
    let Some(binary) = artifacts::binary("firehose-relay") else {
        return;
    };
    let settings = [("HEC_URL", "http://127.0.0.1:9"), ("SECRET_NAME", "hec")];
    let mut relay = Function::start(&binary, &settings);
    let Outcome::Exited(code, output) = relay.invoke(delivery("", "a-1", &[]), SOON) else {
        panic!("it started");
    };
    assert_ne!(code, Some(0));
    assert!(output.contains("RELAY_KEY_SECRET: is not set"), "{output}");
}
