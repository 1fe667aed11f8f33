//! MiniStack, an emulator of AWS: Firehose, S3, SQS and Secrets Manager as far as scenarios need them.
//!
//! A record put on a delivery stream stands in S3 at once, as one object, its bytes unchanged. MiniStack holds
//! PutRecordBatch to 500 records and each record to 1,000 KiB, but not to 4 MiB together.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::Request;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::function::{ACCOUNT, REGION};
use crate::{loopback, prepared};

/// MiniStack starts in well under a second on an idle machine.
const START_LIMIT: Duration = Duration::from_secs(60);

/// Starts its first argument, and ends it when standard input does: so also after a test that was killed.
const TIED_TO_STDIN: &str = r#""$0" & child=$!; cat; kill -KILL "$child"; wait "$child""#;

/// A running emulator of this test's own, empty at first. It ends with this value, or with the test's process.
pub struct Emulator {
    guard: Child,
    lifeline: Option<ChildStdin>,
    authority: String,
    // Last: the emulator writes there until it ends.
    _folder: TempDir,
}

impl Emulator {
    /// A new emulator, or nothing outside `cargo xtask test`, with the reason printed.
    ///
    /// # Panics
    /// In CI where it is missing, and where it does not start.
    #[must_use]
    pub fn start() -> Option<Self> {
        let executable = prepared::emulator()?;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let log = folder.path().join("log");
        let output = File::create(&log).expect("a file for the emulator's output");
        let mut guard = Command::new("sh")
            .args(["-c", TIED_TO_STDIN])
            .arg(&executable)
            .current_dir(folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(["HOME", "TMPDIR", "S3_DATA_DIR", "STATE_DIR"].map(|name| (name, folder.path())))
            // Its defaults are every interface, a fixed port, and an MQTT listener on every interface.
            .envs([
                ("BIND_HOST", "127.0.0.1"),
                ("GATEWAY_PORT", "0"),
                ("IOT_MTLS_ENABLED", "0"),
            ])
            .env("PYTHONUNBUFFERED", "1")
            .stdin(Stdio::piped())
            .stdout(output.try_clone().expect("a second handle of the output"))
            .stderr(output)
            .spawn()
            .expect("a shell");
        let lifeline = guard.stdin.take();
        // The value comes first, so that a panic ends the process too.
        let mut emulator = Self {
            guard,
            lifeline,
            authority: String::new(),
            _folder: folder,
        };
        emulator.authority = authority_in(&log);
        Some(emulator)
    }

    /// Where it listens, for `AWS_ENDPOINT_URL_…`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.authority)
    }

    /// Creates a stream fed by PutRecord and PutRecordBatch, and the bucket that takes what arrives.
    ///
    /// # Panics
    /// Where the emulator refuses.
    pub fn create_delivery_stream(&self, name: &str) {
        self.s3("PUT", &format!("/{}", bucket(name)));
        self.call(
            "Firehose_20150804.CreateDeliveryStream",
            &json!({
                "DeliveryStreamName": name,
                "DeliveryStreamType": "DirectPut",
                "ExtendedS3DestinationConfiguration": {
                    "RoleARN": format!("arn:aws:iam::{ACCOUNT}:role/delivery"),
                    "BucketARN": format!("arn:aws:s3:::{}", bucket(name)),
                },
            }),
        );
    }

    /// Every record put on the stream so far, in no order.
    ///
    /// # Panics
    /// Where there is no such stream.
    #[must_use]
    pub fn delivered(&self, stream: &str) -> Vec<Vec<u8>> {
        let bucket = bucket(stream);
        let mut records = Vec::new();
        let mut last = String::new();
        loop {
            let page = self.s3("GET", &format!("/{bucket}?list-type=2&start-after={last}"));
            let page = String::from_utf8(page).expect("a listing is text");
            let keys: Vec<&str> = page
                .split("<Key>")
                .skip(1)
                .filter_map(|rest| rest.split_once("</Key>"))
                .map(|(key, _)| key)
                .collect();
            let Some(end) = keys.last() else {
                return records;
            };
            records.extend(
                keys.iter()
                    .map(|key| self.s3("GET", &format!("/{bucket}/{key}"))),
            );
            last = (*end).to_owned();
        }
    }

    /// Creates a secret in Secrets Manager.
    ///
    /// # Panics
    /// Where the emulator refuses.
    pub fn create_secret(&self, name: &str, value: &str) {
        self.call(
            "secretsmanager.CreateSecret",
            &json!({ "Name": name, "SecretString": value }),
        );
    }

    /// Gives a secret a new value.
    ///
    /// # Panics
    /// Where there is no such secret.
    pub fn change_secret(&self, name: &str, value: &str) {
        self.call(
            "secretsmanager.PutSecretValue",
            &json!({ "SecretId": name, "SecretString": value }),
        );
    }

    /// Creates a bucket.
    ///
    /// # Panics
    /// Where the emulator refuses.
    pub fn create_bucket(&self, bucket: &str) {
        self.s3("PUT", &format!("/{bucket}"));
    }

    /// Puts an object, whose key is spelled as a URL wants it.
    ///
    /// # Panics
    /// Where the emulator refuses.
    pub fn put_object(&self, bucket: &str, key: &str, content: &[u8]) {
        self.s3_with("PUT", &format!("/{bucket}/{key}"), content);
    }

    /// The content of an object.
    ///
    /// # Panics
    /// Where there is none.
    #[must_use]
    pub fn object(&self, bucket: &str, key: &str) -> Vec<u8> {
        self.s3("GET", &format!("/{bucket}/{key}"))
    }

    /// The keys in a bucket, a thousand at most.
    ///
    /// # Panics
    /// Where there is no such bucket.
    #[must_use]
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        let page = self.s3("GET", &format!("/{bucket}?list-type=2"));
        let page = String::from_utf8(page).expect("a listing is text");
        let keys = page.split("<Key>").skip(1);
        keys.filter_map(|rest| rest.split_once("</Key>"))
            .map(|(key, _)| key.to_owned())
            .collect()
    }

    /// Creates a queue and returns its URL.
    ///
    /// # Panics
    /// Where the emulator refuses.
    #[must_use]
    pub fn create_queue(&self, name: &str) -> String {
        let answer = self.call("AmazonSQS.CreateQueue", &json!({ "QueueName": name }));
        answer["QueueUrl"].as_str().expect("a URL").to_owned()
    }

    /// The ARN of a queue.
    #[must_use]
    pub fn queue_arn(name: &str) -> String {
        format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
    }

    /// Has the bucket tell the queue of every object that is created.
    ///
    /// # Panics
    /// Where the emulator refuses.
    pub fn notify(&self, bucket: &str, queue: &str) {
        let arn = Self::queue_arn(queue);
        let configuration = format!(
            "<NotificationConfiguration><QueueConfiguration><Queue>{arn}</Queue><Event>s3:ObjectCreated:*</Event>\
             </QueueConfiguration></NotificationConfiguration>"
        );
        self.s3_with(
            "PUT",
            &format!("/{bucket}?notification"),
            configuration.as_bytes(),
        );
    }

    /// Puts a message onto a queue.
    ///
    /// # Panics
    /// Where there is no such queue.
    pub fn send_message(&self, url: &str, body: &str) {
        self.call(
            "AmazonSQS.SendMessage",
            &json!({ "QueueUrl": url, "MessageBody": body }),
        );
    }

    /// The messages on a queue that nobody works on, as an event source mapping gives them to a
    /// function, and hides them.
    ///
    /// # Panics
    /// Where there is no such queue.
    #[must_use]
    pub fn receive(&self, url: &str, name: &str) -> Vec<Value> {
        let answer = self.call(
            "AmazonSQS.ReceiveMessage",
            &json!({ "QueueUrl": url, "MaxNumberOfMessages": 10 }),
        );
        let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
        let record = |message: &Value| {
            json!({
                "messageId": message["MessageId"], "receiptHandle": message["ReceiptHandle"], "body": message["Body"],
                "attributes": {}, "messageAttributes": {}, "eventSource": "aws:sqs",
                "eventSourceARN": Self::queue_arn(name), "awsRegion": REGION,
            })
        };
        messages.iter().map(record).collect()
    }

    /// The answer to one call of a service that speaks AWS's JSON protocol; `target` is service and operation.
    ///
    /// # Panics
    /// Where the service refuses.
    pub fn call(&self, target: &str, input: &Value) -> Value {
        let (service, version) = match target.split('.').next() {
            Some("AmazonSQS") => ("sqs", "1.0"),
            Some("secretsmanager") => ("secretsmanager", "1.1"),
            _ => ("firehose", "1.1"),
        };
        let request = signed("POST", "/", service)
            .header("X-Amz-Target", target)
            .header("Content-Type", format!("application/x-amz-json-{version}"))
            .body(Bytes::from(input.to_string()))
            .expect("a well-formed request");
        serde_json::from_slice(&self.exchange(request)).expect("an answer in JSON")
    }

    fn s3(&self, method: &str, path: &str) -> Vec<u8> {
        self.s3_with(method, path, &[])
    }

    fn s3_with(&self, method: &str, path: &str, content: &[u8]) -> Vec<u8> {
        let request = signed(method, path, "s3")
            .body(Bytes::copy_from_slice(content))
            .expect("a well-formed request");
        self.exchange(request)
    }

    fn exchange(&self, request: Request<Bytes>) -> Vec<u8> {
        let what = format!("{} {}", request.method(), request.uri());
        let response = loopback::send(&self.authority, request)
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        let (head, body) = response.into_parts();
        assert!(
            head.status.is_success(),
            "{what}: {} {}",
            head.status,
            String::from_utf8_lossy(&body)
        );
        body.to_vec()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        let _status = self.guard.wait();
    }
}

/// Its address, once it says that it serves there.
fn authority_in(log: &PathBuf) -> String {
    const SERVING: &str = "Running on http://";
    let end = Instant::now() + START_LIMIT;
    loop {
        let text = fs::read_to_string(log).unwrap_or_default();
        let found = text
            .split_once(SERVING)
            .and_then(|(_, rest)| rest.split_once(' '));
        if let Some((authority, _)) = found {
            return authority.to_owned();
        }
        assert!(Instant::now() < end, "the emulator did not start:\n{text}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A request as from the account's access key. The emulator reads the key and leaves the signature alone.
fn signed(method: &str, path: &str, service: &str) -> hyper::http::request::Builder {
    let scope = format!("{ACCOUNT}/20240501/{REGION}/{service}/aws4_request");
    Request::builder().method(method).uri(path).header(
        "Authorization",
        format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"),
    )
}

fn bucket(stream: &str) -> String {
    format!("{stream}-arrived")
}
