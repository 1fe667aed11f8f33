//! One object of an invocation.

use std::time::Instant;

use bytes::Bytes;
use delivery::{ObjectError, Why};
use forwarding::Tally;
use tracing::info;

use super::Service;
use crate::forward::{End, Forward};
use crate::inflate::{Broken, Chunks};
use crate::task::Task;

/// Requests whose bytes are gathered before they are sent together.
const GATHERED: usize = 4;

/// The most bytes that are gathered.
const MOST_GATHERED: usize = 4_000_000;

/// How one task ended.
pub(super) enum Outcome {
    Done(&'static str),
    /// To be done later, and whether it got any farther.
    Left {
        rest: Box<Task>,
        reason: String,
        has_progress: bool,
    },
    Failed(ObjectError),
}

impl Service {
    /// Forwards one object.
    pub(super) async fn task(&mut self, task: &Task, until: Instant, tally: &mut Tally) -> Outcome {
        if Instant::now() >= until {
            return Outcome::Left {
                rest: Box::new(task.clone()),
                reason: "there is no time to begin it".to_owned(),
                has_progress: false,
            };
        }
        let (task, body) = match tokio::time::timeout_at(until.into(), self.open(task)).await {
            Ok(Ok(opened)) => opened,
            Ok(Err(error)) => return Outcome::Failed(error),
            Err(_) => {
                return Outcome::Left {
                    rest: Box::new(task.clone()),
                    reason: "S3 did not answer in time".to_owned(),
                    has_progress: false,
                };
            }
        };
        let settings = &self.started.settings.delivery;
        let mut forward = Forward {
            encoder: &mut self.started.encoder,
            outbox: &self.started.outbox,
            tally,
            only_over_bytes: settings.only_over_bytes,
            flush_bytes: (settings.max_bytes * GATHERED).min(settings.max_bytes.max(MOST_GATHERED)),
            until,
            is_replay: false,
        };
        match forward.object(&task, body).await {
            End::Done => Outcome::Done("forwarded"),
            End::Foreign => Outcome::Done("skipped: no CloudTrail log file"),
            End::Left(rest, reason) => {
                let has_progress =
                    rest.next_record > task.next_record || rest.delivered != task.delivered;
                Outcome::Left {
                    rest,
                    reason,
                    has_progress,
                }
            }
        }
    }

    /// The object's bytes, under the one key or the other.
    async fn open(&self, task: &Task) -> Result<(Task, Body), ObjectError> {
        let first = self.s3.get(&task.object()).await;
        match (first, &task.other_key) {
            (Ok(body), _) => Ok((task.clone(), Body(body))),
            (Err(error), Some(key)) if error.why == Why::Missing => {
                info!("the key is tried decoded");
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
struct Body(delivery::ByteStream);

impl Chunks for Body {
    async fn next(&mut self) -> Option<Result<Bytes, Broken>> {
        let chunk = self.0.next().await?;
        Some(chunk.map_err(|error| Broken(error.to_string())))
    }
}
