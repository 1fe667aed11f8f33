//! Who was sent, who arrived, and how long it took.

use std::collections::HashMap;
use std::fmt;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use pipeline::Counters;
use serde_json::Value;

use super::records::DemoRecord;

/// Books every event on its way from the stream to the collector.
pub(crate) struct Ledger {
    is_masking: bool,
    total: usize,
    sample: Option<DemoRecord>,
    books: Mutex<Books>,
}

#[derive(Default)]
struct Books {
    entries: HashMap<String, Entry>,
    arrived: u64,
    unknown: u64,
    latencies: Vec<Duration>,
    sample: Option<String>,
    put: u64,
}

#[derive(Default)]
struct Entry {
    expected: u32,
    arrived: u32,
    put_at: Option<Instant>,
}

/// What has come of everything that was sent.
pub(crate) struct Verdict {
    sent: u64,
    pub(crate) delivered: u64,
    pub(crate) dropped: u64,
    pub(crate) quarantined: u64,
    twice: u64,
    unknown: u64,
    is_observed: bool,
}

impl Verdict {
    /// Every event has arrived exactly once, but for those that the selection left out.
    pub(crate) fn is_good(&self) -> bool {
        self.delivered + self.dropped == self.sent
            && self.quarantined + self.twice + self.unknown == 0
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            sent,
            delivered,
            dropped,
            quarantined,
            twice,
            unknown,
            is_observed,
        } = self;
        match (self.is_good(), is_observed) {
            (true, true) if *dropped == 0 => write!(f, "All {sent} events arrived exactly once."),
            (true, true) => write!(
                f,
                "{delivered} of {sent} events arrived exactly once; the selection left out {dropped}."
            ),
            (true, false) => write!(
                f,
                "The collector took all {delivered} events; the selection left out {dropped}."
            ),
            (false, _) => write!(
                f,
                "NOT every event arrived exactly once: {sent} sent, {delivered} delivered, {dropped} left out by the \
                 selection, {quarantined} quarantined, {twice} too many, {unknown} that nobody sent."
            ),
        }
    }
}

impl Ledger {
    pub(crate) fn new(records: &[DemoRecord], is_masking: bool) -> Self {
        let mut books = Books::default();
        for record in records {
            books
                .entries
                .entry(key_of(record, is_masking))
                .or_default()
                .expected += 1;
        }
        let sample = records
            .iter()
            .find(|r| r.text.contains("\"IAMUser\""))
            .or(records.first());
        Self {
            is_masking,
            total: records.len(),
            sample: sample.cloned(),
            books: Mutex::new(books),
        }
    }

    fn books(&self) -> std::sync::MutexGuard<'_, Books> {
        self.books.lock().expect("no holder panics")
    }

    /// Notes that these records are about to be put.
    pub(crate) fn put(&self, records: &[DemoRecord]) {
        let now = Instant::now();
        let mut books = self.books();
        books.put += records.len() as u64;
        for record in records {
            if let Some(entry) = books.entries.get_mut(&key_of(record, self.is_masking)) {
                entry.put_at = Some(now);
            }
        }
    }

    /// Notes that the collector has indexed a HEC object.
    pub(crate) fn arrived(&self, object: &[u8]) {
        let key = key_in(object);
        let mut books = self.books();
        let sample_key = self
            .sample
            .as_ref()
            .map(|sample| key_of(sample, self.is_masking));
        if books.sample.is_none() && key == sample_key {
            books.sample = Some(String::from_utf8_lossy(object).into_owned());
        }
        books.arrived += 1;
        match key.and_then(|key| books.entries.get_mut(&key)) {
            Some(entry) => {
                entry.arrived += 1;
                let latency = entry.put_at.map(|put_at| put_at.elapsed());
                books.latencies.extend(latency);
            }
            None => books.unknown += 1,
        }
    }

    /// Events in all, put, and arrived so far.
    pub(crate) fn progress(&self) -> (u64, u64, u64) {
        let books = self.books();
        (self.total as u64, books.put, books.arrived)
    }

    /// The latencies that half, 99 percent and all of the events stayed within.
    pub(crate) fn latencies(&self) -> Option<[Duration; 3]> {
        let mut latencies = self.books().latencies.clone();
        latencies.sort_unstable();
        let at = |share: f64| {
            let place = (latencies.len() as f64 * share).ceil() as usize;
            latencies.get(place.saturating_sub(1)).copied()
        };
        Some([at(0.5)?, at(0.99)?, at(1.0)?])
    }

    /// One record as it was sent, and as the collector has it.
    pub(crate) fn sample(&self) -> Option<(Value, Value)> {
        let before = serde_json::from_str(&self.sample.as_ref()?.text).ok()?;
        let after: Value = serde_json::from_str(self.books().sample.as_ref()?).ok()?;
        Some((before, after.get("event")?.clone()))
    }

    /// The verdict. Where the collector is not ours (`is_observed` false), what was handed on and
    /// not quarantined counts as delivered: it was acknowledged.
    pub(crate) fn verdict(
        &self,
        counters: &Counters,
        quarantined_records: usize,
        is_observed: bool,
    ) -> Verdict {
        let books = self.books();
        let over = books
            .entries
            .values()
            .map(|entry| u64::from(entry.arrived.saturating_sub(entry.expected)));
        let twice = over.sum();
        let delivered = if is_observed {
            books.arrived - books.unknown - twice
        } else {
            counters.events_out
        };
        Verdict {
            sent: self.total as u64,
            delivered,
            dropped: counters.events_dropped,
            quarantined: counters.events_quarantined.max(quarantined_records as u64),
            twice,
            unknown: books.unknown,
            is_observed,
        }
    }
}

/// What a record will be known by at the collector.
fn key_of(record: &DemoRecord, is_masking: bool) -> String {
    match &record.event_id {
        Some(id) => format!("id {id}"),
        None if record.is_record => "no id".to_owned(),
        None if is_masking || record.text.trim().is_empty() => {
            format!("log {}", record.log_event_id)
        }
        None => format!("text {}", record.text),
    }
}

/// What a HEC object is known by.
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
