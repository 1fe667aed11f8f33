//! A HEC client with a store for what the collector rejects.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hec::EventBatch;
use tracing::error;

use crate::client::HecClient;
use crate::dead_letters::{DeadLetter, DeadLetterError, DeadLetterStore};
use crate::report::{DeliveryReport, RejectedEvent};

/// The least time for storing a dead letter. Callers reserve more at the end of an invocation.
const MIN_STORE_TIME: Duration = Duration::from_millis(400);

/// Delivers events; those that the collector rejects permanently become dead letters.
pub struct DeliveryClient {
    client: HecClient,
    store: Option<Box<dyn DeadLetterStore>>,
    function: String,
}

impl DeliveryClient {
    /// Delivers through `client`, as `function`. Without a `store`, rejected events remain
    /// undelivered.
    pub fn new(
        client: HecClient,
        store: Option<Box<dyn DeadLetterStore>>,
        function: impl Into<String>,
    ) -> Self {
        Self {
            client,
            store,
            function: function.into(),
        }
    }

    /// Delivers `objects`, which come from `input`, until shortly before `until`. One log line says
    /// why events are undelivered.
    pub async fn deliver(
        &self,
        objects: &EventBatch,
        input: &str,
        until: Instant,
    ) -> DeliveryReport {
        let mut report = self.client.send(objects, until).await;
        self.quarantine(objects, input, until, &mut report).await;
        if let Some(error) = &report.error {
            error!(
                undelivered = report.undelivered_count(),
                input,
                reason = %error,
                "events are not delivered"
            );
        }
        report
    }

    /// Stores the undelivered objects of `report` as one dead letter, for callers whose input is
    /// stored nowhere, and returns where; shortly after `until` at the latest.
    ///
    /// # Errors
    /// They cannot be stored.
    pub async fn store_undelivered(
        &self,
        objects: &EventBatch,
        report: &DeliveryReport,
        input: &str,
        until: Instant,
    ) -> Result<String, DeadLetterError> {
        let ranges = report.undelivered.iter();
        let lines: Vec<&[u8]> = ranges.map(|range| objects.lines(range.clone())).collect();
        let letter = DeadLetter::new(&lines.concat(), &self.function, input, "undelivered");
        self.store(letter, until).await
    }

    /// Stores one dead letter, shortly after `until` at the latest.
    async fn store(
        &self,
        letter: DeadLetter<'_>,
        until: Instant,
    ) -> Result<String, DeadLetterError> {
        let store = self.store.as_ref().ok_or(DeadLetterError::NoStore)?;
        let end = until.max(Instant::now() + MIN_STORE_TIME);
        let stored = tokio::time::timeout_at(end.into(), store.put(letter)).await;
        stored.unwrap_or(Err(DeadLetterError::Timeout))
    }

    /// Stores the rejected events, one dead letter for each reason. Those that cannot be stored
    /// become undelivered.
    async fn quarantine(
        &self,
        objects: &EventBatch,
        input: &str,
        until: Instant,
        report: &mut DeliveryReport,
    ) {
        let mut by_reason: BTreeMap<&'static str, Vec<RejectedEvent>> = BTreeMap::new();
        for event in report.rejected.drain(..) {
            by_reason.entry(event.reason).or_default().push(event);
        }
        for (reason, events) in by_reason {
            let ranges = events.iter().map(|event| event.number..event.number + 1);
            let lines: Vec<&[u8]> = ranges.clone().map(|range| objects.lines(range)).collect();
            let letter = DeadLetter::new(&lines.concat(), &self.function, input, reason);
            match self.store(letter, until).await {
                Ok(location) => {
                    let events = events.len();
                    error!(events, reason, location, "events are dead letters");
                }
                Err(error) => {
                    report.undelivered.extend(ranges);
                    report.error.get_or_insert(error.into());
                    continue;
                }
            }
            report.rejected.extend(events);
        }
        report.rejected.sort_by_key(|event| event.number);
        report.undelivered.sort_by_key(|range| range.start);
    }
}
