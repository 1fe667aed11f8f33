//! The `s3-forwarder` binary and a notification with one malformed record: the other records are processed
//! once, and this one is re-queued separately.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use hyper::{Request, Response};
use scenarios::cloudtrail::record;
use scenarios::firehose::gzip;
use scenarios::logs::counted;
use scenarios::loopback::{Server, status};
use scenarios::{Emulator, Function, Siem, artifacts};
use serde_json::{Value, json};

const SOON: Duration = Duration::from_secs(40);

/// The bodies that were put onto the queue.
type Sent = Arc<Mutex<Vec<Value>>>;

/// AWS with a queue that accepts messages or rejects them.
fn answer(request: &Request<Bytes>, accepts: bool, sent: &Sent) -> Response<Bytes> {
    let target = request.headers().get("x-amz-target");
    let target = target.map(|target| target.to_str().expect("a name"));
    match target {
        Some("secretsmanager.GetSecretValue") => {
            status(200, json!({ "SecretString": "t0ken" }).to_string())
        }
        Some("AmazonSQS.GetQueueUrl") => status(200, json!({ "QueueUrl": "http://q" }).to_string()),
        Some("AmazonSQS.SendMessage") if accepts => {
            let call: Value = serde_json::from_slice(request.body()).expect("JSON");
            let body = call["MessageBody"].as_str().expect("a body");
            let body = serde_json::from_str(body).expect("JSON");
            sent.lock().expect("no panic").push(body);
            status(200, json!({ "MessageId": "1" }).to_string())
        }
        Some(_) => status(403, json!({ "__type": "AccessDenied" }).to_string()),
        None => {
            let id = if request.uri().path().ends_with("a.json.gz") {
                "a"
            } else {
                "b"
            };
            let file = format!("{{\"Records\":[{}]}}", record(id, 800));
            status(200, gzip(file.as_bytes()))
        }
    }
}

/// Invokes the function with two objects and a record without a key between them. Returns how many
/// messages fail, the ids that arrive, the messages put onto the queue, and the output.
fn run(accepts: bool) -> Option<(usize, Vec<String>, Vec<Value>, String)> {
    let binary = artifacts::binary("s3-forwarder")?;
    let sent = Sent::default();
    let sent_there = Arc::clone(&sent);
    let server = Server::start(move |request| answer(&request, accepts, &sent_there));
    let siem = Siem::start("t0ken");
    let (aws, hec) = (server.url(), siem.url());
    let settings = [
        ("AWS_ENDPOINT_URL", aws.as_str()),
        ("HEC_URL", &hec),
        ("SECRET_NAME", "hec"),
    ];
    let mut function = Function::start(&binary, &settings);
    let object = |key: Value| json!({"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"logs"},"object":{"key":key}}});
    let keys = [
        "AWSLogs/1/CloudTrail/a.json.gz".into(),
        Value::Null,
        "AWSLogs/1/CloudTrail/b.json.gz".into(),
    ];
    let body = json!({ "Records": keys.map(object) }).to_string();
    let event = json!({"Records":[{"messageId":"1","eventSource":"aws:sqs","eventSourceARN":Emulator::queue_arn("files"),"body":body}]});
    let answer = function.invoke(event.to_string(), SOON).response();
    let answer: Value = serde_json::from_slice(&answer).expect("a partial batch response");
    let failed = answer["batchItemFailures"]
        .as_array()
        .expect("a list")
        .len();
    let sent = sent.lock().expect("no panic").clone();
    Some((failed, siem.ids(), sent, function.output()))
}

#[test]
fn a_malformed_record_is_requeued_separately() {
    let Some((failed, ids, sent, output)) = run(true) else {
        return;
    };
    assert_eq!((failed, ids), (0, vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(sent.len(), 1, "{sent:?}");
    let records = sent[0]["Records"].as_array().expect("a notification");
    assert_eq!(records.len(), 1);
    assert_eq!(records[0]["s3"]["object"]["key"], Value::Null);
    assert_eq!(counted(&output, "RecordsFailed"), 1);
    assert!(output.contains("no bucket or key"), "{output}");
}

#[test]
fn the_whole_message_fails_if_the_queue_rejects_messages() {
    let Some((failed, ids, sent, _)) = run(false) else {
        return;
    };
    assert_eq!((failed, sent.len()), (1, 0));
    assert_eq!(ids, ["a", "b"]);
}
