//! Messages of a queue, each with its own result.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use aws::Sqs;
use runtime::InvocationMetrics;
use serde_json::Value;
use tracing::{error, warn};
use triggers::{Content, MAX_HOPS, ObjectTask, QueueMessage, SqsBatchResponse};

use super::object::{ObjectService, Outcome};

/// Time limit for sending one message.
const SEND_TIMEOUT: Duration = Duration::from_secs(3);

/// Seconds until an object is continued that the collector did not accept completely.
const RETRY_DELAY: i32 = 30;

/// Forwards the objects of queue messages.
pub(super) struct QueueService<'s> {
    pub(super) objects: &'s mut ObjectService,
    pub(super) sqs: &'s Sqs,
}

impl QueueService<'_> {
    /// Partial batch response: messages that are not done stay on their queue. `ONLY_OVER_BYTES`
    /// applies, also to messages redriven from the dead-letter queue: SQS gives them new ids, so that
    /// they cannot be distinguished, and they request the same work as before.
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

    /// Returns whether the message is done: its objects are forwarded, or other messages continue them.
    /// Records in an unknown format become separate messages, so that nothing else is sent again with
    /// them.
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
                    remaining: rest,
                    reason,
                    has_progress: more,
                    ..
                } => {
                    warn!(object = %rest, next_record = rest.next_record, reason, "an object will be continued");
                    has_progress |= more;
                    remaining.push(*rest);
                }
                Outcome::Failed { reason, .. } => {
                    error!(reason, "an object is not forwarded");
                    remaining.push(task);
                }
            }
        }
        // Only progress creates a new message: the receive count of the queue ends a message without
        // progress.
        if !has_progress && !remaining.is_empty() && remaining.len() == count {
            return false;
        }
        let continued = remaining.iter().map(ObjectTask::continuation);
        let separate = content.unparsed.into_iter().map(|unparsed| {
            error!(reason = %unparsed.error, "a record of a message is re-queued separately");
            metrics.counters.records_failed += 1;
            unparsed.body
        });
        let bodies: Vec<String> = continued.chain(separate).collect();
        let delay = if Instant::now() >= until {
            0
        } else {
            RETRY_DELAY
        };
        self.requeue(queue, bodies, delay).await
    }

    /// Sends messages to the queue that replace the current one. Returns whether all of them were
    /// accepted.
    async fn requeue(&self, queue: &str, bodies: Vec<String>, delay: i32) -> bool {
        for body in bodies {
            // Sent even within the time reserved before the deadline: otherwise events are sent twice.
            let sending =
                tokio::time::timeout(SEND_TIMEOUT, self.sqs.send(queue, body, delay)).await;
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

/// Whether the object has been continued too often. Nothing of it is then sent, because the message
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
