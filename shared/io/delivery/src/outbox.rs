//! A sink, and the place for what it refuses.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::{Duration, Instant};

use hec::EventBatch;
use tracing::error;

use crate::dead_letters::{DeadLetterError, DeadLetters, Origin};
use crate::sink::{Fault, Refusal, Sink};

/// The least time that keeping a dead letter is given: what callers leave of an invocation is
/// longer.
const LEAST: Duration = Duration::from_millis(400);

/// Delivers objects: what the collector refuses for good becomes a dead letter.
pub struct Outbox {
    sink: Sink,
    dead_letters: DeadLetters,
    function: String,
}

/// What became of the objects: each is accepted, kept as a dead letter or left.
#[derive(Debug, Default)]
pub struct Delivered {
    /// How many the collector took.
    pub accepted: usize,
    /// How many are dead letters now.
    pub quarantined: usize,
    /// Those that are neither, in order; they may be delivered later.
    pub left: Vec<Range<usize>>,
    /// Why objects are left.
    pub reason: Option<String>,
    /// Sending stopped for a setting that is wrong.
    pub is_configuration: bool,
    /// Sending stopped, and it is not known whether a setting or the objects that are left are bad:
    /// others may be taken.
    pub is_unexplained: bool,
    /// Requests with objects.
    pub requests: u64,
    /// Of those, repeated ones.
    pub retries: u64,
}

impl Delivered {
    /// How many objects are left.
    pub fn left_count(&self) -> usize {
        self.left.iter().map(Range::len).sum()
    }

    /// Whether the object of this number is left.
    pub fn is_left(&self, number: usize) -> bool {
        self.left.iter().any(|range| range.contains(&number))
    }
}

impl Outbox {
    /// Delivers with `sink`, as `function`.
    pub fn new(sink: Sink, dead_letters: DeadLetters, function: impl Into<String>) -> Self {
        Self {
            sink,
            dead_letters,
            function: function.into(),
        }
    }

    /// Delivers `objects`, which come from `input`, until shortly before `until`. One line in the
    /// log says why objects are left.
    pub async fn deliver(&self, objects: &EventBatch, input: &str, until: Instant) -> Delivered {
        let sent = self.sink.send(objects, until).await;
        let mut delivered = Delivered {
            accepted: sent.accepted,
            left: sent.left,
            reason: sent.fault.as_ref().map(Fault::to_string),
            is_configuration: sent.fault.as_ref().is_some_and(Fault::is_configuration),
            is_unexplained: sent.fault == Some(Fault::Unexplained),
            requests: sent.requests,
            retries: sent.retries,
            ..Delivered::default()
        };
        self.quarantine(objects, &sent.refused, input, until, &mut delivered)
            .await;
        if let Some(reason) = &delivered.reason {
            error!(
                left = delivered.left_count(),
                input, reason, "events are not delivered"
            );
        }
        delivered
    }

    /// Keeps the objects that `delivered` has left as one dead letter, for callers whose input
    /// nobody keeps, and returns where; shortly after `until` at the latest.
    ///
    /// # Errors
    /// They cannot be kept.
    pub async fn keep_left(
        &self,
        objects: &EventBatch,
        delivered: &Delivered,
        input: &str,
        until: Instant,
    ) -> Result<String, DeadLetterError> {
        let lines: Vec<&[u8]> = delivered
            .left
            .iter()
            .map(|range| objects.lines(range.clone()))
            .collect();
        let origin = Origin {
            function: &self.function,
            input,
            reason: "undelivered",
        };
        self.keep(&lines.concat(), origin, until).await
    }

    /// Keeps one dead letter, shortly after `until` at the latest.
    async fn keep(
        &self,
        lines: &[u8],
        origin: Origin<'_>,
        until: Instant,
    ) -> Result<String, DeadLetterError> {
        let end = until.max(Instant::now() + LEAST);
        let keeping = self.dead_letters.keep(lines, origin);
        let kept = tokio::time::timeout_at(end.into(), keeping).await;
        kept.unwrap_or(Err(DeadLetterError::Late))
    }

    /// Keeps what is refused, one dead letter for each reason.
    async fn quarantine(
        &self,
        objects: &EventBatch,
        refused: &[Refusal],
        input: &str,
        until: Instant,
        delivered: &mut Delivered,
    ) {
        let mut by_reason: BTreeMap<&'static str, Vec<usize>> = BTreeMap::new();
        for refusal in refused {
            by_reason
                .entry(refusal.why)
                .or_default()
                .push(refusal.object);
        }
        for (reason, numbers) in by_reason {
            let mut lines = Vec::new();
            for number in &numbers {
                lines.extend_from_slice(objects.lines(*number..number + 1));
            }
            let origin = Origin {
                function: &self.function,
                input,
                reason,
            };
            match self.keep(&lines, origin, until).await {
                Ok(place) => {
                    error!(
                        events = numbers.len(),
                        reason, place, "events are dead letters"
                    );
                    delivered.quarantined += numbers.len();
                }
                Err(error) => {
                    delivered
                        .left
                        .extend(numbers.iter().map(|number| *number..number + 1));
                    delivered.left.sort_by_key(|range| range.start);
                    delivered.reason.get_or_insert(error.to_string());
                    delivered.is_unexplained = false;
                }
            }
        }
    }
}
