//! The envelope of a CloudWatch Logs subscription.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::values::ACCOUNT;

/// `plain` as one gzip member at level 6, as CloudWatch Logs compresses.
pub fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder
        .write_all(plain)
        .and_then(|()| encoder.finish())
        .expect("writing to memory cannot fail")
}

/// The envelope of `records`, each a JSON text, as a subscription of the trail's log group writes
/// it. Log event ids count from `first_id`; all log events have the time `timestamp_ms`.
pub fn envelope_of(records: &[String], first_id: u64, timestamp_ms: u64) -> String {
    let owner = ACCOUNT;
    let mut out = format!(
        r#"{{"messageType":"DATA_MESSAGE","owner":"{owner}","logGroup":"example/cloudtrail","logStream":"{owner}_CloudTrail_us-east-1","subscriptionFilters":["sightline"],"logEvents":["#
    );
    for (record, id) in records.iter().zip(first_id..) {
        if id > first_id {
            out.push(',');
        }
        let message = serde_json::Value::from(record.as_str());
        out.push_str(&format!(
            r#"{{"id":"{id:056}","timestamp":{timestamp_ms},"message":{message}}}"#
        ));
    }
    out.push_str("]}");
    out
}
