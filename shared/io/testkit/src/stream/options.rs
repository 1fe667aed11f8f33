//! How a stream behaves.

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
/// as JSON. An error stands for a failed invocation; its text must not hold a payload.
pub type Transform = Arc<dyn Fn(Vec<u8>) -> TransformFuture + Send + Sync>;

/// Says whether an entry of a put is refused with `ServiceUnavailableException`: gets the
/// number of the call and of the entry within it, both from 0.
pub type PutFault = Arc<dyn Fn(u64, usize) -> bool + Send + Sync>;

/// How a [`BufferingStream`](super::BufferingStream) behaves.
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
