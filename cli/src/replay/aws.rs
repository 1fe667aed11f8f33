//! Kept objects in S3, and messages in dead-letter queues.

use std::io::{Read, Write as _};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use delivery::{ByteStream, ObjectId, Queue, S3, Waiting};
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use s3_forwarder::{Broken, Chunks, End, Forward, Task, tasks_in};
use serde_json::Value;

use super::{Fate, Replay, progress};

/// The most bytes of a kept object; Firehose's error objects have 128 MB at most.
const LARGEST: u64 = 512 * 1024 * 1024;

/// Seconds for which a message that is being replayed is hidden from others.
const HIDDEN: i32 = 900;

impl Replay<'_> {
    /// Replays the objects under `bucket/prefix`.
    pub(super) fn bucket(&mut self, place: &str) -> Result<()> {
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        let s3 = S3::new(&self.runtime.block_on(delivery::sdk_config()));
        let objects = self.runtime.block_on(s3.list(bucket, prefix))?;
        let bar = progress(objects.len());
        for (id, size) in objects {
            if size > LARGEST {
                bail!(
                    "{id} has {size} bytes, more than {LARGEST}: copy it to a file and replay that"
                );
            }
            let bytes = self.runtime.block_on(fetch(&s3, &id))?;
            match self.object(&id.to_string(), inflated(&bytes))? {
                Fate::Gone => {
                    self.runtime.block_on(s3.delete(&id))?;
                    self.counts.removed += 1;
                }
                Fate::Rest(lines) => {
                    let rest = compressed(&lines)?;
                    self.runtime
                        .block_on(s3.put(&id, rest, &[("reason", "unreadable")]))?;
                    self.counts.kept += 1;
                }
                Fate::Stays => self.counts.kept += 1,
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(())
    }

    /// Replays the messages of the queue at `url` until it has none to give.
    pub(super) fn queue(&mut self, url: &str) -> Result<()> {
        let config = self.runtime.block_on(delivery::sdk_config());
        let (queue, s3) = (Queue::new(&config), S3::new(&config));
        let hidden = if self.arguments.dry_run || self.arguments.keep {
            60
        } else {
            HIDDEN
        };
        loop {
            let messages = self.runtime.block_on(queue.receive(url, hidden))?;
            if messages.is_empty() {
                return Ok(());
            }
            for message in messages {
                self.message(&queue, &s3, url, &message)?;
            }
        }
    }

    fn message(&mut self, queue: &Queue, s3: &S3, url: &str, message: &Waiting) -> Result<()> {
        let may_go = match tasks_in(&message.body) {
            Ok(tasks) => self.log_files(s3, tasks)?,
            Err(_) => matches!(
                self.object("the queue", body(&message.body).as_bytes())?,
                Fate::Gone
            ),
        };
        if may_go && !self.arguments.dry_run && !self.arguments.keep {
            self.runtime.block_on(queue.delete(url, message))?;
            self.counts.removed += 1;
        } else {
            self.counts.kept += 1;
        }
        Ok(())
    }

    /// Forwards the log files that a message of the S3 path tells of.
    fn log_files(&mut self, s3: &S3, tasks: Vec<Task>) -> Result<bool> {
        let mut is_done = true;
        for task in tasks {
            if self.arguments.dry_run {
                continue;
            }
            let body = match self.runtime.block_on(s3.get(&task.object())) {
                Ok(body) => body,
                Err(error) => {
                    eprintln!("sightline: {error}");
                    is_done = false;
                    continue;
                }
            };
            let (outbox, tally) = self.courier.parts();
            let mut forward = Forward {
                encoder: &mut self.encoder,
                outbox,
                tally,
                only_over_bytes: self.settings.delivery.only_over_bytes,
                flush_bytes: self.settings.delivery.max_bytes,
                until: Instant::now() + Duration::from_secs(self.arguments.delivery.patience),
                is_replay: true,
            };
            let end = self.runtime.block_on(forward.object(&task, Body(body)));
            if let End::Left(rest, reason) = end {
                eprintln!(
                    "sightline: {} is delivered up to record {}: {reason}",
                    rest.object(),
                    rest.next_record
                );
                is_done = false;
            }
        }
        Ok(is_done)
    }
}

/// The event in a message: what a destination of a failed invocation wraps, or all of it.
fn body(text: &str) -> String {
    let value: Option<Value> = serde_json::from_str(text).ok();
    match value.as_ref().and_then(|value| value.get("requestPayload")) {
        Some(event) => event.to_string(),
        None => text.to_owned(),
    }
}

async fn fetch(s3: &S3, id: &ObjectId) -> Result<Vec<u8>> {
    let body = s3.get(id).await?.collect().await;
    Ok(body
        .with_context(|| format!("{id} broke off on its way"))?
        .to_vec())
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
        Some(chunk.map_err(|error| Broken(error.to_string())))
    }
}
