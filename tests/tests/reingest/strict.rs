//! A Firehose with the limits of PutRecordBatch.

use base64_simd::STANDARD;
use bytes::Bytes;
use hyper::{Request, Response};
use scenarios::loopback::status;
use serde_json::{Value, json};

/// A Firehose that enforces the limits of PutRecordBatch, of which the emulator enforces some, and accepts only
/// every second record of the first calls.
pub(crate) struct Strict {
    rejecting: usize,
    calls: usize,
    accepted: Vec<Vec<u8>>,
}

impl Strict {
    /// Rejects every second record of the first `calls` calls.
    pub(crate) fn rejecting(calls: usize) -> Self {
        Self {
            rejecting: calls,
            calls: 0,
            accepted: Vec::new(),
        }
    }

    /// Removes and returns the accepted records.
    pub(crate) fn take(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.accepted)
    }

    /// Its response to a call.
    pub(crate) fn put(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        let input: Value = serde_json::from_slice(request.body()).expect("a call in JSON");
        let records = input["Records"].as_array().expect("records");
        let records: Vec<&str> = records
            .iter()
            .map(|record| record["Data"].as_str().expect("data"))
            .collect();
        let bytes: usize = records.iter().map(|data| data.len()).sum();
        if records.is_empty() || records.len() > 500 || bytes > 4 << 20 {
            return status(400, r#"{"__type":"InvalidArgumentException"}"#);
        }
        self.calls += 1;
        let responses: Vec<Value> = records
            .iter()
            .enumerate()
            .map(|(place, data)| {
                if self.calls <= self.rejecting && place % 2 == 1 {
                    return json!({ "ErrorCode": "ServiceUnavailableException", "ErrorMessage": "Slow down." });
                }
                self.accepted.push(STANDARD.decode_to_vec(data).expect("base64"));
                json!({ "RecordId": "accepted" })
            })
            .collect();
        let failed = responses
            .iter()
            .filter(|response| response["ErrorCode"].is_string())
            .count();
        status(
            200,
            json!({ "FailedPutCount": failed, "RequestResponses": responses }).to_string(),
        )
    }
}
