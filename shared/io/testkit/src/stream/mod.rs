//! A delivery stream in memory: DirectPut, a transformation Lambda, a Splunk destination.
//!
//! It keeps to Data Firehose's limits, event shape and judgement of a transformation response,
//! so that a transform that would lose data behind the real stream loses it here, visibly, in
//! the quarantine. It does not model destination buffering, throttling quotas or S3 objects.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

mod buffer;
mod destination;
mod driver;
mod put;
mod quarantine;
mod stats;
mod transform;

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use destination::http_client;
pub use destination::{DestinationError, RetryPolicy, SplunkDestination};
pub use put::{
    InvalidArgument, MAX_BATCH_BYTES, MAX_BATCH_RECORDS, MAX_RECORD_BYTES, PutBatchReply,
    SERVICE_UNAVAILABLE,
};
pub use quarantine::{Failure, Quarantined};
pub use stats::StreamStats;

use driver::Shared;

/// Largest request and response of a synchronous Lambda invocation, in bytes, as enforced.
pub const MAX_INVOCATION_BYTES: usize = 6_291_556;

/// What a [`Transform`] returns.
pub type TransformFuture = Pin<Box<dyn Future<Output = Result<Vec<u8>, String>> + Send>>;

/// The transformation Lambda: gets the transformation event as JSON and returns the response
/// as JSON. An error stands for a failed invocation; its text must not hold a payload.
pub type Transform = Arc<dyn Fn(Vec<u8>) -> TransformFuture + Send + Sync>;

/// Says whether an entry of a put is refused with `ServiceUnavailableException`: gets the
/// number of the call and of the entry within it, both from 0.
pub type PutFault = Arc<dyn Fn(u64, usize) -> bool + Send + Sync>;

/// How a [`BufferingStream`] behaves.
#[derive(Clone)]
pub struct StreamOptions {
    /// A transform is invoked when this many bytes wait (default 200 KiB, the 0.2 MB that is
    /// the least of Firehose)…
    pub buffer_bytes: usize,
    /// …or when the oldest record has waited this long (default 1 s; zero: at once).
    pub buffer_interval: Duration,
    /// `arn:aws:firehose:REGION:ACCOUNT:deliverystream/NAME`.
    pub stream_arn: String,
    /// The transformation.
    pub transform: Transform,
    /// How often a failed invocation is tried again (default 3), without a pause.
    pub transform_retries: u32,
    /// How many invocations may be under way (default 2).
    pub concurrency: usize,
    /// Where `Ok` data goes.
    pub destination: SplunkDestination,
    /// How delivery is retried.
    pub retry: RetryPolicy,
    /// Refuses chosen entries of a put.
    pub put_fault: Option<PutFault>,
}

impl StreamOptions {
    /// The defaults around a transform and a destination.
    pub fn new(transform: Transform, destination: SplunkDestination) -> Self {
        Self {
            buffer_bytes: 200 << 10,
            buffer_interval: Duration::from_secs(1),
            stream_arn: "arn:aws:firehose:eu-west-1:111122223333:deliverystream/sightline"
                .to_owned(),
            transform,
            transform_retries: 3,
            concurrency: 2,
            destination,
            retry: RetryPolicy::default(),
            put_fault: None,
        }
    }
}

/// A running stream; a clone is a handle on the same one. Dropping the last handle stops it at
/// once and forgets what is not delivered, so [`flush`](Self::flush) first.
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
    /// A stream that takes records from now on. Needs a running tokio runtime.
    ///
    /// # Errors
    /// The destination's URL is not one, or TLS cannot be set up.
    pub fn start(options: StreamOptions) -> Result<Self, DestinationError> {
        let shared = Arc::new(Shared::new(options)?);
        let driver = tokio::spawn(driver::drive(Arc::clone(&shared)));
        Ok(Self {
            shared,
            _driver: Arc::new(AbortOnDrop(driver)),
        })
    }

    /// Which entries are taken, as PutRecordBatch answers. Never waits.
    ///
    /// # Errors
    /// [`InvalidArgument`] for a call with no record, over [`MAX_BATCH_RECORDS`] or
    /// [`MAX_BATCH_BYTES`], or with a record over [`MAX_RECORD_BYTES`]; nothing is taken then.
    pub fn put_record_batch(
        &self,
        records: Vec<Vec<u8>>,
    ) -> Result<PutBatchReply, InvalidArgument> {
        self.shared.put(records)
    }

    /// Returns when every record put so far, and every record put meanwhile by the transform,
    /// is delivered, dropped or quarantined. Buffers do not wait for their interval meanwhile.
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
