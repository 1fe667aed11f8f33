//! Messages in dead-letter queues.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use aws::{QueueDepth, ReceivedMessage, S3, Sqs};
use runtime::object::{self, ObjectForwarder, ObjectOutcome};
use triggers::{
    BatchJob, Content, EventText, ObjectTask, QueueMessage, Trigger, TriggerError,
    failed_invocation_payload,
};

use super::session::ReplaySession;

/// Visibility timeout of received messages in seconds, during which no other consumer receives them.
const VISIBILITY_TIMEOUT: i32 = 900;

/// Consecutive empty polls that are accepted while SQS counts visible messages. Its count may be a
/// minute old (Amazon SQS API Reference, `GetQueueAttributes`).
const MAX_EMPTY_POLLS: u32 = 5;

impl ReplaySession<'_> {
    /// Replays the messages of the queue at `url` until it returns no others, and reports those that
    /// another consumer has received.
    pub(super) fn queue(&mut self, url: &str) -> Result<()> {
        let config = self.runtime.block_on(aws::sdk_config());
        let (queue, s3) = (Sqs::new(&config), S3::new(&config));
        let mut held = Vec::new();
        let received = self.messages(&queue, &s3, url, &mut held);
        let counted = self.runtime.block_on(queue.depth(url));
        // Makes them visible at once, and not only after the visibility timeout.
        if let Err(error) = self.runtime.block_on(queue.release(url, &held)) {
            eprintln!("sightline: {error}; they become visible after {VISIBILITY_TIMEOUT} seconds");
        }
        received?;
        let counted = counted.context("cannot count the messages in flight")?;
        self.report_others(url, counted, held.len() as u64);
        Ok(())
    }

    /// Replays every message that the queue returns. Messages that are kept are added to `held`.
    fn messages(
        &mut self,
        queue: &Sqs,
        s3: &S3,
        url: &str,
        held: &mut Vec<ReceivedMessage>,
    ) -> Result<()> {
        let mut seen = HashSet::new();
        let mut empty_polls = 0;
        while !self.is_stopped() {
            let mut messages = self
                .runtime
                .block_on(queue.receive(url, VISIBILITY_TIMEOUT))?;
            messages.retain(|message| seen.insert(message.id.clone()));
            if messages.is_empty() {
                empty_polls += 1;
                let depth = self.runtime.block_on(queue.depth(url)).unwrap_or_default();
                if depth.visible == 0 || empty_polls > MAX_EMPTY_POLLS {
                    return Ok(());
                }
                continue;
            }
            empty_polls = 0;
            for mut message in messages {
                if !self.is_stopped() && self.replay_message(queue, s3, url, &message) {
                    self.counts.removed += 1;
                } else {
                    message.body.clear();
                    held.push(message);
                }
            }
        }
        Ok(())
    }

    /// Replays a message and deletes it, and returns whether it is deleted.
    fn replay_message(
        &mut self,
        queue: &Sqs,
        s3: &S3,
        url: &str,
        message: &ReceivedMessage,
    ) -> bool {
        let read_only = self.arguments.dry_run || self.arguments.keep;
        let removed = self.message(s3, message).and_then(|is_done| {
            if !is_done || read_only {
                self.counts.kept += 1;
                return Ok(false);
            }
            let deleted = self.runtime.block_on(queue.delete(url, message));
            deleted.context(
                "the message is delivered but cannot be deleted; the next replay sends it again",
            )?;
            Ok(true)
        });
        removed.unwrap_or_else(|error| {
            self.report_failure(&format!("message {}", message.id), &error);
            false
        })
    }

    /// Reports the messages of a queue that this replay has not received; it keeps `held` others.
    fn report_others(&mut self, url: &str, depth: QueueDepth, held: u64) {
        let in_flight = depth.in_flight.saturating_sub(held);
        let others = depth.visible + in_flight + depth.delayed;
        if others == 0 {
            return;
        }
        self.counts.not_received += others;
        eprintln!(
            "sightline: {url} holds {others} messages that this replay has not received: {in_flight} in flight, {} delayed, \
             {} visible. Messages in flight were received by another consumer, or by a replay that was killed; they \
             become visible when their visibility timeout ends, {VISIBILITY_TIMEOUT} seconds after such a replay received them. \
             Run the replay again then",
            depth.delayed, depth.visible
        );
    }

    /// Whether every event of a message is delivered or a dead letter.
    fn message(&mut self, s3: &S3, message: &ReceivedMessage) -> Result<bool> {
        let event = failed_invocation_payload(&message.body).unwrap_or(&message.body);
        // The fast route first, because CloudTrail's events about S3 have the source `aws.s3` too.
        if let Ok(texts) = event_texts(event) {
            return self.texts(&texts);
        }
        if BatchJob::parse(event).is_some() {
            anyhow::bail!(
                "tasks of S3 Batch Operations cannot be replayed; S3 retries them itself"
            );
        }
        match Trigger::parse(event)? {
            Trigger::Direct(content) => self.objects(s3, [Ok(content)]),
            Trigger::Queue(messages) => self.objects(s3, messages.into_iter().map(|m| m.content)),
        }
    }

    fn texts(&mut self, texts: &[EventText]) -> Result<bool> {
        let mut content = self.content("the queue");
        for text in texts {
            let data = match text {
                EventText::Plain(text) => text.as_bytes(),
                EventText::Bytes(bytes) => bytes,
            };
            content.transform(data).map_err(anyhow::Error::msg)?;
        }
        let is_done = content.is_done()?;
        if !is_done {
            self.stop_unless_events_may_be_bad();
        }
        Ok(is_done)
    }

    /// Forwards the log files that a message of the S3 route names. Any other content is an error,
    /// and the message is kept.
    fn objects(
        &mut self,
        s3: &S3,
        contents: impl IntoIterator<Item = Result<Content<ObjectTask>, TriggerError>>,
    ) -> Result<bool> {
        let (mut tasks, mut unparsed) = (Vec::new(), Vec::new());
        for content in contents {
            match content {
                Ok(content) => {
                    tasks.extend(content.payloads);
                    unparsed.extend(content.unparsed.into_iter().map(|record| record.error));
                }
                Err(error) => unparsed.push(error),
            }
        }
        let is_done = self.log_files(s3, tasks)?;
        match unparsed.first() {
            Some(error) => Err((*error).into()),
            None => Ok(is_done),
        }
    }

    fn log_files(&mut self, s3: &S3, tasks: Vec<ObjectTask>) -> Result<bool> {
        if self.arguments.dry_run {
            for task in &tasks {
                eprintln!("{task} from record {}", task.next_record);
            }
            return Ok(false);
        }
        for task in tasks {
            if !self.log_file(s3, task)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Forwards an object, and continues it as long as it makes progress.
    fn log_file(&mut self, s3: &S3, mut task: ObjectTask) -> Result<bool> {
        loop {
            let (opened, body) = self.runtime.block_on(object::open(s3, &task))?;
            task = opened;
            let (client, metrics) = self.sender.parts();
            // The flag must describe this object only.
            metrics.bad_request_without_code = false;
            let mut forwarder = ObjectForwarder {
                encoder: &mut self.encoder,
                client,
                metrics,
                only_over_bytes: None,
                flush_bytes: self.settings.delivery.max_bytes,
                until: Instant::now() + Duration::from_secs(self.arguments.delivery.patience),
                is_replay: true,
            };
            match self.runtime.block_on(forwarder.forward(&task, body)) {
                ObjectOutcome::Done | ObjectOutcome::NotCloudTrail => return Ok(true),
                ObjectOutcome::Failed(reason) => anyhow::bail!("{task}: {reason}"),
                ObjectOutcome::Remaining(rest, _)
                    if rest.next_record > task.next_record && !self.sender.is_interrupted() =>
                {
                    task = *rest;
                }
                ObjectOutcome::Remaining(rest, reason) => {
                    let record = rest.next_record;
                    eprintln!("sightline: {rest} is delivered up to record {record}");
                    self.sender.reason = Some(reason);
                    self.stop_unless_events_may_be_bad();
                    return Ok(false);
                }
            }
        }
    }
}

/// The texts of all messages in an event of the event route.
fn event_texts(event: &str) -> Result<Vec<EventText>, TriggerError> {
    match Trigger::parse(event)? {
        Trigger::Direct(content) => content.complete(),
        Trigger::Queue(messages) => {
            let texts = |message: QueueMessage<EventText>| message.content?.complete();
            let texts: Result<Vec<_>, TriggerError> = messages.into_iter().map(texts).collect();
            Ok(texts?.concat())
        }
    }
}
