//! Messages of a queue, each answered separately.

use std::time::{Duration, Instant};

use anyhow::Result;
use runtime::InvocationMetrics;
use serde_json::{Value, json};
use tracing::{error, warn};

use super::Service;
use super::object::Outcome;
use crate::event::{Found, Message};
use crate::task::{MAX_HOPS, Task};

/// How long sending one message may take.
const SENDING: Duration = Duration::from_secs(3);

/// Seconds until an object is continued that was left because of the collector.
const RETRY_DELAY: i32 = 30;

impl Service {
    /// Partial batch response: messages that are not done stay on their queue. `ONLY_OVER_BYTES`
    /// applies here, and so also to a message that was redriven from the dead-letter queue: SQS gives
    /// it a new id, so that it looks like any other, and it asks for the same work as before.
    pub(super) async fn messages(
        &mut self,
        messages: Vec<Message>,
        until: Instant,
        metrics: &mut InvocationMetrics,
    ) -> Result<Value> {
        let mut failures = Vec::new();
        for message in messages {
            let is_done = match message.found {
                Ok(found) => self.message(&message.queue, found, until, metrics).await,
                Err(unknown) => {
                    error!(message = message.id, reason = %unknown, "a message stays on its queue");
                    metrics.counters.records_failed += 1;
                    false
                }
            };
            if !is_done {
                failures.push(json!({ "itemIdentifier": message.id }));
            }
        }
        Ok(json!({ "batchItemFailures": failures }))
    }

    /// Returns whether the message is done: its objects are, or messages continue them. Records
    /// whose form is not known become messages of their own, so that nothing else is sent again
    /// with them.
    async fn message(
        &mut self,
        queue: &str,
        found: Found,
        until: Instant,
        metrics: &mut InvocationMetrics,
    ) -> bool {
        if found.tasks.iter().any(is_at_the_bound) {
            return false;
        }
        let count = found.tasks.len();
        let limit = self.context.settings.delivery.only_over_bytes;
        let mut remaining = Vec::new();
        let mut has_progress = false;
        for task in found.tasks {
            match self.task(&task, limit, until, metrics).await {
                Outcome::Done(_) => {}
                Outcome::Left {
                    remaining: rest,
                    reason,
                    has_progress: more,
                    ..
                } => {
                    warn!(object = %rest.object(), next_record = rest.next_record, reason, "an object is to be continued");
                    has_progress |= more;
                    remaining.push(*rest);
                }
                Outcome::Failed { reason, .. } => {
                    error!(reason, "an object is not forwarded");
                    remaining.push(task);
                }
            }
        }
        // Only progress makes a new message: the queue's own count of attempts ends a message
        // that never makes any.
        if !has_progress && !remaining.is_empty() && remaining.len() == count {
            return false;
        }
        let continued = remaining.iter().map(Task::continuation);
        let alone = found.unknown.into_iter().map(|unknown| {
            error!(reason = %unknown.why, "a record of a message is sent back to the queue alone");
            metrics.counters.records_failed += 1;
            unknown.body
        });
        let bodies: Vec<String> = continued.chain(alone).collect();
        let delay = if Instant::now() >= until {
            0
        } else {
            RETRY_DELAY
        };
        self.send_back(queue, bodies, delay).await
    }

    /// Sends messages to the queue that replace another one. Returns whether all of them were
    /// accepted.
    async fn send_back(&self, queue: &str, bodies: Vec<String>, delay: i32) -> bool {
        for body in bodies {
            // Even after the deadline's reserve has begun: without it, events are sent twice.
            let sending = tokio::time::timeout(SENDING, self.queue.send(queue, body, delay)).await;
            let sent = match sending {
                Ok(sent) => sent.map_err(|error| error.to_string()),
                Err(_) => Err("no answer in time".to_owned()),
            };
            if let Err(reason) = sent {
                error!(
                    reason,
                    "the whole message stays on its queue, so that some events are sent twice"
                );
                return false;
            }
        }
        true
    }
}

/// Whether the object has been continued too often. Nothing of it is sent then, since the message
/// stays on its queue and every attempt would send the same records again.
fn is_at_the_bound(task: &Task) -> bool {
    if task.is_exhausted() {
        error!(
            object = %task.object(),
            next_record = task.next_record,
            hops = task.hops,
            "the object is not continued any more: {MAX_HOPS} messages have continued it already. \
             The message stays on its queue until it is moved to the dead-letter queue; \
             `sightline replay` of that queue forwards the rest of the object"
        );
    }
    task.is_exhausted()
}
