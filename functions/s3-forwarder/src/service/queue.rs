//! Messages of a queue, each answered separately.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use aws::Sqs;
use runtime::InvocationMetrics;
use serde_json::Value;
use tracing::{error, warn};
use triggers::{Content, MAX_HOPS, ObjectTask, QueueMessage, SqsBatchResponse};

use super::object::{ObjectService, Outcome};

/// How long sending one message may take.
const SENDING: Duration = Duration::from_secs(3);

/// Seconds until an object is continued that was left because of the collector.
const RETRY_DELAY: i32 = 30;

/// Answers for messages of a queue.
pub(super) struct QueueService<'s> {
    pub(super) objects: &'s mut ObjectService,
    pub(super) sqs: &'s Sqs,
}

impl QueueService<'_> {
    /// Partial batch response: messages that are not done stay on their queue. `ONLY_OVER_BYTES`
    /// applies here, and so also to a message that was redriven from the dead-letter queue: SQS gives
    /// it a new id, so that it looks like any other, and it asks for the same work as before.
    pub(super) async fn messages(
        &mut self,
        messages: Vec<QueueMessage<ObjectTask>>,
        until: Instant,
        metrics: &mut InvocationMetrics,
    ) -> Result<Value> {
        let mut response = SqsBatchResponse::default();
        for message in messages {
            let is_done = match message.content {
                Ok(content) => self.message(&message.queue, content, until, metrics).await,
                Err(unknown) => {
                    error!(message = message.id, reason = %unknown, "a message stays on its queue");
                    metrics.counters.records_failed += 1;
                    false
                }
            };
            if !is_done {
                response.add_failure(message.id);
            }
        }
        serde_json::to_value(response).context("the response is not JSON")
    }

    /// Returns whether the message is done: its objects are, or messages continue them. Records
    /// whose form is not known become messages of their own, so that nothing else is sent again
    /// with them.
    async fn message(
        &mut self,
        queue: &str,
        content: Content<ObjectTask>,
        until: Instant,
        metrics: &mut InvocationMetrics,
    ) -> bool {
        if content.payloads.iter().any(is_exhausted) {
            return false;
        }
        let count = content.payloads.len();
        let limit = self.objects.context.settings.delivery.only_over_bytes;
        let mut remaining = Vec::new();
        let mut has_progress = false;
        for task in content.payloads {
            match self.objects.task(&task, limit, until, metrics).await {
                Outcome::Done(_) => {}
                Outcome::Remaining {
                    remaining: left,
                    reason,
                    has_progress: more,
                    ..
                } => {
                    warn!(object = %left, next_record = left.next_record, reason, "an object is to be continued");
                    has_progress |= more;
                    remaining.push(*left);
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
        let continued = remaining.iter().map(ObjectTask::continuation);
        let alone = content.unparsed.into_iter().map(|unparsed| {
            error!(reason = %unparsed.error, "a record of a message is sent back to the queue alone");
            metrics.counters.records_failed += 1;
            unparsed.body
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
            let sending = tokio::time::timeout(SENDING, self.sqs.send(queue, body, delay)).await;
            let sent = match sending {
                Ok(sent) => sent.map_err(|error| error.to_string()),
                Err(_) => Err("no response in time".to_owned()),
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
fn is_exhausted(task: &ObjectTask) -> bool {
    if task.is_exhausted() {
        error!(
            object = %task,
            next_record = task.next_record,
            hops = task.hops,
            "the object is not continued: {MAX_HOPS} messages have continued it already. \
             The message stays on its queue until it is moved to the dead-letter queue; \
             `sightline replay` of that queue forwards the rest of the object"
        );
    }
    task.is_exhausted()
}
