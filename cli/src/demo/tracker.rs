//! Which events were sent, which arrived, and how long each took.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use pipeline::Counters;
use serde_json::Value;

use super::records::DemoRecord;

/// Follows every event from the stream to the collector.
pub(crate) struct DeliveryTracker {
    masking: bool,
    total: usize,
    sample: Option<DemoRecord>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    events: HashMap<String, EventState>,
    arrived: u64,
    unknown: u64,
    latencies: Vec<Duration>,
    sample: Option<String>,
    put: u64,
}

#[derive(Default)]
struct EventState {
    expected: u32,
    arrived: u32,
    put_at: Option<Instant>,
}

/// What happened to the events of one run.
pub(crate) struct Outcome {
    sent: u64,
    pub(crate) delivered: u64,
    pub(crate) dropped: u64,
    pub(crate) quarantined: u64,
    duplicates: u64,
    unknown: u64,
    /// The collector ran on this machine, so that every arrival was seen.
    observed: bool,
}

impl Outcome {
    /// Whether every event arrived exactly once or was dropped by a configured filter.
    pub(crate) fn is_success(&self) -> bool {
        self.delivered + self.dropped == self.sent
            && self.quarantined + self.duplicates + self.unknown == 0
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            sent,
            delivered,
            dropped,
            quarantined,
            duplicates,
            unknown,
            observed,
        } = self;
        match (self.is_success(), observed) {
            (true, true) if *dropped == 0 => write!(f, "All {sent} events arrived exactly once."),
            (true, true) => write!(
                f,
                "{delivered} of {sent} events arrived exactly once; filters dropped {dropped}."
            ),
            (true, false) => write!(
                f,
                "The collector accepted all {delivered} events; filters dropped {dropped}."
            ),
            (false, _) => write!(
                f,
                "NOT every event arrived exactly once: {sent} sent, {delivered} delivered, {dropped} dropped by filters, \
                 {quarantined} quarantined, {duplicates} duplicates, {unknown} unknown."
            ),
        }
    }
}

impl DeliveryTracker {
    pub(crate) fn new(records: &[DemoRecord], masking: bool) -> Self {
        let mut state = State::default();
        for record in records {
            let event = state.events.entry(key_of(record, masking)).or_default();
            event.expected += 1;
        }
        let sample = records
            .iter()
            .find(|record| record.text.contains("\"IAMUser\""))
            .or(records.first());
        Self {
            masking,
            total: records.len(),
            sample: sample.cloned(),
            state: Mutex::new(state),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder panics")
    }

    /// Records that these records are about to be put.
    pub(crate) fn put(&self, records: &[DemoRecord]) {
        let now = Instant::now();
        let mut state = self.state();
        state.put += records.len() as u64;
        for record in records {
            if let Some(event) = state.events.get_mut(&key_of(record, self.masking)) {
                event.put_at = Some(now);
            }
        }
    }

    /// Records that the collector has indexed a HEC object.
    pub(crate) fn arrived(&self, object: &[u8]) {
        let key = key_in(object);
        let mut state = self.state();
        let sample_key = self
            .sample
            .as_ref()
            .map(|sample| key_of(sample, self.masking));
        if state.sample.is_none() && key == sample_key {
            state.sample = Some(String::from_utf8_lossy(object).into_owned());
        }
        state.arrived += 1;
        match key.and_then(|key| state.events.get_mut(&key)) {
            Some(event) => {
                event.arrived += 1;
                let latency = event.put_at.map(|put_at| put_at.elapsed());
                state.latencies.extend(latency);
            }
            None => state.unknown += 1,
        }
    }

    /// The number of events in total, put and arrived so far.
    pub(crate) fn progress(&self) -> (u64, u64, u64) {
        let state = self.state();
        (self.total as u64, state.put, state.arrived)
    }

    /// The 50th, 99th and 100th percentile of the latency, or `None` before the first arrival.
    pub(crate) fn latencies(&self) -> Option<[Duration; 3]> {
        let mut latencies = self.state().latencies.clone();
        latencies.sort_unstable();
        let at = |share: f64| {
            let rank = (latencies.len() as f64 * share).ceil() as usize;
            latencies.get(rank.saturating_sub(1)).copied()
        };
        Some([at(0.5)?, at(0.99)?, at(1.0)?])
    }

    /// One record as it was sent, and as the collector received it.
    pub(crate) fn sample(&self) -> Option<(Value, Value)> {
        let before = serde_json::from_str(&self.sample.as_ref()?.text).ok()?;
        let after: Value = serde_json::from_str(self.state().sample.as_ref()?).ok()?;
        Some((before, after.get("event")?.clone()))
    }

    /// The outcome. For a remote collector (`observed` is false), every event that was forwarded
    /// and not quarantined counts as delivered, because the collector acknowledged it.
    pub(crate) fn outcome(
        &self,
        counters: &Counters,
        quarantined_records: usize,
        observed: bool,
    ) -> Outcome {
        let state = self.state();
        let excess = state
            .events
            .values()
            .map(|event| u64::from(event.arrived.saturating_sub(event.expected)));
        let duplicates = excess.sum();
        let delivered = if observed {
            state.arrived - state.unknown - duplicates
        } else {
            counters.events_out
        };
        Outcome {
            sent: self.total as u64,
            delivered,
            dropped: counters.events_dropped,
            quarantined: counters.events_quarantined.max(quarantined_records as u64),
            duplicates,
            unknown: state.unknown,
            observed,
        }
    }
}

/// The key that identifies a record at the collector.
fn key_of(record: &DemoRecord, masking: bool) -> String {
    match &record.event_id {
        Some(id) => format!("id {id}"),
        None if record.cloudtrail => "no id".to_owned(),
        None if masking || record.text.trim().is_empty() => {
            format!("log {}", record.log_event_id)
        }
        None => format!("text {}", record.text),
    }
}

/// The key that identifies the event of a HEC object.
fn key_in(object: &[u8]) -> Option<String> {
    let object: Value = serde_json::from_slice(object).ok()?;
    let event = object.get("event")?;
    let string = |key: &str| event.get(key).and_then(Value::as_str);
    Some(
        match (event.as_str(), string("eventID"), string("log_event_id")) {
            (Some(text), _, _) => format!("text {text}"),
            (_, Some(id), _) => format!("id {id}"),
            (_, None, Some(id)) => format!("log {id}"),
            (None, None, None) => "no id".to_owned(),
        },
    )
}
