//! Invocations of the Firehose transformation, one after the other.

use std::time::Instant;

use firehose::{RequestError, TransformInvocation, TransformResult};
use pipeline::{Counters, RecordPipeline, Rules};
use settings::{MaskKey, Settings};
use tracing::{info, warn};

use super::reingest::{DeliveryStream, reingest};

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
        let mut plan = TransformInvocation::new(event, &self.settings, &mut self.pipeline)?;
        reingest(&mut plan, stream, deadline).await;
        let finished = plan.finish();
        log(&finished);
        Ok(finished)
    }
}

fn log(finished: &TransformResult) {
    for failure in &finished.failures {
        warn!(record = failure.record, why = %failure.reason, "record is ProcessingFailed");
    }
    let Counters {
        events_in,
        events_out,
        events_dropped,
        events_quarantined,
        events_reingested,
        records_failed,
        blinding_events,
        bytes_out,
        ..
    } = finished.counters;
    info!(
        records = finished.records,
        events_in,
        events_out,
        events_dropped,
        events_quarantined,
        events_reingested,
        records_failed,
        blinding_events,
        bytes_out,
        response_bytes = finished.response.len(),
        "transformed"
    );
}
