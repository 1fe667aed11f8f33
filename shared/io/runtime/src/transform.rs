//! The Firehose transformation of one invocation after the other: everything around
//! [`firehose::TransformInvocation`] except for the Lambda loop, so that `sightline demo` runs the
//! same code as the function.

use std::future::Future;
use std::time::{Duration, Instant};

pub use firehose::PutError;
use firehose::{ReingestBatch, RequestError, TransformInvocation, TransformResult};
use pipeline::{RecordPipeline, Rules};
use settings::{MaskKey, Settings};
use tracing::warn;

use crate::invocation_metrics::log_counters;

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

#[cfg(feature = "stream")]
impl DeliveryStream for aws::StreamWriter {
    async fn put_record_batch(
        &self,
        name: &str,
        records: &[Vec<u8>],
    ) -> Result<Vec<usize>, PutError> {
        self.put(name, records).await
    }
}

/// Transforms the records of one invocation at a time.
pub struct Transformer {
    settings: Settings,
    pipeline: RecordPipeline,
}

impl Transformer {
    /// A transformer with these `settings` and `rules`, and the key that `MASK_MODE=hmac` requires.
    pub fn new(settings: Settings, key: Option<&MaskKey>, rules: Rules) -> Self {
        let pipeline = RecordPipeline::new(&settings, key, rules);
        Self { settings, pipeline }
    }

    /// Masks with another key from now on.
    pub fn rekey(&mut self, key: &MaskKey) {
        self.pipeline.set_mask_key(&self.settings, key);
    }

    /// The response to the `event` of one invocation, ready shortly before `deadline`. Records too
    /// large for the response are re-ingested into `stream`. Logs the counters and why records
    /// failed, never their content.
    ///
    /// # Errors
    /// The event is not a transformation request.
    pub async fn invoke(
        &mut self,
        event: &str,
        stream: &impl DeliveryStream,
        deadline: Instant,
    ) -> Result<TransformResult, RequestError> {
        let mut invocation = TransformInvocation::new(event, &self.settings, &mut self.pipeline)?;
        reingest(&mut invocation, stream, deadline).await;
        let result = invocation.finish();
        log(&result);
        Ok(result)
    }
}

fn log(result: &TransformResult) {
    for failure in &result.failures {
        warn!(record = failure.record, why = %failure.reason, "record is ProcessingFailed");
    }
    log_counters!(
        "transformed",
        &result.counters,
        records = result.records,
        response_bytes = result.response.len(),
    );
}

/// The first pause between attempts; it doubles with each attempt.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The sum of all pauses of one invocation. A stream that accepts nothing for that long stays
/// throttled, and `processing-failed/` keeps the records.
const RETRY_BUDGET: Duration = Duration::from_secs(20);

/// Time kept for the response at the end of the invocation.
const RESERVE: Duration = Duration::from_secs(2);

/// Re-ingests all batches of `invocation` into `stream`, retries records that it does not accept, and
/// marks those that it never accepted as rejected. Pauses add up to at most 20 seconds, and end two
/// seconds before `deadline`.
async fn reingest(
    invocation: &mut TransformInvocation<'_>,
    stream: &impl DeliveryStream,
    deadline: Instant,
) {
    let name = invocation.stream_name().to_owned();
    let mut budget = RETRY_BUDGET;
    while let Some(batch) = invocation.next_batch() {
        let rejected = put(&batch, &name, stream, deadline, &mut budget).await;
        if !rejected.is_empty() {
            warn!(
                records = rejected.len(),
                "records could not be re-ingested into the stream"
            );
        }
        invocation.mark_rejected(&batch, &rejected);
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
    let mut outstanding: Vec<usize> = (0..batch.records.len()).collect();
    let mut wait = FIRST_PAUSE;
    loop {
        let remaining = deadline
            .saturating_duration_since(Instant::now())
            .saturating_sub(RESERVE);
        if remaining.is_zero() {
            return outstanding;
        }
        match tokio::time::timeout(remaining, attempt(batch, &outstanding, name, stream)).await {
            // The stream may have accepted the records: duplicates, no loss.
            Err(_) => return outstanding,
            Ok(Ok(rejected)) => outstanding = rejected,
            Ok(Err(error)) => {
                warn!(reason = error.reason, "PutRecordBatch failed");
                if !error.is_transient {
                    return outstanding;
                }
            }
        }
        let pause = wait.mul_f64(fastrand::f64());
        if outstanding.is_empty() || pause > *budget {
            return outstanding;
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
