//! The envelopes of the Firehose route, as AWS writes them.

use std::io::Write;

use base64_simd::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::function::{ACCOUNT, REGION};

/// A transformation event for the stream of this name; the record ids are `record-0`, `record-1`, and so on.
#[must_use]
pub fn event<R: AsRef<[u8]>>(stream: &str, records: &[R]) -> Vec<u8> {
    let records: Vec<Value> = records
        .iter()
        .enumerate()
        .map(|(place, data)| {
            json!({
                "recordId": record_id(place),
                "approximateArrivalTimestamp": 1_698_417_000_000_u64,
                "data": STANDARD.encode_to_string(data),
            })
        })
        .collect();
    json!({
        "invocationId": "00000000-0000-4000-8000-00000000f1fe",
        "deliveryStreamArn": format!("arn:aws:firehose:{REGION}:{ACCOUNT}:deliverystream/{stream}"),
        "region": REGION,
        "records": records,
    })
    .to_string()
    .into_bytes()
}

/// The id of the record at this index of an [`event`].
#[must_use]
pub fn record_id(index: usize) -> String {
    format!("record-{index}")
}

/// A gzipped CloudWatch Logs subscription envelope with one log event per message.
#[must_use]
pub fn subscription<M: AsRef<str>>(messages: &[M]) -> Vec<u8> {
    let events: Vec<Value> = messages
        .iter()
        .enumerate()
        .map(|(place, message)| {
            json!({
                "id": format!("{place:056}"),
                "timestamp": 1_698_417_000_000_u64,
                "message": message.as_ref(),
            })
        })
        .collect();
    gzip(
        json!({
            "messageType": "DATA_MESSAGE",
            "owner": ACCOUNT,
            "logGroup": "trail",
            "logStream": "111122223333_CloudTrail_us-east-1",
            "subscriptionFilters": ["everything"],
            "logEvents": events,
        })
        .to_string()
        .as_bytes(),
    )
}

/// These bytes as one gzip member.
///
/// # Panics
/// Never: writing into memory cannot fail.
#[must_use]
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder
        .write_all(bytes)
        .expect("writing into memory cannot fail");
    encoder.finish().expect("writing into memory cannot fail")
}

/// A compressed delivery of Firehose to an HTTP endpoint, as Lambda passes it to the function behind a URL.
#[must_use]
pub fn delivery(key: &str, id: &str, records: &[Vec<u8>]) -> String {
    let base64 = |bytes: &[u8]| STANDARD.encode_to_string(bytes);
    let data: Vec<Value> = records
        .iter()
        .map(|record| json!({ "data": base64(record) }))
        .collect();
    let body = json!({ "requestId": id, "timestamp": 1_698_417_000_000_u64, "records": data });
    json!({
        "version": "2.0",
        "rawPath": "/",
        "headers": {
            "content-encoding": "gzip",
            "content-type": "application/json",
            "x-amz-firehose-access-key": key,
            "x-amz-firehose-protocol-version": "1.0",
            "x-amz-firehose-request-id": id,
            "x-amz-firehose-source-arn": "arn:aws:firehose:us-east-1:111122223333:deliverystream/trail",
        },
        "requestContext": {
            "http": { "method": "POST", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.9" },
        },
        "body": base64(&gzip(body.to_string().as_bytes())),
        "isBase64Encoded": true,
    })
    .to_string()
}

/// One record of a transformation's response.
#[derive(Debug, PartialEq, Eq)]
pub struct Transformed {
    /// Its record id.
    pub record_id: String,
    /// `Ok`, `Dropped` or `ProcessingFailed`.
    pub result: String,
    /// The decoded bytes; empty if there are none.
    pub data: Vec<u8>,
}

/// The records of a transformation's response.
///
/// # Panics
/// If Firehose would not accept the response.
#[must_use]
pub fn transformed(response: &[u8]) -> Vec<Transformed> {
    let response: Value = serde_json::from_slice(response).expect("a response in JSON");
    let records = response["records"].as_array().expect("a list of records");
    records.iter().map(read_record).collect()
}

fn read_record(record: &Value) -> Transformed {
    let text = |key: &str| record[key].as_str().map(str::to_owned);
    let data = text("data").unwrap_or_default();
    Transformed {
        record_id: text("recordId").expect("a record id"),
        result: text("result").expect("a result"),
        data: STANDARD.decode_to_vec(data).expect("data in base64"),
    }
}
