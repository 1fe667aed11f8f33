//! The counters of one invocation.

use hec_client::{DeliveryError, DeliveryReport};
use pipeline::{Counters, Output, TextStats};

use crate::metrics;

/// Logs the counts of events in one line, with `$name = $value` as fields of the caller.
macro_rules! log_counters {
    ($message:literal, $counters:expr, $($name:ident = $value:expr),+ $(,)?) => {{
        let counters: &pipeline::Counters = $counters;
        tracing::info!(
            events_in = counters.events_in,
            events_out = counters.events_out,
            events_dropped = counters.events_dropped,
            events_quarantined = counters.events_quarantined,
            events_reingested = counters.events_reingested,
            records_failed = counters.records_failed,
            blinding_events = counters.blinding_events,
            bytes_out = counters.bytes_out,
            $($name = $value,)+
            $message
        );
    }};
}
pub(crate) use log_counters;

/// Counters and ages of events.
#[derive(Debug, Default)]
pub struct InvocationMetrics {
    /// The counters.
    pub counters: Counters,
    /// The last delivery ended in a 400 without a HEC code: either the events that remain or a
    /// setting is wrong.
    pub bad_request_without_code: bool,
    /// Routes and event times (epoch seconds).
    times: Vec<(&'static str, i64)>,
}

/// Event times that are kept for the metric of freshness; more would not change it.
const MAX_TIMES: usize = 10_000;

impl InvocationMetrics {
    pub(crate) fn count_text(&mut self, stats: &TextStats) {
        self.counters.events_in += stats.events_in as u64;
        self.counters.events_dropped += stats.events_dropped as u64;
    }

    pub(crate) fn count_output(&mut self, output: &Output) {
        self.counters.blinding_events += output.blinding_events();
        self.counters.bytes_out += output.bytes.len() as u64;
        let room = MAX_TIMES.saturating_sub(self.times.len());
        let times = output.event_times().take(room);
        self.times
            .extend(times.map(|(path, time)| (path.name(), time)));
    }

    pub(crate) fn count_delivery(&mut self, report: &DeliveryReport) {
        let error = report.error.as_ref();
        let counters = &mut self.counters;
        counters.events_out += report.accepted as u64;
        counters.events_quarantined += report.rejected.len() as u64;
        counters.events_reingested += report.undelivered_count() as u64;
        counters.hec_requests += report.requests;
        counters.hec_retries += report.retries;
        counters.configuration_faults +=
            u64::from(error.is_some_and(DeliveryError::is_configuration));
        self.bad_request_without_code = error == Some(&DeliveryError::BadRequestWithoutCode);
    }

    /// Counts `events` as quarantined that were counted as re-ingested.
    pub fn count_quarantined(&mut self, events: usize) {
        self.counters.events_reingested -= events as u64;
        self.counters.events_quarantined += events as u64;
    }

    /// Writes the metrics of `function` and one line in the log.
    pub fn report(self, function: &str) {
        metrics::report(function, &self.counters, self.times);
        log_counters!(
            "forwarded",
            &self.counters,
            hec_requests = self.counters.hec_requests,
            hec_retries = self.counters.hec_retries,
        );
    }
}
