//! One object of an invocation.

use std::fmt;
use std::time::Instant;

use aws::{ObjectError, ObjectErrorKind, S3};
use pipeline::Counters;
use runtime::object::{self, ObjectForwarder, ObjectOutcome};
use runtime::{ForwarderContext, InvocationMetrics};
use tracing::info;
use triggers::ObjectTask;

/// Requests in one batch.
const REQUESTS_PER_BATCH: usize = 4;

/// Largest batch in bytes, unless a single request may be larger.
const MAX_BATCH_BYTES: usize = 4_000_000;

/// The outcome of one task.
pub(super) enum Outcome {
    /// Nothing remains to be done; the text states what was done.
    Done(String),
    /// A part of the object remains to be forwarded.
    Remaining {
        /// What remains.
        remaining: Box<ObjectTask>,
        /// What was done, as in `Done`.
        summary: String,
        reason: String,
        /// Whether less remains than before.
        has_progress: bool,
    },
    /// The object cannot be forwarded.
    Failed {
        reason: String,
        /// Whether a later attempt may succeed.
        transient: bool,
    },
}

impl Outcome {
    /// Nothing was done, because no time was left.
    fn late(task: &ObjectTask, reason: &str) -> Self {
        Self::Remaining {
            remaining: Box::new(task.clone()),
            summary: ObjectSummary::default().to_string(),
            reason: reason.to_owned(),
            has_progress: false,
        }
    }
}

impl From<ObjectError> for Outcome {
    fn from(error: ObjectError) -> Self {
        Self::Failed {
            transient: error.kind == ObjectErrorKind::Unavailable,
            reason: error.to_string(),
        }
    }
}

/// What was done with the events of one object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct ObjectSummary {
    sent: u64,
    filtered: u64,
    quarantined: u64,
}

impl ObjectSummary {
    /// What was counted between `before` and `after`.
    fn between(before: &Counters, after: &Counters) -> Self {
        Self {
            sent: after.events_out - before.events_out,
            filtered: after.events_dropped - before.events_dropped,
            quarantined: after.events_quarantined - before.events_quarantined,
        }
    }
}

impl fmt::Display for ObjectSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            sent,
            filtered,
            quarantined,
        } = self;
        write!(
            f,
            "sent {sent} events, {filtered} filtered, {quarantined} quarantined"
        )
    }
}

/// Forwards the objects of an invocation, one after the other.
pub(super) struct ObjectService {
    pub(super) context: ForwarderContext,
    s3: S3,
}

impl ObjectService {
    pub(super) fn new(context: ForwarderContext, s3: S3) -> Self {
        Self { context, s3 }
    }

    /// Forwards one object, except for records of at most `only_over_bytes` bytes.
    pub(super) async fn task(
        &mut self,
        task: &ObjectTask,
        only_over_bytes: Option<usize>,
        until: Instant,
        metrics: &mut InvocationMetrics,
    ) -> Outcome {
        if Instant::now() >= until {
            return Outcome::late(task, "no time is left to begin the object");
        }
        let (task, body) =
            match tokio::time::timeout_at(until.into(), object::open(&self.s3, task)).await {
                Ok(Ok(opened)) => opened,
                Ok(Err(error)) => return error.into(),
                Err(_) => return Outcome::late(task, "S3 did not answer in time"),
            };
        let before = metrics.counters;
        let max_bytes = self.context.settings.delivery.max_bytes;
        let mut forwarder = ObjectForwarder {
            encoder: &mut self.context.encoder,
            client: &self.context.client,
            metrics,
            only_over_bytes,
            flush_bytes: (max_bytes * REQUESTS_PER_BATCH).min(max_bytes.max(MAX_BATCH_BYTES)),
            until,
            is_replay: false,
        };
        let outcome = forwarder.forward(&task, body).await;
        let summary = ObjectSummary::between(&before, &metrics.counters).to_string();
        info!(object = %task, "{summary}");
        match outcome {
            ObjectOutcome::Done => Outcome::Done(summary),
            ObjectOutcome::NotCloudTrail => {
                Outcome::Done("skipped: not a CloudTrail log file".to_owned())
            }
            ObjectOutcome::Remaining(remaining, reason) => Outcome::Remaining {
                has_progress: remaining.next_record > task.next_record
                    || remaining.delivered != task.delivered,
                remaining,
                summary,
                reason,
            },
            ObjectOutcome::Failed(reason) => Outcome::Failed {
                reason: format!("cannot forward {task}: {reason}"),
                transient: false,
            },
        }
    }
}
