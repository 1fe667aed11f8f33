//! A delivery stream in memory: DirectPut, a transformation Lambda, a Splunk destination.
//!
//! It has Data Firehose's limits, event format and rules for transformation responses, so that a
//! transformation that would lose data on a real stream fails visibly here. It does not model
//! buffering at the destination, throttling quotas or S3 objects.

use std::sync::Arc;

use tokio::task::JoinHandle;

mod buffer;
mod destination;
mod driver;
mod options;
mod put;
mod quarantine;
mod stats;
mod transform;

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use destination::http_client;
pub use destination::{DestinationError, RetryPolicy, SplunkDestination};
pub use options::{MAX_INVOCATION_BYTES, PutFault, StreamOptions, Transform, TransformFuture};
pub use put::{
    InvalidArgument, MAX_BATCH_BYTES, MAX_BATCH_RECORDS, MAX_RECORD_BYTES, PutBatchReply,
    SERVICE_UNAVAILABLE,
};
pub use quarantine::{Failure, Quarantined};
pub use stats::StreamStats;

use driver::Shared;

/// A running stream; a clone is a handle on the same one. Dropping the last handle stops it at once
/// and loses undelivered records, so [`flush`](Self::flush) it first.
#[derive(Clone)]
pub struct BufferingStream {
    shared: Arc<Shared>,
    _driver: Arc<AbortOnDrop>,
}

struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl BufferingStream {
    /// A stream that accepts records from now on. Needs a running tokio runtime.
    ///
    /// # Errors
    /// The destination's URL is not valid, or TLS cannot be set up.
    pub fn start(options: StreamOptions) -> Result<Self, DestinationError> {
        let shared = Arc::new(Shared::new(options)?);
        let driver = tokio::spawn(driver::drive(Arc::clone(&shared)));
        Ok(Self {
            shared,
            _driver: Arc::new(AbortOnDrop(driver)),
        })
    }

    /// Which entries are accepted, as in the response of PutRecordBatch. Never waits.
    ///
    /// # Errors
    /// [`InvalidArgument`] for a call without records, over [`MAX_BATCH_RECORDS`] or
    /// [`MAX_BATCH_BYTES`], or with a record over [`MAX_RECORD_BYTES`]. No record is then accepted.
    pub fn put_record_batch(
        &self,
        records: Vec<Vec<u8>>,
    ) -> Result<PutBatchReply, InvalidArgument> {
        self.shared.put(records)
    }

    /// Returns when every record put so far, and every record that the transformation re-ingests, is
    /// delivered, dropped or quarantined. The buffer interval does not apply until then.
    pub async fn flush(&self) {
        self.shared.flush().await;
    }

    /// The counters so far.
    pub fn stats(&self) -> StreamStats {
        self.shared.stats()
    }

    /// What could not be transformed or delivered so far, in order of failure.
    pub fn quarantine(&self) -> Vec<Quarantined> {
        self.shared.quarantined()
    }
}
