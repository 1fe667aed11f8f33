//! Delivery from the command line: token, rate, retry budget, counters.

mod counters;
mod prepare;

use std::time::{Duration, Instant};

use hec::EventBatch;
use hec_client::{DeliveryClient, DeliveryError, DeliveryReport};
use runtime::{InvocationMetrics, deliver};

use crate::interrupt::Interrupt;
use crate::rate::RateLimiter;
pub(crate) use counters::print_counters;
pub(crate) use prepare::prepare;

/// The time that keeping dead letters may need.
const KEEP_TIMEOUT: Duration = Duration::from_secs(30);

/// What happened to the HEC objects of a batch.
pub(crate) enum SendResult {
    /// Every object is delivered or, if the collector rejects it permanently, a dead letter.
    Delivered,
    /// The collector stopped accepting objects, and the undelivered ones are dead letters.
    DeadLettered,
    /// The objects at these indices are neither delivered nor dead letters.
    Undelivered(Vec<usize>),
}

/// Times in a row that events are left because nothing shows whether they or a setting are bad.
const MAX_UNEXPLAINED: u32 = 3;

/// Counts how often in a row events were left without an explanation.
#[derive(Default)]
struct Unexplained {
    in_a_row: u32,
    /// Events that had been accepted the last time.
    accepted: u64,
}

impl Unexplained {
    /// Counts one more time, at which so many events have been `accepted` in all. Returns whether
    /// a setting must be wrong rather than the events.
    fn is_too_many(&mut self, accepted: u64) -> bool {
        if accepted > self.accepted {
            self.in_a_row = 0;
        }
        self.accepted = accepted;
        self.in_a_row += 1;
        self.in_a_row >= MAX_UNEXPLAINED
    }
}

/// Sends objects to the collector, and stops as soon as it accepts no more.
pub(crate) struct Sender {
    client: DeliveryClient,
    rate: RateLimiter,
    /// How long a collector that accepts nothing is retried.
    retry_budget: Duration,
    bytes_together: usize,
    /// Where events go that are not delivered.
    dead_letter_place: Option<String>,
    pub(crate) interrupt: Interrupt,
    unexplained: Unexplained,
    pub(crate) metrics: InvocationMetrics,
    /// Why the last events were not delivered.
    pub(crate) reason: Option<String>,
    /// Whether that is a setting, or something else that somebody has to change.
    misconfigured: bool,
}

impl Sender {
    /// Whether enough objects are gathered to send them.
    pub(crate) fn is_full(&self, objects: &EventBatch) -> bool {
        objects.bytes_len() >= self.bytes_together
    }

    /// Whether a signal asked for the end of the run.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.interrupt.received().is_some()
    }

    /// Where events are kept that are not delivered.
    pub(crate) fn dead_letter_place(&self) -> Option<&str> {
        self.dead_letter_place.as_deref()
    }

    /// Sends all `objects`, which come from `input`, and returns the numbers of those that are
    /// neither delivered nor dead letters, in order. Nothing is sent after a part of which some are
    /// left, or after a signal.
    pub(crate) async fn deliver(&mut self, objects: &EventBatch, input: &str) -> Vec<usize> {
        let mut first = 0;
        while first < objects.len() {
            let interrupt = self.interrupt.clone();
            let end = tokio::select! {
                biased;
                () = interrupt.wait() => first,
                end = self.rate.release(first, objects.len()) => end,
            };
            let mut left = self.part(objects, (first..end).collect(), input).await;
            if !left.is_empty() || end == first {
                self.not_sent(objects.len() - end);
                left.extend(end..objects.len());
                return left;
            }
            first = end;
        }
        Vec::new()
    }

    /// Sends the objects of these numbers, again for as long as some of them are accepted each
    /// time. Returns the numbers that are left.
    async fn part(
        &mut self,
        objects: &EventBatch,
        mut numbers: Vec<usize>,
        input: &str,
    ) -> Vec<usize> {
        while !numbers.is_empty() {
            let mut part = EventBatch::default();
            for number in &numbers {
                part.push(objects.lines(*number..number + 1));
            }
            let until = Instant::now() + self.retry_budget;
            let report = deliver(&self.client, &part, input, until, &mut self.metrics).await;
            let left: Vec<usize> = report.undelivered.iter().cloned().flatten().collect();
            numbers = left.into_iter().map(|at| numbers[at]).collect();
            let has_progress = report.accepted + report.rejected.len() > 0;
            let error = report.error.as_ref();
            let is_configuration = error.is_some_and(DeliveryError::is_configuration);
            if numbers.is_empty() || !has_progress || is_configuration || self.is_interrupted() {
                self.misconfigured = is_configuration;
                self.reason = error.map(ToString::to_string).or(self.reason.take());
                break;
            }
            self.metrics.counters.events_reingested -= numbers.len() as u64;
        }
        numbers
    }

    /// Counts events that were encoded and that no request was sent for.
    pub(crate) fn not_sent(&mut self, events: usize) {
        self.metrics.counters.events_reingested += events as u64;
    }

    /// Sends all `objects`, which come from `input`, and keeps what is not delivered if there is a
    /// place for it. Nothing is kept after a signal, or if a setting is wrong: the input holds it.
    pub(crate) async fn send(&mut self, objects: &EventBatch, input: &str) -> SendResult {
        let numbers = self.deliver(objects, input).await;
        if numbers.is_empty() {
            return SendResult::Delivered;
        }
        let is_setting = self.misconfigured && !self.metrics.is_unexplained;
        if self.is_interrupted() || is_setting || self.dead_letter_place.is_none() {
            return SendResult::Undelivered(numbers);
        }
        let left = DeliveryReport {
            undelivered: numbers.iter().map(|at| *at..at + 1).collect(),
            ..DeliveryReport::default()
        };
        let until = Instant::now() + KEEP_TIMEOUT;
        let stored = self.client.store_undelivered(objects, &left, input, until);
        match stored.await {
            Ok(_) => {
                self.metrics.kept(numbers.len());
                SendResult::DeadLettered
            }
            Err(error) => {
                let reason = self.reason.take().unwrap_or_default();
                self.reason = Some(format!("{reason}; {error}"));
                SendResult::Undelivered(numbers)
            }
        }
    }

    /// Whether to continue with other events after some were left, because only these may be bad.
    pub(crate) fn may_continue(&mut self) -> bool {
        let counters = &self.metrics.counters;
        let accepted = counters.events_out + counters.events_quarantined;
        self.metrics.is_unexplained && !self.unexplained.is_too_many(accepted)
    }

    /// The client and the counters, for callers that gather objects themselves.
    #[cfg(feature = "aws")]
    pub(crate) fn parts(&mut self) -> (&DeliveryClient, &mut InvocationMetrics) {
        (&self.client, &mut self.metrics)
    }
}
