//! Carries out what a plan wants put back on the stream.

use std::future::Future;
use std::time::{Duration, Instant};

use firehose::{ReingestBatch, TransformInvocation};
use tracing::warn;

/// A stream that records can be put onto.
pub trait DeliveryStream: Sync {
    /// Puts the records (500 and 4 MiB at most) onto the stream called `name` and returns the
    /// places of those that it did not take.
    ///
    /// # Errors
    /// The call failed as a whole, so that no record was taken.
    fn put_record_batch(
        &self,
        name: &str,
        records: &[Vec<u8>],
    ) -> impl Future<Output = Result<Vec<usize>, PutError>> + Send;
}

/// A `PutRecordBatch` call that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutError {
    /// What the service said; no data.
    pub reason: String,
    /// Whether a later call may succeed.
    pub is_transient: bool,
}

/// Waits between attempts begin with this and double.
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// The longest that one invocation waits in all: a stream that takes nothing for so long is
/// throttled for good, and `processing-failed/` keeps what it does not take.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is left of the invocation for the response.
const RESERVE: Duration = Duration::from_secs(2);

/// Puts all batches of `plan` onto `stream`, what it does not take again and again, and notes in
/// the plan what was not taken in the end. Waits at most 20 seconds in all, and never beyond two
/// seconds before `deadline`.
pub async fn put_back(
    plan: &mut TransformInvocation<'_>,
    stream: &impl DeliveryStream,
    deadline: Instant,
) {
    let name = plan.stream_name().to_owned();
    let mut patience = PATIENCE;
    while let Some(batch) = plan.next_batch() {
        let left = put(&batch, &name, stream, deadline, &mut patience).await;
        if !left.is_empty() {
            warn!(
                records = left.len(),
                "records could not be put back on the stream"
            );
        }
        plan.mark_rejected(&batch, &left);
    }
}

/// Puts one batch, and returns the places of the records that were not taken.
async fn put(
    batch: &ReingestBatch,
    name: &str,
    stream: &impl DeliveryStream,
    deadline: Instant,
    patience: &mut Duration,
) -> Vec<usize> {
    let mut left: Vec<usize> = (0..batch.records.len()).collect();
    let mut wait = FIRST_WAIT;
    loop {
        let remaining = deadline
            .saturating_duration_since(Instant::now())
            .saturating_sub(RESERVE);
        if remaining.is_zero() {
            return left;
        }
        match tokio::time::timeout(remaining, attempt(batch, &left, name, stream)).await {
            // The call may have been heard, so that the records may come twice: not lost.
            Err(_) => return left,
            Ok(Ok(refused)) => left = refused,
            Ok(Err(error)) => {
                warn!(reason = error.reason, "PutRecordBatch failed");
                if !error.is_transient {
                    return left;
                }
            }
        }
        let pause = wait.mul_f64(fastrand::f64());
        if left.is_empty() || pause > *patience {
            return left;
        }
        *patience -= pause;
        wait *= 2;
        tokio::time::sleep(pause.min(remaining)).await;
    }
}

/// One call with the records at `places`; returns the places of those that were refused.
async fn attempt(
    batch: &ReingestBatch,
    places: &[usize],
    name: &str,
    stream: &impl DeliveryStream,
) -> Result<Vec<usize>, PutError> {
    if places.len() == batch.records.len() {
        return stream.put_record_batch(name, &batch.records).await;
    }
    let records: Vec<Vec<u8>> = places
        .iter()
        .map(|&place| batch.records[place].clone())
        .collect();
    let refused = stream.put_record_batch(name, &records).await?;
    Ok(refused.into_iter().map(|refused| places[refused]).collect())
}
