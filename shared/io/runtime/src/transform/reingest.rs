//! Re-ingestion with `PutRecordBatch`, with backoff and within the deadline.

use std::future::Future;
use std::time::{Duration, Instant};

use firehose::{ReingestBatch, TransformInvocation};
use tracing::warn;

/// A stream that records can be put onto.
pub trait DeliveryStream: Sync {
    /// Puts the records (500 and 4 MiB at most) onto the stream `name` and returns the indices of
    /// those that it did not accept.
    ///
    /// # Errors
    /// The call failed as a whole: no record was accepted.
    fn put_record_batch(
        &self,
        name: &str,
        records: &[Vec<u8>],
    ) -> impl Future<Output = Result<Vec<usize>, PutError>> + Send;
}

/// A `PutRecordBatch` call that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutError {
    /// The error code or kind; never data.
    pub reason: String,
    /// Whether a later call may succeed.
    pub is_transient: bool,
}

/// The first pause between attempts; it doubles with each attempt.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The sum of all pauses of one invocation. A stream that accepts nothing for that long stays
/// throttled, and `processing-failed/` keeps the records.
const RETRY_BUDGET: Duration = Duration::from_secs(20);

/// Time kept for the response at the end of the invocation.
const RESERVE: Duration = Duration::from_secs(2);

/// Re-ingests all batches of `plan` into `stream`, retries records that it does not accept, and
/// notes in the plan those that it never accepted. Pauses add up to at most 20 seconds, and end two
/// seconds before `deadline`.
pub(super) async fn reingest(
    plan: &mut TransformInvocation<'_>,
    stream: &impl DeliveryStream,
    deadline: Instant,
) {
    let name = plan.stream_name().to_owned();
    let mut budget = RETRY_BUDGET;
    while let Some(batch) = plan.next_batch() {
        let left = put(&batch, &name, stream, deadline, &mut budget).await;
        if !left.is_empty() {
            warn!(
                records = left.len(),
                "records could not be re-ingested into the stream"
            );
        }
        plan.mark_rejected(&batch, &left);
    }
}

/// Puts one batch, and returns the indices of the records that were not accepted.
async fn put(
    batch: &ReingestBatch,
    name: &str,
    stream: &impl DeliveryStream,
    deadline: Instant,
    budget: &mut Duration,
) -> Vec<usize> {
    let mut left: Vec<usize> = (0..batch.records.len()).collect();
    let mut wait = FIRST_PAUSE;
    loop {
        let remaining = deadline
            .saturating_duration_since(Instant::now())
            .saturating_sub(RESERVE);
        if remaining.is_zero() {
            return left;
        }
        match tokio::time::timeout(remaining, attempt(batch, &left, name, stream)).await {
            // The stream may have accepted the records: duplicates, no loss.
            Err(_) => return left,
            Ok(Ok(rejected)) => left = rejected,
            Ok(Err(error)) => {
                warn!(reason = error.reason, "PutRecordBatch failed");
                if !error.is_transient {
                    return left;
                }
            }
        }
        let pause = wait.mul_f64(fastrand::f64());
        if left.is_empty() || pause > *budget {
            return left;
        }
        *budget -= pause;
        wait *= 2;
        tokio::time::sleep(pause.min(remaining)).await;
    }
}

/// One call with the records at `indices`; returns the indices of those that were rejected.
async fn attempt(
    batch: &ReingestBatch,
    indices: &[usize],
    name: &str,
    stream: &impl DeliveryStream,
) -> Result<Vec<usize>, PutError> {
    if indices.len() == batch.records.len() {
        return stream.put_record_batch(name, &batch.records).await;
    }
    let records: Vec<Vec<u8>> = indices
        .iter()
        .map(|&index| batch.records[index].clone())
        .collect();
    let rejected = stream.put_record_batch(name, &records).await?;
    Ok(rejected
        .into_iter()
        .map(|rejected| indices[rejected])
        .collect())
}
