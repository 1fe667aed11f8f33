//! The stream's side of PutRecordBatch.

use base64_simd::STANDARD;
use bytes::Bytes;
use hyper::{Request, Response};
use scenarios::loopback::status;
use serde_json::{Value, json};

/// A Firehose that holds callers to the limits of PutRecordBatch, which the emulator does in part only, and takes
/// every second record of the first calls only.
pub(crate) struct Strict {
    refusing: usize,
    calls: usize,
    taken: Vec<Vec<u8>>,
}

impl Strict {
    /// One that refuses every second record of this many calls, and has taken nothing so far.
    pub(crate) fn refusing(calls: usize) -> Self {
        Self {
            refusing: calls,
            calls: 0,
            taken: Vec::new(),
        }
    }

    /// What it has taken since it was asked last.
    pub(crate) fn take(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.taken)
    }

    /// Its answer to a call.
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
                if self.calls <= self.refusing && place % 2 == 1 {
                    return json!({ "ErrorCode": "ServiceUnavailableException", "ErrorMessage": "Slow down." });
                }
                self.taken.push(STANDARD.decode_to_vec(data).expect("base64"));
                json!({ "RecordId": "taken" })
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
