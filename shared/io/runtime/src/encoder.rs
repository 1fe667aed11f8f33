//! Texts encoded as HEC objects, delivered and counted.

use std::time::{Duration, Instant};

use hec::EventBatch;
use hec_client::{DeliveryClient, DeliveryReport};
use pipeline::{
    DecompressError, Decompressor, LogFile, Output, ParseError, RecordPipeline, Route, TextStats,
};
use thiserror::Error;

use crate::invocation_metrics::InvocationMetrics;

/// Bytes that hold no events in a known format.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InputError {
    /// The bytes are not text.
    #[error(transparent)]
    Decompress(#[from] DecompressError),
    /// The text cannot be parsed.
    #[error(transparent)]
    Parse(#[from] ParseError),
}

/// Turns texts into HEC objects and counts them.
pub struct Encoder {
    pipeline: RecordPipeline,
    decompressor: Decompressor,
    output: Output,
}

impl Encoder {
    /// An encoder with this pipeline.
    pub fn new(pipeline: RecordPipeline) -> Self {
        Self {
            pipeline,
            decompressor: Decompressor::default(),
            output: Output::default(),
        }
    }

    /// The pipeline, to set a new mask key.
    pub fn pipeline(&mut self) -> &mut RecordPipeline {
        &mut self.pipeline
    }

    /// Adds the HEC objects of `text` to `objects`.
    ///
    /// # Errors
    /// The text cannot be parsed; nothing of it is added.
    pub fn add(
        &mut self,
        text: &str,
        route: &Route,
        objects: &mut EventBatch,
        metrics: &mut InvocationMetrics,
    ) -> Result<TextStats, ParseError> {
        self.add_over(None, text, route, objects, metrics)
    }

    /// Adds the HEC objects of `text`, except for messages of at most `limit` bytes, which another
    /// route carries. The limit does not apply to Lambda's record of a failed invocation, because no
    /// other route carries its events.
    ///
    /// # Errors
    /// The text cannot be parsed; nothing of it is added.
    pub fn add_over(
        &mut self,
        limit: Option<usize>,
        text: &str,
        route: &Route,
        objects: &mut EventBatch,
        metrics: &mut InvocationMetrics,
    ) -> Result<TextStats, ParseError> {
        self.output.clear();
        let mut stats = self.pipeline.run(text, route, &mut self.output)?;
        if let Some(limit) = limit.filter(|_| !stats.failed_invocation) {
            let filtered = self.output.remove_events_up_to(limit);
            stats.events_out -= filtered;
            stats.events_dropped += filtered;
        }
        self.move_output(objects, metrics);
        metrics.count_text(&stats);
        Ok(stats)
    }

    /// Adds the HEC objects of all `inputs`, gzip or plain text, which are parts of one message.
    ///
    /// # Errors
    /// One of them cannot be parsed. Nothing of any is added or counted, since the whole message is
    /// delivered again.
    pub fn add_all<T: AsRef<[u8]>>(
        &mut self,
        inputs: &[T],
        route: &Route,
        objects: &mut EventBatch,
        metrics: &mut InvocationMetrics,
    ) -> Result<(), InputError> {
        self.output.clear();
        let mut all = Vec::with_capacity(inputs.len());
        for input in inputs {
            let text = self.decompressor.decompress(input.as_ref())?;
            all.push(self.pipeline.run(text, route, &mut self.output)?);
        }
        self.move_output(objects, metrics);
        for stats in &all {
            metrics.count_text(stats);
        }
        Ok(())
    }

    /// Adds the HEC object of one record of a log file, unless a filter drops it.
    pub fn add_record(
        &mut self,
        record: &[u8],
        file: &LogFile,
        objects: &mut EventBatch,
        metrics: &mut InvocationMetrics,
    ) {
        self.output.clear();
        let stats = self.pipeline.run_record(record, file, &mut self.output);
        self.move_output(objects, metrics);
        metrics.count_text(&stats);
    }

    /// Adds the fallback event of `bytes`, which cannot be parsed for this `reason`: the bytes as
    /// text, or a placeholder if masking is on.
    pub fn add_fallback(
        &mut self,
        bytes: &[u8],
        reason: &str,
        file: &LogFile,
        objects: &mut EventBatch,
        metrics: &mut InvocationMetrics,
    ) {
        self.output.clear();
        let stats = self
            .pipeline
            .write_fallback_event(bytes, reason, file, &mut self.output);
        self.move_output(objects, metrics);
        metrics.count_text(&stats);
    }

    fn move_output(&mut self, objects: &mut EventBatch, metrics: &mut InvocationMetrics) {
        objects.append(&self.output.bytes, self.output.ends());
        metrics.count_output(&self.output);
    }
}

/// Delivers `objects`, which come from `input`, and counts the outcome in `metrics`.
pub async fn deliver(
    client: &DeliveryClient,
    objects: &EventBatch,
    input: &str,
    until: Instant,
    metrics: &mut InvocationMetrics,
) -> DeliveryReport {
    let report = client.deliver(objects, input, until).await;
    metrics.count_delivery(&report);
    report
}

/// The instant `reserve` before a `deadline`, now at the earliest.
pub fn before(deadline: Instant, reserve: Duration) -> Instant {
    let now = Instant::now();
    now + deadline
        .saturating_duration_since(now)
        .saturating_sub(reserve)
}

#[cfg(test)]
mod tests {
    use pipeline::{Counters, Rules};
    use settings::RawSettings;

    use super::*;

    const RECORD: &str = r#"{"eventVersion":"1.09","eventTime":"2026-01-01T00:00:00Z"}"#;

    /// The result for these inputs, the number of objects that were added, and the counters.
    fn add_all(inputs: &[&[u8]]) -> (Result<(), InputError>, usize, Counters) {
        let settings = settings::resolve(&RawSettings::default()).unwrap();
        let mut encoder = Encoder::new(RecordPipeline::new(&settings, None, Rules::none()));
        let (mut objects, mut metrics) = (EventBatch::default(), InvocationMetrics::default());
        let route = Route::default();
        let added = encoder.add_all(inputs, &route, &mut objects, &mut metrics);
        (added, objects.len(), metrics.counters)
    }

    #[test]
    fn all_inputs_of_a_message_are_added_together() {
        let two = format!("{RECORD}\n{RECORD}");
        let (added, objects, counters) = add_all(&[RECORD.as_bytes(), two.as_bytes()]);
        assert_eq!((added, objects, counters.events_in), (Ok(()), 3, 3));
    }

    #[test]
    fn nothing_of_a_message_that_is_delivered_again_is_added_or_counted() {
        for bad in [b"[1".as_slice(), b"\x1f\x8b\x08", b"\xff"] {
            let (added, objects, counters) = add_all(&[RECORD.as_bytes(), bad]);
            assert!(added.is_err());
            assert_eq!((objects, counters), (0, Counters::default()));
        }
    }
}
