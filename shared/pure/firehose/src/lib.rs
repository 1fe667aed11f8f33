//! Amazon Data Firehose data transformation: its wire format and its limits.
//!
//! Our own types, since those of `aws_lambda_events` refuse a request for one odd record and
//! write keys into a response that do not belong there.

mod request;
mod response;

pub use request::{DataError, Request, RequestError, RequestRecord};
pub use response::{Response, decoded_room};

/// Records that one `PutRecordBatch` call takes (API reference, PutRecordBatch).
pub const BATCH_RECORDS: usize = 500;

/// Bytes that one `PutRecordBatch` call takes. The reference does not say whether base64 counts;
/// callers count it, which is right either way.
pub const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Bytes that one record takes, before base64 (API reference, Record: 1,000 KiB).
pub const RECORD_BYTES: usize = 1000 * 1024;

/// The length in bytes of the base64 of so many bytes.
pub fn base64_len(bytes: usize) -> usize {
    bytes.div_ceil(3) * 4
}
