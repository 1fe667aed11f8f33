//! Messages in dead-letter queues.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use aws::{ByteStream, QueueDepth, ReceivedMessage, S3, Sqs};
use bytes::Bytes;
use event_forwarder::{Incoming, Text};
use s3_forwarder::{Broken, Chunks, End, Forward, Found, Invocation, Task, UnknownEvent};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Replay;

/// Visibility timeout of received messages, in seconds: until then they belong to this replay.
const HIDDEN: i32 = 900;

/// Polls in a row that may bring nothing although SQS counts visible messages. Its count may be a
/// minute old (Amazon SQS API Reference, `GetQueueAttributes`).
const MAX_EMPTY_POLLS: u32 = 5;

/// What a destination of failed invocations wraps an event in.
#[derive(Deserialize)]
struct FailedInvocation<'m> {
    #[serde(borrow, rename = "requestPayload")]
    event: &'m RawValue,
}

impl Replay<'_> {
    /// Replays the messages of the queue at `url` until it has no other to give, and reports those
    /// that another consumer has received.
    pub(super) fn queue(&mut self, url: &str) -> Result<()> {
        let config = self.runtime.block_on(aws::sdk_config());
        let (queue, s3) = (Sqs::new(&config), S3::new(&config));
        let mut held = Vec::new();
        let received = self.messages(&queue, &s3, url, &mut held);
        let counted = self.runtime.block_on(queue.depth(url));
        // At once for whoever comes next, and not when the visibility timeout ends.
        if let Err(error) = self.runtime.block_on(queue.release(url, &held)) {
            eprintln!("sightline: {error}; they become visible after {HIDDEN} seconds");
        }
        received?;
        let counted = counted.context("it is not known whether messages are in flight")?;
        self.report_others(url, counted, held.len() as u64);
        Ok(())
    }

    /// Replays what the queue gives. Messages that stay on it are `held`.
    fn messages(
        &mut self,
        queue: &Sqs,
        s3: &S3,
        url: &str,
        held: &mut Vec<ReceivedMessage>,
    ) -> Result<()> {
        let mut seen = HashSet::new();
        let mut empty_polls = 0;
        while !self.ends() {
            let mut messages = self.runtime.block_on(queue.receive(url, HIDDEN))?;
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
                if !self.ends() && self.is_removed(queue, s3, url, &message) {
                    self.counts.removed += 1;
                } else {
                    message.body.clear();
                    held.push(message);
                }
            }
        }
        Ok(())
    }

    /// Replays a message, and returns whether it is not on the queue any more.
    fn is_removed(&mut self, queue: &Sqs, s3: &S3, url: &str, message: &ReceivedMessage) -> bool {
        let is_only_looked_at = self.arguments.dry_run || self.arguments.keep;
        let removed = self.message(s3, message).and_then(|is_done| {
            if !is_done || is_only_looked_at {
                self.counts.kept += 1;
                return Ok(false);
            }
            let deleted = self.runtime.block_on(queue.delete(url, message));
            deleted.context("it is delivered, and the next replay sends it again")?;
            Ok(true)
        });
        removed.unwrap_or_else(|error| {
            self.note(&format!("message {}", message.id), &error);
            false
        })
    }

    /// Reports messages that this replay has not received, of a queue on which it left `held` ones.
    fn report_others(&mut self, url: &str, depth: QueueDepth, held: u64) {
        let in_flight = depth.in_flight.saturating_sub(held);
        let others = depth.visible + in_flight + depth.delayed;
        if others == 0 {
            return;
        }
        self.counts.others += others;
        eprintln!(
            "sightline: {url} holds {others} messages that this replay has not received: {in_flight} in flight, {} delayed, \
             {} visible. Messages in flight were received by another consumer, or by a replay that was killed; they \
             become visible when their visibility timeout ends, {HIDDEN} seconds after such a replay received them. \
             Run the replay again then",
            depth.delayed, depth.visible
        );
    }

    /// Whether all that a message of the paths brings is delivered or kept elsewhere.
    fn message(&mut self, s3: &S3, message: &ReceivedMessage) -> Result<bool> {
        let failed: Option<FailedInvocation<'_>> = serde_json::from_str(&message.body).ok();
        let event = failed.map_or(message.body.as_str(), |failed| failed.event.get());
        // The fast path first: CloudTrail's events about S3 come from `aws.s3` too.
        match Incoming::parse(event) {
            Ok(Incoming::Direct(texts)) => return self.texts(&texts),
            Ok(Incoming::Queue(messages)) if messages.iter().all(|(_, texts)| texts.is_ok()) => {
                let texts: Vec<Text> = messages
                    .into_iter()
                    .filter_map(|(_, texts)| texts.ok())
                    .flatten()
                    .collect();
                return self.texts(&texts);
            }
            _ => {}
        }
        match Invocation::parse(event)? {
            Invocation::Direct(found) => self.found(s3, [Ok(found)]),
            Invocation::Queue(messages) => self.found(s3, messages.into_iter().map(|m| m.found)),
            Invocation::Batch(_) => {
                anyhow::bail!("tasks of S3 Batch Operations are tried again by S3 itself")
            }
        }
    }

    fn texts(&mut self, texts: &[Text]) -> Result<bool> {
        let mut content = self.content("the queue");
        for text in texts {
            let data = match text {
                Text::Plain(text) => text.as_bytes(),
                Text::Bytes(bytes) => bytes,
            };
            content.transform(data).map_err(anyhow::Error::msg)?;
        }
        let is_done = content.is_done()?;
        if !is_done {
            self.leave();
        }
        Ok(is_done)
    }

    /// Forwards the log files that a message of the S3 path tells of; what else it tells of is an
    /// error, which keeps the message where it is.
    fn found(
        &mut self,
        s3: &S3,
        found: impl IntoIterator<Item = Result<Found, UnknownEvent>>,
    ) -> Result<bool> {
        let (mut tasks, mut unknown) = (Vec::new(), Vec::new());
        for one in found {
            match one {
                Ok(found) => {
                    tasks.extend(found.tasks);
                    unknown.extend(found.unknown.into_iter().map(|record| record.why));
                }
                Err(why) => unknown.push(why),
            }
        }
        let is_done = self.log_files(s3, tasks)?;
        match unknown.first() {
            Some(why) => Err((*why).into()),
            None => Ok(is_done),
        }
    }

    fn log_files(&mut self, s3: &S3, tasks: Vec<Task>) -> Result<bool> {
        if self.arguments.dry_run {
            for task in &tasks {
                eprintln!("{} from record {}", task.object(), task.next_record);
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

    /// Goes on with an object for as long as it gets farther.
    fn log_file(&mut self, s3: &S3, mut task: Task) -> Result<bool> {
        loop {
            let body = self.runtime.block_on(s3.get(&task.object()))?;
            let (client, metrics) = self.sender.parts();
            // What is left for another reason is not sent.
            metrics.is_unexplained = false;
            let mut forward = Forward {
                encoder: &mut self.encoder,
                client,
                metrics,
                only_over_bytes: None,
                flush_bytes: self.settings.delivery.max_bytes,
                until: Instant::now() + Duration::from_secs(self.arguments.delivery.patience),
                is_replay: true,
            };
            match self.runtime.block_on(forward.object(&task, Body(body))) {
                End::Done | End::NotCloudTrail => return Ok(true),
                End::Failed(reason) => anyhow::bail!("{}: {reason}", task.object()),
                End::Left(rest, _)
                    if rest.next_record > task.next_record && !self.sender.is_interrupted() =>
                {
                    task = *rest;
                }
                End::Left(rest, reason) => {
                    let (object, record) = (rest.object(), rest.next_record);
                    eprintln!("sightline: {object} is delivered up to record {record}");
                    self.sender.reason = Some(reason);
                    self.leave();
                    return Ok(false);
                }
            }
        }
    }
}

/// The body of an object in S3.
struct Body(ByteStream);

impl Chunks for Body {
    async fn next(&mut self) -> Option<Result<Bytes, Broken>> {
        let chunk = self.0.next().await?;
        Some(chunk.map_err(|_| Broken("S3 sends no more".to_owned())))
    }
}
