//! MiniStack, an emulator of AWS: Firehose, S3, SQS and Secrets Manager, as scenarios need them.
//!
//! A record put onto a delivery stream is immediately an object in S3, with unchanged bytes. MiniStack
//! limits PutRecordBatch to 500 records and each record to 1,000 KiB, and does not check the limit of 4 MiB.

mod buckets;
mod process;
mod wire;

use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::artifacts;
use crate::function::{ACCOUNT, REGION};
use crate::group::Group;

pub use wire::texts;

/// Bytes of its output that a failed test prints.
const SHOWN: usize = 6000;

/// A running emulator for one test, empty at first. It ends when this value is dropped, or with the test's
/// process.
pub struct Emulator {
    authority: String,
    group: Group,
    // The last field, because the emulator writes there until it ends.
    folder: TempDir,
}

impl Emulator {
    /// A new emulator; `None` outside `cargo xtask test`, with the reason printed.
    ///
    /// # Panics
    /// If it does not start, or is missing in CI.
    #[must_use]
    pub fn start() -> Option<Self> {
        let executable = artifacts::emulator()?;
        Some(Self::run(process::for_calls(&executable)))
    }

    /// A new emulator for deployments: it enforces policies for everyone except the account itself, its event
    /// bus accepts events of AWS services, and its functions call Firehose at this address. `None` as for
    /// [`Emulator::start`].
    ///
    /// # Panics
    /// As [`Emulator::start`].
    #[must_use]
    pub fn start_for_deployments(firehose: &str) -> Option<Self> {
        let executable = artifacts::emulator()?;
        let mut command = process::for_deployments(&executable);
        command.env("AWS_ENDPOINT_URL_FIREHOSE", firehose);
        Some(Self::run(command))
    }

    fn run(command: Command) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let log = folder.path().join(LOG);
        // Created first, so that a panic ends the process too.
        let mut emulator = Self {
            group: process::start(command, folder.path(), &log),
            authority: String::new(),
            folder,
        };
        emulator.authority = process::authority_in(&log, &mut emulator.group);
        emulator
    }

    /// Its address, for `AWS_ENDPOINT_URL_…`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.authority)
    }

    /// Creates a stream fed by PutRecord and PutRecordBatch, and the bucket that receives its records.
    ///
    /// # Panics
    /// If the emulator rejects a call.
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

    /// Every record put onto the stream so far, in any order.
    ///
    /// # Panics
    /// If there is no such stream.
    #[must_use]
    pub fn delivered(&self, stream: &str) -> Vec<Vec<u8>> {
        let bucket = bucket(stream);
        let mut records = Vec::new();
        let mut last = String::new();
        loop {
            let page = self.s3("GET", &format!("/{bucket}?list-type=2&start-after={last}"));
            let page = String::from_utf8(page).expect("a listing is text");
            let keys = texts(&page, "Key");
            let Some(end) = keys.last() else {
                return records;
            };
            records.extend(
                keys.iter()
                    .map(|key| self.s3("GET", &format!("/{bucket}/{key}"))),
            );
            last = end.clone();
        }
    }

    /// Creates a secret in Secrets Manager.
    ///
    /// # Panics
    /// If the emulator rejects a call.
    pub fn create_secret(&self, name: &str, value: &str) {
        self.call(
            "secretsmanager.CreateSecret",
            &json!({ "Name": name, "SecretString": value }),
        );
    }

    /// Changes the value of a secret.
    ///
    /// # Panics
    /// If there is no such secret.
    pub fn change_secret(&self, name: &str, value: &str) {
        self.call(
            "secretsmanager.PutSecretValue",
            &json!({ "SecretId": name, "SecretString": value }),
        );
    }

    /// Creates a queue and returns its URL.
    ///
    /// # Panics
    /// If the emulator rejects a call.
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

    /// Puts a message onto a queue.
    ///
    /// # Panics
    /// If there is no such queue.
    pub fn send_message(&self, url: &str, body: &str) {
        self.call(
            "AmazonSQS.SendMessage",
            &json!({ "QueueUrl": url, "MessageBody": body }),
        );
    }

    /// The messages on a queue, as an event source mapping gives them to a function, once there are
    /// this many; S3 notifies a queue shortly after its response. The messages are invisible afterwards.
    ///
    /// # Panics
    /// If there are fewer after 20 seconds, or there is no such queue.
    #[must_use]
    pub fn receive_all(&self, url: &str, name: &str, count: usize) -> Vec<Value> {
        let end = Instant::now() + Duration::from_secs(20);
        let mut messages = self.receive(url, name);
        while messages.len() < count {
            assert!(
                Instant::now() < end,
                "{} of {count} messages",
                messages.len()
            );
            thread::sleep(Duration::from_millis(20));
            messages.extend(self.receive(url, name));
        }
        messages
    }

    /// The visible messages on a queue, as an event source mapping gives them to a function. They are
    /// invisible afterwards.
    ///
    /// # Panics
    /// If there is no such queue.
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
}

impl Drop for Emulator {
    fn drop(&mut self) {
        if thread::panicking() {
            let log = fs::read(self.folder.path().join(LOG)).unwrap_or_default();
            let end = &log[log.len().saturating_sub(SHOWN)..];
            eprintln!(
                "the emulator's output ends:\n{}",
                String::from_utf8_lossy(end)
            );
        }
    }
}

const LOG: &str = "log";

fn bucket(stream: &str) -> String {
    format!("{stream}-arrived")
}
