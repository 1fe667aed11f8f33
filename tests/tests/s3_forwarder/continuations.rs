//! Objects that take more than one invocation: each continues where the last one stopped, in a
//! chain of limited length.

use std::io::Read as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use flate2::read::GzDecoder;
use hyper::header::CONTENT_LENGTH;
use hyper::{Request, Response};
use scenarios::cloudtrail::ids_in;
use scenarios::logs::counted;
use scenarios::loopback::{self, Server, status};
use scenarios::{Emulator, Function, artifacts};
use serde_json::{Value, json};
use testkit::collector::Fault;

use crate::{Fixture, KEY, SOON, fixture, ids, log_file};

#[test]
fn an_object_is_continued_where_the_collector_stopped_accepting() {
    let Some(mut fixture) = fixture(&[]) else {
        return;
    };
    let sent = Arc::default();
    let aws = aws(&fixture.emulator, &sent);
    fixture.function = fixture.restart(&aws.url(), &fixture.siem.url());
    fixture.emulator.put_object("logs", KEY, &log_file(0..4000));
    // Some requests are accepted, then the collector is busy for longer than the invocation.
    let faults = fixture.siem.faults();
    faults.extend(vec![Fault::Slow(Duration::ZERO); 100]);
    let busy = Fault::Status {
        status: 503,
        retry_after: Some(3600),
    };
    faults.extend(vec![busy; 10_000]);
    let (_, failed) = fixture.poll(1, SOON);
    assert!(failed.is_empty(), "the rest is on the queue: {failed:?}");
    let before = fixture.siem.ids();
    assert!(!before.is_empty() && before.len() < 4000);

    fixture.siem.faults().clear();
    let (messages, failed) = fixture.poll(1, SOON);
    assert!(failed.is_empty(), "{failed:?}");
    let sent = sent.lock().expect("no panic");
    assert_eq!(sent.len(), 1, "one continuation");
    assert_eq!(messages[0]["body"], sent[0].0);
    assert!(
        fixture.siem.ids() == ids(0..4000),
        "nothing twice, nothing lost"
    );
}

/// One message of the queue, as its event source mapping gives it to the function.
fn sqs_event(body: &str) -> String {
    let message = json!({
        "messageId": "1", "eventSource": "aws:sqs", "eventSourceARN": Emulator::queue_arn("files"), "body": body,
    });
    json!({ "Records": [message] }).to_string()
}

impl Fixture {
    /// A new function, with AWS and a collector at these addresses.
    fn restart(&self, aws: &str, hec: &str) -> Function {
        let binary = artifacts::binary("s3-forwarder").expect("it was there before");
        Function::start(
            &binary,
            &[
                ("AWS_ENDPOINT_URL", aws),
                ("HEC_URL", hec),
                ("SECRET_NAME", "hec"),
                ("MASK_MODE", "hmac"),
                ("MASK_KEY_SECRET", "mask"),
                ("HEC_MAX_BYTES", "20000"),
            ],
        )
    }
}

/// A collector that accepts a limited number of requests, and is then busy until the limit is raised.
#[derive(Default)]
struct SlowCollector {
    accepted: Mutex<Vec<u8>>,
    allowed: Mutex<u32>,
}

impl SlowCollector {
    fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let mut allowed = self.allowed.lock().expect("no panic");
        if *allowed == 0 {
            // Longer than the invocation, so that the function stops at once.
            let mut answer = status(503, r#"{"text":"Server is busy","code":9}"#);
            answer.headers_mut().insert("retry-after", 3600.into());
            return answer;
        }
        *allowed -= 1;
        let mut accepted = self.accepted.lock().expect("no panic");
        if request.headers().contains_key("content-encoding") {
            let mut body = GzDecoder::new(&request.body()[..]);
            body.read_to_end(&mut accepted).expect("gzip");
        } else {
            accepted.extend_from_slice(request.body());
        }
        status(200, r#"{"text":"Success","code":0}"#)
    }

    fn ids(&self) -> Vec<String> {
        let mut ids = ids_in(&self.accepted.lock().expect("no panic"));
        ids.sort();
        ids
    }
}

/// A message to the queue: its body and its X-Ray header.
type Sent = (String, String);

/// A proxy before the emulator: messages are delivered without their delay, and their X-Ray headers,
/// by which Lambda recognizes a chain of invocations, are recorded.
fn aws(emulator: &Emulator, sent: &Arc<Mutex<Vec<Sent>>>) -> Server {
    let authority = emulator.url().replace("http://", "");
    let sent = Arc::clone(sent);
    Server::start(move |mut request| {
        let target = request.headers().get("x-amz-target");
        if target.is_some_and(|target| target == "AmazonSQS.SendMessage") {
            let mut call: Value = serde_json::from_slice(request.body()).expect("JSON");
            let body = call["MessageBody"].as_str().expect("a body").to_owned();
            call["DelaySeconds"] = 0.into();
            *request.body_mut() = Bytes::from(call.to_string());
            let headers = request.headers_mut();
            headers.remove(CONTENT_LENGTH);
            let trace = headers.get("x-amzn-trace-id").expect("an X-Ray header");
            let trace = trace.to_str().expect("text").to_owned();
            sent.lock().expect("no panic").push((body, trace));
        }
        loopback::send(&authority, request).expect("the emulator answers")
    })
}

/// After this number of invocations Lambda ends a chain, unless the function allows recursion (AWS Lambda
/// developer guide, "Use Lambda recursive loop detection to prevent infinite loops").
const LAMBDA_LIMIT: usize = 16;

#[test]
fn a_chain_longer_than_lambdas_default_limit_is_delivered() {
    let Some(mut fixture) = fixture(&[]) else {
        return;
    };
    let collector = Arc::new(SlowCollector::default());
    let answering = Arc::clone(&collector);
    let hec = Server::start(move |request| answering.answer(&request));
    let sent = Arc::default();
    let aws = aws(&fixture.emulator, &sent);
    fixture.function = fixture.restart(&aws.url(), &hec.url());
    fixture.emulator.put_object("logs", KEY, &log_file(0..900));

    for number in 0.. {
        // The chain count that Lambda passes along.
        let trace = format!("Root=1-5759e988-bd862e3fe1be46a994272793;Lineage=1:a87bd80c:{number}");
        fixture.function.set_trace(&trace);
        *collector.allowed.lock().expect("no panic") = 2;
        let (_, failed) = fixture.poll(1, SOON);
        assert!(failed.is_empty(), "continuation {number}: {failed:?}");
        let sent = sent.lock().expect("no panic");
        if sent.len() == number {
            break;
        }
        let (body, header) = sent.last().expect("a continuation");
        let body: Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(
            (sent.len(), &body["hops"]),
            (number + 1, &json!(number + 1))
        );
        assert_eq!(*header, trace, "Lambda can follow the chain");
    }
    let hops = sent.lock().expect("no panic").len();
    assert!(hops > LAMBDA_LIMIT, "{hops} continuations");
    assert_eq!(collector.ids(), ids(0..900), "nothing twice, nothing lost");
    let output = fixture.function.output();
    assert_eq!(counted(&output, "EventsOut"), 900);
}

/// The documented limit.
const MAX_HOPS: u32 = 1_000;

#[test]
fn an_object_that_was_continued_too_often_ends_in_the_dead_letter_queue() {
    let Some(mut fixture) = fixture(&[]) else {
        return;
    };
    let key = "AWSLogs/1/CloudTrail/long.json.gz";
    fixture.emulator.put_object("kept", key, &log_file(0..5));
    let message = |hops: u32| {
        json!({ "bucket": "kept", "key": key, "next_record": 2, "hops": hops }).to_string()
    };
    let last = sqs_event(&message(MAX_HOPS - 1));
    let answer = fixture.function.invoke(last, SOON).response();
    assert_eq!(answer, br#"{"batchItemFailures":[]}"#);
    assert_eq!(fixture.siem.ids(), ids(2..5));

    let dead = fixture.emulator.create_queue("dead");
    let redrive =
        json!({ "deadLetterTargetArn": Emulator::queue_arn("dead"), "maxReceiveCount": 1 });
    let attributes = json!({ "RedrivePolicy": redrive.to_string(), "VisibilityTimeout": "0" });
    let create = json!({ "QueueName": "bounded", "Attributes": attributes });
    let queue = fixture.emulator.call("AmazonSQS.CreateQueue", &create)["QueueUrl"].clone();
    let queue = queue.as_str().expect("a URL");
    fixture.emulator.send_message(queue, &message(MAX_HOPS));
    let messages = fixture.emulator.receive_all(queue, "bounded", 1);
    let event = json!({ "Records": messages }).to_string();
    let answer = fixture.function.invoke(event, SOON).response();
    let answer: Value = serde_json::from_slice(&answer).expect("a partial batch response");
    let failures = json!([{ "itemIdentifier": messages[0]["messageId"] }]);
    assert_eq!(answer["batchItemFailures"], failures);
    assert_eq!(fixture.siem.ids(), ids(2..5), "nothing is sent again");
    assert!(fixture.emulator.receive(queue, "bounded").is_empty());
    let dead = fixture.emulator.receive_all(&dead, "dead", 1);
    assert_eq!(dead[0]["body"], message(MAX_HOPS));
    let output = fixture.function.output();
    for expected in [
        "s3://kept/AWSLogs/1/CloudTrail/long.json.gz",
        "1000 messages",
    ] {
        assert!(output.contains(expected), "{output}");
    }
}
