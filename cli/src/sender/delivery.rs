//! Sends HEC objects until the collector accepts no more.

use std::time::{Duration, Instant};

use hec::EventBatch;
use hec_client::{DeliveryClient, DeliveryError, DeliveryReport};
use runtime::{InvocationMetrics, deliver};

use super::bad_requests::BadRequests;
use super::rate::RateLimiter;
use crate::interrupt::Interrupt;

/// Time limit for storing dead letters.
const STORE_TIMEOUT: Duration = Duration::from_secs(30);

/// What happened to the HEC objects of a batch.
pub(crate) enum SendResult {
    /// Every object is delivered or, if the collector rejects it permanently, a dead letter.
    Delivered,
    /// The collector stopped accepting objects, and the undelivered ones are dead letters.
    DeadLettered,
    /// The objects at these indices are neither delivered nor dead letters.
    Undelivered(Vec<usize>),
}

/// Sends HEC objects to the collector, and stops when it accepts no more.
pub(crate) struct Sender {
    pub(super) client: DeliveryClient,
    pub(super) rate: RateLimiter,
    /// How long a collector that accepts nothing is retried.
    pub(super) retry_budget: Duration,
    /// The batch size in bytes at which a batch is sent.
    pub(super) batch_bytes: usize,
    /// The folder or bucket of dead letters.
    pub(super) dead_letter_location: Option<String>,
    pub(crate) interrupt: Interrupt,
    pub(super) bad_requests: BadRequests,
    pub(crate) metrics: InvocationMetrics,
    /// Why the last events were not delivered.
    pub(crate) reason: Option<String>,
    /// Whether that is a configuration fault, which a user has to fix.
    pub(super) misconfigured: bool,
}

impl Sender {
    /// Whether the batch is large enough to be sent.
    pub(crate) fn is_full(&self, batch: &EventBatch) -> bool {
        batch.bytes_len() >= self.batch_bytes
    }

    /// Whether a signal was received.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.interrupt.received().is_some()
    }

    /// The folder or bucket of dead letters, if there is one.
    pub(crate) fn dead_letter_location(&self) -> Option<&str> {
        self.dead_letter_location.as_deref()
    }

    /// Sends the objects of `batch`, whose source is `input`, and returns the indices of those that
    /// are neither delivered nor dead letters, in ascending order. Nothing more is sent after a part
    /// that is not completely delivered, or after a signal.
    pub(crate) async fn deliver(&mut self, batch: &EventBatch, input: &str) -> Vec<usize> {
        let mut first = 0;
        while first < batch.len() {
            let interrupt = self.interrupt.clone();
            let end = tokio::select! {
                biased;
                () = interrupt.wait() => first,
                end = self.rate.release(first, batch.len()) => end,
            };
            let part = (first..end).collect();
            let mut undelivered = self.deliver_part(batch, part, input).await;
            if !undelivered.is_empty() || end == first {
                let unsent = batch.len() - end;
                self.metrics.counters.events_reingested += unsent as u64;
                undelivered.extend(end..batch.len());
                return undelivered;
            }
            first = end;
        }
        Vec::new()
    }

    /// Sends the objects at `indices`, and sends the undelivered ones again as long as each attempt
    /// makes progress. Returns the indices of those that remain undelivered.
    async fn deliver_part(
        &mut self,
        batch: &EventBatch,
        mut indices: Vec<usize>,
        input: &str,
    ) -> Vec<usize> {
        while !indices.is_empty() {
            let mut part = EventBatch::default();
            for index in &indices {
                part.push(batch.lines(*index..index + 1));
            }
            let until = Instant::now() + self.retry_budget;
            let report = deliver(&self.client, &part, input, until, &mut self.metrics).await;
            let undelivered = report.undelivered.iter().cloned().flatten();
            indices = undelivered.map(|index| indices[index]).collect();
            let progress = report.accepted + report.rejected.len() > 0;
            let error = report.error.as_ref();
            let is_configuration = error.is_some_and(DeliveryError::is_configuration);
            if indices.is_empty() || !progress || is_configuration || self.is_interrupted() {
                self.misconfigured = is_configuration;
                self.reason = error.map(ToString::to_string).or(self.reason.take());
                break;
            }
            self.metrics.counters.events_reingested -= indices.len() as u64;
        }
        indices
    }

    /// Sends the objects of `batch`, whose source is `input`, and stores undelivered ones as dead
    /// letters if there is a location for them. After a signal or a configuration fault nothing is
    /// stored, because the input still contains the events.
    pub(crate) async fn send(&mut self, batch: &EventBatch, input: &str) -> SendResult {
        let undelivered = self.deliver(batch, input).await;
        if undelivered.is_empty() {
            return SendResult::Delivered;
        }
        let configuration_fault = self.misconfigured && !self.metrics.bad_request_without_code;
        if self.is_interrupted() || configuration_fault || self.dead_letter_location.is_none() {
            return SendResult::Undelivered(undelivered);
        }
        let report = DeliveryReport {
            undelivered: undelivered.iter().map(|index| *index..index + 1).collect(),
            ..DeliveryReport::default()
        };
        let until = Instant::now() + STORE_TIMEOUT;
        let stored = self.client.store_undelivered(batch, &report, input, until);
        match stored.await {
            Ok(_) => {
                self.metrics.count_quarantined(undelivered.len());
                SendResult::DeadLettered
            }
            Err(error) => {
                let reason = self.reason.take().unwrap_or_default();
                self.reason = Some(format!("{reason}; {error}"));
                SendResult::Undelivered(undelivered)
            }
        }
    }

    /// Whether to continue with other events after a failure, because only the failed events may be
    /// bad.
    pub(crate) fn may_continue(&mut self) -> bool {
        let counters = &self.metrics.counters;
        let accepted = counters.events_out + counters.events_quarantined;
        self.metrics.bad_request_without_code && !self.bad_requests.add(accepted)
    }

    /// The client and the counters, for callers that build batches themselves.
    #[cfg(feature = "aws")]
    pub(crate) fn parts(&mut self) -> (&DeliveryClient, &mut InvocationMetrics) {
        (&self.client, &mut self.metrics)
    }
}
