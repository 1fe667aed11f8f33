//! Options of a stream.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::destination::{RetryPolicy, SplunkDestination};

/// Largest request and response of a synchronous Lambda invocation, in bytes, as enforced.
pub const MAX_INVOCATION_BYTES: usize = 6_291_556;

/// What a [`Transform`] returns.
pub type TransformFuture = Pin<Box<dyn Future<Output = Result<Vec<u8>, String>> + Send>>;

/// The transformation Lambda: gets the transformation event as JSON and returns the response
/// as JSON. An error is a failed invocation; its text must not quote a payload.
pub type Transform = Arc<dyn Fn(Vec<u8>) -> TransformFuture + Send + Sync>;

/// Whether an entry of a put is rejected with `ServiceUnavailableException`, by the number of the call
/// and of the entry within it, both from 0.
pub type PutFault = Arc<dyn Fn(u64, usize) -> bool + Send + Sync>;

/// Options of a [`BufferingStream`](super::BufferingStream).
#[derive(Clone)]
pub struct StreamOptions {
    /// The transformation is invoked when the buffer has this many bytes (default 200 KiB, the minimum
    /// of Firehose)…
    pub buffer_bytes: usize,
    /// …or when the oldest record has waited for this time (default 1 s; zero: at once).
    pub buffer_interval: Duration,
    /// `arn:aws:firehose:REGION:ACCOUNT:deliverystream/NAME`.
    pub stream_arn: String,
    /// The transformation.
    pub transform: Transform,
    /// Maximum number of retries of a failed invocation (default 3), without a pause.
    pub transform_retries: u32,
    /// Maximum number of concurrent invocations (default 2).
    pub concurrency: usize,
    /// The destination of `Ok` records.
    pub destination: SplunkDestination,
    /// Retries of a delivery.
    pub retry: RetryPolicy,
    /// Rejects chosen entries of a put.
    pub put_fault: Option<PutFault>,
}

impl StreamOptions {
    /// The defaults with this transformation and destination.
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
