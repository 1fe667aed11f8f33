//! `PutRecordBatch` of a delivery stream.

use base64_simd::STANDARD;
use serde_json::{Value, json};

/// Limits of one call: records, and bytes of them (Amazon Data Firehose API Reference).
const LIMITS: (usize, usize) = (500, 4 << 20);

/// Puts all records of a call, or none if it exceeds the limits.
pub(super) fn put(stream: &mut Vec<Vec<u8>>, input: &Value) -> Option<Value> {
    let records = input["Records"].as_array()?;
    let decode = |record: &Value| STANDARD.decode_to_vec(record["Data"].as_str()?).ok();
    let data = records
        .iter()
        .map(decode)
        .collect::<Option<Vec<Vec<u8>>>>()?;
    let bytes: usize = data.iter().map(Vec::len).sum();
    if data.is_empty() || data.len() > LIMITS.0 || bytes > LIMITS.1 {
        return None;
    }
    let responses = vec![json!({ "RecordId": "1" }); data.len()];
    stream.extend(data);
    Some(json!({ "FailedPutCount": 0, "RequestResponses": responses }))
}
