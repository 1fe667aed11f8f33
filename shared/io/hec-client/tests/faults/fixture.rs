//! A collector and its client, and the outcome of every object.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use hec::EventBatch;
use hec_client::{DeliveryReport, HecClient, RetryPolicy};
use testkit::collector::{Collector, CollectorOptions, Fault};

use crate::common::pair;

/// A collector, and a client that has its URL and token.
pub(crate) struct Fixture {
    pub(crate) collector: Collector,
    pub(crate) client: HecClient,
}

impl Fixture {
    /// With these faults, and everything else as it comes.
    pub(crate) async fn new(faults: impl IntoIterator<Item = Fault>) -> Self {
        Self::with(|options| options.faults.extend(faults), &[]).await
    }

    /// With a collector and a client of one's own.
    pub(crate) async fn with(
        change: impl FnOnce(&mut CollectorOptions),
        pairs: &[(&str, &str)],
    ) -> Self {
        let (collector, client) = pair(change, pairs).await;
        Self { collector, client }
    }

    pub(crate) fn patient(self, patience: RetryPolicy) -> Self {
        let client = self.client.with_retry_policy(patience);
        Self { client, ..self }
    }

    /// Sends with more time than it takes.
    pub(crate) async fn send(
        &self,
        objects: &EventBatch,
    ) -> (Tally, Option<hec_client::DeliveryError>) {
        self.send_within(objects, Duration::from_secs(30)).await
    }

    pub(crate) async fn send_within(
        &self,
        objects: &EventBatch,
        time: Duration,
    ) -> (Tally, Option<hec_client::DeliveryError>) {
        let report = self.client.send(objects, Instant::now() + time).await;
        let tally = Tally::of(objects, &report, &self.collector.events());
        (tally, report.error)
    }
}

/// The outcome of the objects of one delivery, and those that the collector has.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) accepted: usize,
    pub(crate) rejected: Vec<(usize, &'static str)>,
    pub(crate) left: usize,
    pub(crate) requests: u64,
    pub(crate) retries: u64,
    /// EventBatch at the collector, those of earlier rounds included.
    pub(crate) events: usize,
    /// Of those, the second and further ones of the same.
    pub(crate) duplicates: usize,
}

impl Tally {
    /// Counts, and holds what is always so: each object is accepted, rejected or left; what is
    /// accepted is at the collector, byte for byte, and what is rejected is not.
    pub(crate) fn of(objects: &EventBatch, report: &DeliveryReport, events: &[Vec<u8>]) -> Self {
        let left: Vec<usize> = report.undelivered.iter().cloned().flatten().collect();
        let rejected: Vec<usize> = report.rejected.iter().map(|event| event.number).collect();
        assert!(left.is_sorted_by(|a, b| a < b), "{:?}", report.undelivered);
        assert!(rejected.is_sorted_by(|a, b| a < b), "{:?}", report.rejected);
        assert_eq!(
            report.accepted + rejected.len() + left.len(),
            objects.len(),
            "{report:?}"
        );
        assert_eq!(report.error.is_some(), !left.is_empty(), "{report:?}");
        let mut copies: HashMap<&[u8], usize> = HashMap::new();
        for event in events {
            *copies.entry(event).or_default() += 1;
        }
        for number in 0..objects.len() {
            let line = objects.lines(number..number + 1).trim_ascii_end();
            let is_there = copies.contains_key(line);
            if rejected.contains(&number) {
                assert!(!is_there, "object {number} is rejected and indexed");
            } else {
                assert!(
                    is_there || left.contains(&number),
                    "object {number} is lost"
                );
            }
        }
        Self {
            accepted: report.accepted,
            rejected: report
                .rejected
                .iter()
                .map(|r| (r.number, r.reason))
                .collect(),
            left: left.len(),
            requests: report.requests,
            retries: report.retries,
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

/// Nothing taken, nothing rejected.
pub(crate) fn left(count: usize, requests: u64) -> Tally {
    Tally {
        left: count,
        requests,
        ..Tally::default()
    }
}
