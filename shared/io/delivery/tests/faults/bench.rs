//! A collector and its sink, and what became of every object.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use delivery::{Patience, Sent, Sink};
use hec::EventBatch;
use testkit::collector::{Collector, CollectorOptions, Fault};

use crate::common::pair;

/// A collector, and a sink that has its URL and token.
pub(crate) struct Bench {
    pub(crate) collector: Collector,
    pub(crate) sink: Sink,
}

impl Bench {
    /// With these faults, and everything else as it comes.
    pub(crate) async fn new(faults: impl IntoIterator<Item = Fault>) -> Self {
        Self::with(|options| options.faults.extend(faults), &[]).await
    }

    /// With a collector and a sink of one's own.
    pub(crate) async fn with(
        change: impl FnOnce(&mut CollectorOptions),
        pairs: &[(&str, &str)],
    ) -> Self {
        let (collector, sink) = pair(change, pairs).await;
        Self { collector, sink }
    }

    pub(crate) fn patient(self, patience: Patience) -> Self {
        let sink = self.sink.with_patience(patience);
        Self { sink, ..self }
    }

    /// Sends with more time than it takes.
    pub(crate) async fn send(&self, objects: &EventBatch) -> (Tally, Option<delivery::Fault>) {
        self.send_within(objects, Duration::from_secs(30)).await
    }

    pub(crate) async fn send_within(
        &self,
        objects: &EventBatch,
        time: Duration,
    ) -> (Tally, Option<delivery::Fault>) {
        let sent = self.sink.send(objects, Instant::now() + time).await;
        let tally = Tally::of(objects, &sent, &self.collector.events());
        (tally, sent.fault)
    }
}

/// What became of the objects of one round, and what the collector has of them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) accepted: usize,
    pub(crate) refused: Vec<(usize, &'static str)>,
    pub(crate) left: usize,
    pub(crate) requests: u64,
    pub(crate) retries: u64,
    /// Objects at the collector, those of earlier rounds included.
    pub(crate) events: usize,
    /// Of those, the second and further ones of the same.
    pub(crate) duplicates: usize,
}

impl Tally {
    /// Counts, and holds what is always so: each object is accepted, refused or left; what is
    /// accepted is at the collector, byte for byte, and what is refused is not.
    pub(crate) fn of(objects: &EventBatch, sent: &Sent, events: &[Vec<u8>]) -> Self {
        let left: Vec<usize> = sent.left.iter().cloned().flatten().collect();
        let refused: Vec<usize> = sent.refused.iter().map(|refusal| refusal.object).collect();
        assert!(left.is_sorted_by(|a, b| a < b), "{:?}", sent.left);
        assert!(refused.is_sorted_by(|a, b| a < b), "{:?}", sent.refused);
        assert_eq!(
            sent.accepted + refused.len() + left.len(),
            objects.len(),
            "{sent:?}"
        );
        assert_eq!(sent.fault.is_some(), !left.is_empty(), "{sent:?}");
        let mut copies: HashMap<&[u8], usize> = HashMap::new();
        for event in events {
            *copies.entry(event).or_default() += 1;
        }
        for number in 0..objects.len() {
            let line = objects.lines(number..number + 1).trim_ascii_end();
            let is_there = copies.contains_key(line);
            if refused.contains(&number) {
                assert!(!is_there, "object {number} is refused and indexed");
            } else {
                assert!(
                    is_there || left.contains(&number),
                    "object {number} is lost"
                );
            }
        }
        Self {
            accepted: sent.accepted,
            refused: sent.refused.iter().map(|r| (r.object, r.why)).collect(),
            left: left.len(),
            requests: sent.requests,
            retries: sent.retries,
            events: events.len(),
            duplicates: events.len() - copies.len(),
        }
    }
}

/// A reply of a proxy with this status.
pub(crate) fn status(status: u16) -> Fault {
    Fault::Status {
        status,
        retry_after: None,
    }
}

/// Nothing taken, nothing refused.
pub(crate) fn left(count: usize, requests: u64) -> Tally {
    Tally {
        left: count,
        requests,
        ..Tally::default()
    }
}
