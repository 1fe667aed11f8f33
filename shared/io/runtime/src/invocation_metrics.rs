//! The counters of one invocation.

use hec_client::{DeliveryError, DeliveryReport};
use pipeline::{Counters, Output, TextStats};
use tracing::info;

use crate::metrics;

/// Counters and ages of events.
#[derive(Debug, Default)]
pub struct InvocationMetrics {
    /// The counters.
    pub counters: Counters,
    /// The last delivery left objects, and it is not known whether these are bad or a setting is.
    pub is_unexplained: bool,
    /// Routes and event times (epoch seconds).
    times: Vec<(&'static str, i64)>,
}

/// Event times that are kept for the metric of freshness; more say nothing new.
const MOST_TIMES: usize = 10_000;

impl InvocationMetrics {
    pub(crate) fn passed(&mut self, passed: &TextStats) {
        self.counters.events_in += passed.events_in as u64;
        self.counters.events_dropped += passed.events_dropped as u64;
    }

    pub(crate) fn took(&mut self, output: &Output) {
        self.counters.blinding_events += output.blinding_events();
        self.counters.bytes_out += output.bytes.len() as u64;
        let room = MOST_TIMES.saturating_sub(self.times.len());
        let times = output.event_times().take(room);
        self.times
            .extend(times.map(|(path, time)| (path.name(), time)));
    }

    pub(crate) fn delivered(&mut self, report: &DeliveryReport) {
        let error = report.error.as_ref();
        let counters = &mut self.counters;
        counters.events_out += report.accepted as u64;
        counters.events_quarantined += report.rejected.len() as u64;
        counters.events_reingested += report.undelivered_count() as u64;
        counters.hec_requests += report.requests;
        counters.hec_retries += report.retries;
        counters.configuration_faults +=
            u64::from(error.is_some_and(DeliveryError::is_configuration));
        self.is_unexplained = error == Some(&DeliveryError::BadRequestWithoutCode);
    }

    /// Counts `events` as kept that had been counted as left for later.
    pub fn kept(&mut self, events: usize) {
        self.counters.events_reingested -= events as u64;
        self.counters.events_quarantined += events as u64;
    }

    /// Writes the metrics of `function` and one line in the log.
    pub fn report(self, function: &str) {
        metrics::report(function, &self.counters, self.times);
        let Counters {
            events_in,
            events_out,
            events_dropped,
            events_quarantined,
            events_reingested,
            records_failed,
            blinding_events,
            bytes_out,
            hec_requests,
            hec_retries,
            configuration_faults: _,
        } = self.counters;
        info!(
            events_in,
            events_out,
            events_dropped,
            events_quarantined,
            events_reingested,
            records_failed,
            blinding_events,
            bytes_out,
            hec_requests,
            hec_retries,
            "forwarded"
        );
    }
}
