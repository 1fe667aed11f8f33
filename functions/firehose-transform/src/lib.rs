//! The shell of the Firehose transformation: everything around [`pipeline`] but the Lambda
//! runtime and the AWS SDK, so that `sightline demo` runs the very code of the function.

mod put_back;
#[cfg(feature = "lambda")]
pub mod service;
#[cfg(feature = "lambda")]
mod stream;

use std::time::Instant;

use firehose::{RequestError, TransformInvocation, TransformResult};
use pipeline::{Counters, RecordPipeline, Rules};
use settings::{MaskKey, Settings};
use tracing::{info, warn};

pub use put_back::{DeliveryStream, PutError, put_back};

/// Transforms the records of invocations, one invocation at a time.
pub struct Transform {
    settings: Settings,
    lane: RecordPipeline,
}

impl Transform {
    /// By `settings` and `rules`, with the key that `MASK_MODE=hmac` needs.
    pub fn new(settings: Settings, key: Option<&MaskKey>, rules: Rules) -> Self {
        let lane = RecordPipeline::new(&settings, key, rules);
        Self { settings, lane }
    }

    /// Masks with another key from now on.
    pub fn rekey(&mut self, key: &MaskKey) {
        self.lane.set_mask_key(&self.settings, key);
    }

    /// Answers one invocation's `event`, of which `stream` takes back what does not fit the
    /// response, until shortly before `deadline`. Logs what was counted and why records failed,
    /// never what is in them.
    ///
    /// # Errors
    /// The event has no records to answer.
    pub async fn invoke(
        &mut self,
        event: &str,
        stream: &impl DeliveryStream,
        deadline: Instant,
    ) -> Result<TransformResult, RequestError> {
        let mut plan = TransformInvocation::new(event, &self.settings, &mut self.lane)?;
        put_back(&mut plan, stream, deadline).await;
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
