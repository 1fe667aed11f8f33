//! Texts encoded as HEC objects, delivered and counted.

use std::time::{Duration, Instant};

use hec::EventBatch;
use hec_client::{DeliveryClient, DeliveryReport};
use pipeline::{LogFile, Output, ParseError, RecordPipeline, Route, TextStats};

use crate::invocation_metrics::InvocationMetrics;

/// Turns texts into HEC objects and counts them.
pub struct Encoder {
    pipeline: RecordPipeline,
    output: Output,
}

impl Encoder {
    /// An encoder with this pipeline.
    pub fn new(pipeline: RecordPipeline) -> Self {
        Self {
            pipeline,
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
    /// route carries. No other route carries the events of an invocation that failed: a text that
    /// records one is added whole.
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
        let mut passed = self.pipeline.run(text, route, &mut self.output)?;
        if let Some(limit) = limit.filter(|_| !passed.failed_invocation) {
            let left_out = self.output.remove_events_up_to(limit);
            passed.events_out -= left_out;
            passed.events_dropped += left_out;
        }
        self.take(objects, metrics);
        metrics.passed(&passed);
        Ok(passed)
    }

    /// Adds the HEC objects of all `texts`, which belong together.
    ///
    /// # Errors
    /// One of them cannot be parsed; nothing of any is added or counted.
    pub fn add_all<T: AsRef<str>>(
        &mut self,
        texts: &[T],
        route: &Route,
        objects: &mut EventBatch,
        metrics: &mut InvocationMetrics,
    ) -> Result<(), ParseError> {
        self.output.clear();
        let mut passed = Vec::with_capacity(texts.len());
        for text in texts {
            passed.push(self.pipeline.run(text.as_ref(), route, &mut self.output)?);
        }
        self.take(objects, metrics);
        for passed in &passed {
            metrics.passed(passed);
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
        let passed = self.pipeline.run_record(record, file, &mut self.output);
        self.take(objects, metrics);
        metrics.passed(&passed);
    }

    /// Adds the fallback event of `bytes`, which cannot be parsed for this `reason`: the bytes as
    /// text, or a placeholder if masking is on.
    pub fn add_unreadable(
        &mut self,
        bytes: &[u8],
        reason: &str,
        file: &LogFile,
        objects: &mut EventBatch,
        metrics: &mut InvocationMetrics,
    ) {
        self.output.clear();
        let passed = self
            .pipeline
            .write_fallback_event(bytes, reason, file, &mut self.output);
        self.take(objects, metrics);
        metrics.passed(&passed);
    }

    fn take(&mut self, objects: &mut EventBatch, metrics: &mut InvocationMetrics) {
        objects.append(&self.output.bytes, self.output.ends());
        metrics.took(&self.output);
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
    metrics.delivered(&report);
    report
}

/// The instant `reserve` before a `deadline`, now at the earliest.
pub fn before(deadline: Instant, reserve: Duration) -> Instant {
    let now = Instant::now();
    now + deadline
        .saturating_duration_since(now)
        .saturating_sub(reserve)
}
