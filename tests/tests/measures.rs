//! Memory and speed of the forwarders' binaries, measured and printed.
//!
//! Not part of a normal test run, because it takes long: `cargo xtask measure`.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::{Request, Response};
use scenarios::loopback::{Server, status};
use scenarios::{Function, artifacts};
use serde_json::json;

/// Bytes of the log file, inflated.
const INFLATED: usize = 1_000_000_000;

/// The responses of S3, Secrets Manager and the collector, which are one server.
fn answer(request: &Request<Bytes>, object: &Bytes, received: &AtomicUsize) -> Response<Bytes> {
    let path = request.uri().path();
    if path.starts_with("/logs/") {
        return status(200, object.clone());
    }
    if path.starts_with("/services/collector") {
        received.fetch_add(request.body().len(), Relaxed);
        return status(200, r#"{"text":"Success","code":0}"#);
    }
    let body = String::from_utf8_lossy(request.body());
    let secret = if body.contains("mask") {
        r#"{"key_id":"k1","key":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}"#
    } else {
        "t0ken"
    };
    status(200, json!({ "SecretString": secret }).to_string())
}

/// A log file of records like those of real accounts: people in ARNs, policies in strings.
fn log_file(bytes: usize) -> Bytes {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::new(6));
    gzip.write_all(b"{\"Records\":[").expect("memory");
    let mut trail = testkit::trail::Trail::new(7);
    let records: Vec<String> = (0..5000).map(|_| trail.next_event()).collect();
    let (mut written, mut at) = (0, 0);
    while written < bytes {
        if at > 0 {
            gzip.write_all(b",").expect("memory");
        }
        let record = &records[at % records.len()];
        gzip.write_all(record.as_bytes()).expect("memory");
        written += record.len() + 1;
        at += 1;
    }
    gzip.write_all(b"]}").expect("memory");
    gzip.finish().expect("memory").into()
}

#[test]
#[ignore = "takes a minute; measures"]
fn a_gigabyte_is_forwarded_in_constant_memory() {
    let Some(binary) = artifacts::binary("s3-forwarder") else {
        return;
    };
    for bytes in [INFLATED / 1000, INFLATED / 10, INFLATED] {
        let object = log_file(bytes);
        let received = Arc::new(AtomicUsize::new(0));
        let (sent, count) = (object.clone(), Arc::clone(&received));
        let server = Server::start(move |request| answer(&request, &sent, &count));
        let mut function = Function::start(
            &binary,
            &[
                ("AWS_ENDPOINT_URL", &server.url()),
                ("HEC_URL", &server.url()),
                ("SECRET_NAME", "hec"),
                ("MASK_MODE", "hmac"),
                ("MASK_KEY_SECRET", "mask"),
                ("HEC_PROFILE", "generic"),
            ],
        );
        assert!(function.idle());
        let event = json!({"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"logs"},"object":{"key":"AWSLogs/1/CloudTrail/eu-west-1/x.json.gz"}}}]});
        let before = function.cpu_seconds();
        let begun = Instant::now();
        let answered = function
            .invoke(event.to_string(), Duration::from_secs(600))
            .response();
        assert_eq!(answered, b"null");
        let (took, cpu) = (
            begun.elapsed().as_secs_f64(),
            function.cpu_seconds() - before,
        );
        println!(
            "{} MB inflated, {} MB compressed: {took:.2} s, {cpu:.2} s of CPU, {:.0} MB/s a core, peak {} MB, {} MB sent",
            bytes / 1_000_000,
            object.len() / 1_000_000,
            bytes as f64 / 1e6 / cpu,
            function.peak_bytes() / 1_000_000,
            received.load(Relaxed) / 1_000_000,
        );
        assert!(function.peak_bytes() < 64_000_000, "memory is flat");
    }
}

#[test]
#[ignore = "measures"]
fn an_event_takes_little_more_than_the_collectors_time() {
    const EVENTS: usize = 300;
    let Some(binary) = artifacts::binary("event-forwarder") else {
        return;
    };
    let received = Arc::new(AtomicUsize::new(0));
    let (none, count) = (Bytes::new(), Arc::clone(&received));
    let server = Server::start(move |request| answer(&request, &none, &count));
    let mut function = Function::start(
        &binary,
        &[
            ("AWS_ENDPOINT_URL", &server.url()),
            ("HEC_URL", &server.url()),
            ("SECRET_NAME", "hec"),
            ("MASK_MODE", "hmac"),
            ("MASK_KEY_SECRET", "mask"),
        ],
    );
    let mut trail = testkit::trail::Trail::new(9);
    let mut times = Vec::new();
    assert!(function.idle());
    let before = function.cpu_seconds();
    for number in 0..EVENTS {
        let detail: serde_json::Value =
            serde_json::from_str(&trail.next_event()).expect("a record");
        let event = json!({"version":"0","detail-type":"AWS API Call via CloudTrail","source":"aws.x","account":"1","region":"us-east-1","detail":detail});
        let event = json!({"Records":[{"messageId":number.to_string(),"eventSource":"aws:sqs","body":event.to_string()}]}).to_string();
        assert!(function.idle());
        let begun = Instant::now();
        let answered = function.invoke(event, Duration::from_secs(30)).response();
        times.push(begun.elapsed());
        assert_eq!(answered, br#"{"batchItemFailures":[]}"#);
    }
    times.sort();
    println!(
        "{EVENTS} events, one an invocation: p50 {:?}, p99 {:?} with the Runtime API and the collector; {:.2} ms of CPU each",
        times[EVENTS / 2],
        times[EVENTS * 99 / 100],
        (function.cpu_seconds() - before) * 1000.0 / EVENTS as f64,
    );
}
