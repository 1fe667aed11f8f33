//! Kept objects in S3, and messages in dead-letter queues.

use std::collections::HashSet;
use std::io::{Read, Write as _};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use delivery::{ByteStream, ObjectId, Queue, S3, Waiting};
use event_forwarder::{Incoming, Text};
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use s3_forwarder::{Broken, Chunks, End, Forward, Found, Invocation, Task, UnknownEvent};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Fate, Replay, progress};

/// The most bytes of a kept object; Firehose's error objects have 128 MB at most.
const LARGEST: u64 = 512 * 1024 * 1024;

/// Seconds for which a message that is being replayed is hidden from others.
const HIDDEN: i32 = 900;

/// Seconds for which one is hidden that is only looked at.
const LOOKED_AT: i32 = 30;

/// What a destination of failed invocations wraps an event in.
#[derive(Deserialize)]
struct FailedInvocation<'m> {
    #[serde(borrow, rename = "requestPayload")]
    event: &'m RawValue,
}

impl Replay<'_> {
    /// Replays the objects under `bucket/prefix`.
    pub(super) fn bucket(&mut self, place: &str) -> Result<()> {
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        let s3 = S3::new(&self.runtime.block_on(delivery::sdk_config()));
        let objects = self.runtime.block_on(s3.list(bucket, prefix))?;
        let bar = progress(objects.len());
        for (id, size) in objects {
            if let Err(error) = self.kept_object(&s3, &id, size) {
                self.note(&id.to_string(), &error);
            }
            if self.is_stopped {
                break;
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(())
    }

    fn kept_object(&mut self, s3: &S3, id: &ObjectId, size: u64) -> Result<()> {
        ensure!(
            size <= LARGEST,
            "it has {size} bytes, more than {LARGEST}: copy it to a file and replay that"
        );
        let bytes = self.runtime.block_on(fetch(s3, id))?;
        // To its end first: of one that is cut short, no part is to be sent each time.
        std::io::copy(&mut inflated(&bytes), &mut std::io::sink())
            .context("cannot be read to its end")?;
        match self.object(&id.to_string(), inflated(&bytes))? {
            Fate::Gone => {
                self.runtime.block_on(s3.delete(id))?;
                self.counts.removed += 1;
            }
            Fate::Rest(lines) => {
                let rest = compressed(&lines)?;
                self.runtime
                    .block_on(s3.put(id, rest, &[("reason", "left-by-replay")]))?;
                self.counts.kept += 1;
            }
            Fate::Stays => self.counts.kept += 1,
        }
        Ok(())
    }

    /// Replays the messages of the queue at `url` until it has no other to give.
    pub(super) fn queue(&mut self, url: &str) -> Result<()> {
        let config = self.runtime.block_on(delivery::sdk_config());
        let (queue, s3) = (Queue::new(&config), S3::new(&config));
        let is_only_looked_at = self.arguments.dry_run || self.arguments.keep;
        let hidden = if is_only_looked_at { LOOKED_AT } else { HIDDEN };
        let mut seen = HashSet::new();
        loop {
            let mut messages = self.runtime.block_on(queue.receive(url, hidden))?;
            messages.retain(|message| seen.insert(message.id.clone()));
            if messages.is_empty() {
                return Ok(());
            }
            for message in messages {
                match self.message(&s3, &message) {
                    Ok(true) if !is_only_looked_at => {
                        self.runtime.block_on(queue.delete(url, &message))?;
                        self.counts.removed += 1;
                    }
                    Ok(_) => self.counts.kept += 1,
                    Err(error) => self.note(&format!("message {}", message.id), &error),
                }
                if self.is_stopped {
                    return Ok(());
                }
            }
        }
    }

    /// Whether all that a message of the paths brings is delivered or kept elsewhere.
    fn message(&mut self, s3: &S3, message: &Waiting) -> Result<bool> {
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
        let is_done = content.is_done();
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
            let (outbox, tally) = self.courier.parts();
            // What is left for another reason is not sent.
            tally.is_unexplained = false;
            let mut forward = Forward {
                encoder: &mut self.encoder,
                outbox,
                tally,
                only_over_bytes: None,
                flush_bytes: self.settings.delivery.max_bytes,
                until: Instant::now() + Duration::from_secs(self.arguments.delivery.patience),
                is_replay: true,
            };
            match self.runtime.block_on(forward.object(&task, Body(body))) {
                End::Done | End::NotCloudTrail => return Ok(true),
                End::Left(rest, _) if rest.next_record > task.next_record => task = *rest,
                End::Left(rest, reason) => {
                    let (object, record) = (rest.object(), rest.next_record);
                    eprintln!("sightline: {object} is delivered up to record {record}: {reason}");
                    self.leave();
                    return Ok(false);
                }
            }
        }
    }
}

async fn fetch(s3: &S3, id: &ObjectId) -> Result<Vec<u8>> {
    let body = s3.get(id).await?.collect().await;
    Ok(body.context("it broke off on its way")?.to_vec())
}

fn compressed(lines: &[u8]) -> Result<Vec<u8>> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(lines)?;
    Ok(gzip.finish()?)
}

fn inflated(bytes: &[u8]) -> Box<dyn Read + '_> {
    if cloudtrail::is_gzip(bytes) {
        Box::new(MultiGzDecoder::new(bytes))
    } else {
        Box::new(bytes)
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
