//! One object of an invocation.

use std::fmt;
use std::time::Instant;

use aws::{ObjectError, ObjectErrorKind};
use bytes::Bytes;
use pipeline::Counters;
use runtime::InvocationMetrics;
use tracing::info;

use super::Service;
use crate::forward::{End, Forward};
use crate::inflate::{Broken, Chunks};
use crate::task::Task;

/// Requests whose bytes are gathered before they are sent together.
const GATHERED: usize = 4;

/// The most bytes that are gathered.
const MAX_GATHERED: usize = 4_000_000;

/// How one task ended.
pub(super) enum Outcome {
    /// Nothing remains to be done; the text says what was done.
    Done(String),
    /// The rest is to be done later.
    Left {
        /// What remains.
        remaining: Box<Task>,
        /// What was done, as in `Done`.
        summary: String,
        reason: String,
        /// Less remains than before.
        has_progress: bool,
    },
    /// The object cannot be forwarded.
    Failed {
        reason: String,
        /// A later attempt may succeed.
        transient: bool,
    },
}

impl Outcome {
    /// Nothing was done, since there was no time.
    fn late(task: &Task, reason: &str) -> Self {
        Self::Left {
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

impl Service {
    /// Forwards one object, except for records of at most `only_over_bytes` bytes.
    pub(super) async fn task(
        &mut self,
        task: &Task,
        only_over_bytes: Option<usize>,
        until: Instant,
        metrics: &mut InvocationMetrics,
    ) -> Outcome {
        if Instant::now() >= until {
            return Outcome::late(task, "no time is left to begin the object");
        }
        let (task, body) = match tokio::time::timeout_at(until.into(), self.open(task)).await {
            Ok(Ok(opened)) => opened,
            Ok(Err(error)) => return error.into(),
            Err(_) => return Outcome::late(task, "S3 did not answer in time"),
        };
        let before = metrics.counters;
        let max_bytes = self.context.settings.delivery.max_bytes;
        let mut forward = Forward {
            encoder: &mut self.context.encoder,
            client: &self.context.client,
            metrics,
            only_over_bytes,
            flush_bytes: (max_bytes * GATHERED).min(max_bytes.max(MAX_GATHERED)),
            until,
            is_replay: false,
        };
        let end = forward.object(&task, body).await;
        let summary = ObjectSummary::between(&before, &metrics.counters).to_string();
        info!(object = %task.object(), "{summary}");
        match end {
            End::Done => Outcome::Done(summary),
            End::NotCloudTrail => Outcome::Done("skipped: not a CloudTrail log file".to_owned()),
            End::Left(remaining, reason) => Outcome::Left {
                has_progress: remaining.next_record > task.next_record
                    || remaining.delivered != task.delivered,
                remaining,
                summary,
                reason,
            },
            End::Failed(reason) => Outcome::Failed {
                reason: format!("cannot forward {}: {reason}", task.object()),
                transient: false,
            },
        }
    }

    /// The object's bytes, from the task's key or else from its other one.
    async fn open(&self, task: &Task) -> Result<(Task, Body), ObjectError> {
        let first = self.s3.get(&task.object()).await;
        match (first, &task.other_key) {
            (Ok(body), _) => Ok((task.clone(), Body(body))),
            (Err(error), Some(key)) if error.kind == ObjectErrorKind::Missing => {
                info!("no object has this key; trying the decoded one");
                let other = Task {
                    key: key.clone(),
                    other_key: None,
                    ..task.clone()
                };
                let body = self.s3.get(&other.object()).await;
                Ok((other, Body(body?)))
            }
            (Err(error), _) => Err(error),
        }
    }
}

/// The body of an object in S3.
struct Body(aws::ByteStream);

impl Chunks for Body {
    async fn next(&mut self) -> Option<Result<Bytes, Broken>> {
        let chunk = self.0.next().await?;
        Some(chunk.map_err(|error| Broken(error.to_string())))
    }
}
