//! PutRecordBatch: its limits and its reply.
//!
//! Amazon Data Firehose API Reference, "PutRecordBatch".

/// Maximum number of records in one call.
pub const MAX_BATCH_RECORDS: usize = 500;
/// Maximum bytes in one call, before base64: 4 MiB.
pub const MAX_BATCH_BYTES: usize = 4 << 20;
/// Maximum bytes in one record, before base64: 1,000 KiB.
pub const MAX_RECORD_BYTES: usize = 1000 << 10;
/// The error code of an entry that was not accepted.
pub const SERVICE_UNAVAILABLE: &str = "ServiceUnavailableException";

/// The whole call is rejected with `InvalidArgumentException`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidArgument {
    /// Not 1 to [`MAX_BATCH_RECORDS`] records.
    #[error("InvalidArgumentException: a batch holds 1 to 500 records, not {0}")]
    Records(usize),
    /// Over [`MAX_BATCH_BYTES`].
    #[error("InvalidArgumentException: a batch holds at most 4 MiB, not {0} bytes")]
    BatchBytes(usize),
    /// A record over [`MAX_RECORD_BYTES`].
    #[error("InvalidArgumentException: record {index} holds {bytes} bytes, more than 1,000 KiB")]
    RecordBytes {
        /// Its position, from 0.
        index: usize,
        /// Its size.
        bytes: usize,
    },
}

/// The reply to a call that was not rejected as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutBatchReply {
    /// For each record, in order: `None` if it was accepted, else its error code.
    pub records: Vec<Option<&'static str>>,
}

impl PutBatchReply {
    /// The number of entries that were not accepted.
    pub fn failed_put_count(&self) -> usize {
        self.records.iter().flatten().count()
    }
}

/// Checks the limits of a batch.
pub(super) fn check(records: &[Vec<u8>]) -> Result<(), InvalidArgument> {
    if records.is_empty() || records.len() > MAX_BATCH_RECORDS {
        return Err(InvalidArgument::Records(records.len()));
    }
    let oversize = records.iter().position(|r| r.len() > MAX_RECORD_BYTES);
    if let Some(index) = oversize {
        let bytes = records[index].len();
        return Err(InvalidArgument::RecordBytes { index, bytes });
    }
    let total = records.iter().map(Vec::len).sum();
    if total > MAX_BATCH_BYTES {
        return Err(InvalidArgument::BatchBytes(total));
    }
    Ok(())
}
