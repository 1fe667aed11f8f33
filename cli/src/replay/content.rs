//! What a kept object holds, line by line: HEC objects that are ready, or input that the lane has
//! not seen.

use std::io::{BufRead, BufReader, Read};

use anyhow::{Context, Result};
use hec::EventBatch;
use pipeline::{Decompressor, Route};
use runtime::Encoder;
use serde::Deserialize;

use super::progress::Progress;
use crate::sender::Sender;

/// A line of an object that Firehose keeps after a failure.
#[derive(Deserialize)]
struct FailedRecord {
    #[serde(rename = "rawData")]
    raw_data: String,
    #[serde(rename = "lambdaArn")]
    lambda_arn: Option<String>,
    #[serde(rename = "errorCode", default)]
    error_code: String,
}

/// A message of a queue that was copied into a file.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "detail-type")]
    detail_type: String,
}

/// A line whose objects are gathered.
struct PendingLine {
    /// Its number in the object, from 0.
    number: usize,
    text: Vec<u8>,
    /// The number after its last object.
    end: usize,
}

/// One kept object while it is replayed.
pub(super) struct Content<'c> {
    pub(super) encoder: &'c mut Encoder,
    pub(super) sender: &'c mut Sender,
    pub(super) runtime: &'c tokio::runtime::Runtime,
    pub(super) route: Route,
    /// Nothing is sent.
    pub(super) dry_run: bool,
    /// Lines that an earlier replay delivered.
    pub(super) progress: Progress,
    opener: Decompressor,
    objects: EventBatch,
    pending: Vec<PendingLine>,
    /// Lines that are neither delivered nor kept elsewhere, as they are.
    pub(super) rest: Vec<u8>,
    /// Lines that need not be sent again.
    pub(super) done: usize,
    /// Some of it was not delivered: what follows is not sent.
    pub(super) stopped: bool,
}

impl<'c> Content<'c> {
    pub(super) fn new(
        encoder: &'c mut Encoder,
        sender: &'c mut Sender,
        runtime: &'c tokio::runtime::Runtime,
        route: Route,
    ) -> Self {
        Self {
            encoder,
            sender,
            runtime,
            route,
            dry_run: false,
            progress: Progress::default(),
            opener: Decompressor::default(),
            objects: EventBatch::default(),
            pending: Vec::new(),
            rest: Vec::new(),
            done: 0,
            stopped: false,
        }
    }

    /// Delivers all lines of `read` that are understood.
    ///
    /// # Errors
    /// It cannot be read to its end, or what is delivered cannot be noted.
    pub(super) fn replay(&mut self, read: impl Read) -> Result<()> {
        let mut read = BufReader::new(read);
        for number in 0.. {
            let mut line = Vec::new();
            let length = read
                .read_until(b'\n', &mut line)
                .context("cannot be read to its end")?;
            if length == 0 {
                break;
            }
            self.stopped |= self.sender.is_interrupted();
            if self.progress.is_done(number) {
                self.done += 1;
            } else if self.stopped {
                self.rest.extend_from_slice(&line);
            } else {
                self.line(number, line);
            }
            if self.sender.is_full(&self.objects) {
                self.send()?;
            }
        }
        self.send()
    }

    fn line(&mut self, number: usize, text: Vec<u8>) {
        if text.trim_ascii().is_empty() {
            return;
        }
        match self.add(&text) {
            Ok(()) => {
                let end = self.objects.len();
                self.pending.push(PendingLine { number, text, end });
            }
            Err(reason) => {
                let source = &self.route.source;
                eprintln!("sightline: {source}: a line cannot be read: {reason}");
                self.sender.metrics.counters.records_failed += 1;
                self.rest.extend_from_slice(&text);
            }
        }
    }

    /// Adds the objects of a line.
    fn add(&mut self, line: &[u8]) -> Result<(), String> {
        if let Ok(failed) = serde_json::from_slice::<FailedRecord>(line) {
            let data = base64_simd::STANDARD.decode_to_vec(failed.raw_data);
            let data = data.map_err(|_| "rawData is not valid base64".to_owned())?;
            // What a transformation failed on was never masked, whatever it looks like.
            let is_raw = failed.lambda_arn.is_some() || failed.error_code.starts_with("Lambda.");
            let is_ready = !is_raw && self.add_ready(&data);
            return if is_ready {
                Ok(())
            } else {
                self.transform(&data)
            };
        }
        if self.add_ready(line) {
            return Ok(());
        }
        if std::str::from_utf8(line).is_ok_and(pipeline::is_invocation_record) {
            return self.transform(line);
        }
        match serde_json::from_slice::<Event>(line) {
            Ok(event) if event.detail_type.ends_with("via CloudTrail") => self.transform(line),
            _ => Err("it is neither a dead letter, a record of Firehose's error objects, an event of a queue nor Lambda's record \
                      of a failed invocation; `sightline send` sends log files"
                .to_owned()),
        }
    }

    /// Adds the objects of input that was never transformed.
    pub(super) fn transform(&mut self, data: &[u8]) -> Result<(), String> {
        let text = self
            .opener
            .decompress(data)
            .map_err(|fault| fault.to_string())?;
        let metrics = &mut self.sender.metrics;
        let added = self
            .encoder
            .add(text, &self.route, &mut self.objects, metrics);
        added.map(drop).map_err(|unreadable| unreadable.to_string())
    }

    /// Adds the lines of `data` if all of them are HEC objects.
    fn add_ready(&mut self, data: &[u8]) -> bool {
        let lines = || {
            let lines = data.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
            lines.filter(|line| !line.is_empty())
        };
        if lines().next().is_none() || !lines().all(hec::is_object) {
            return false;
        }
        for line in lines() {
            self.objects.push(line);
            self.sender.metrics.counters.events_in += 1;
        }
        true
    }

    /// Sends what is gathered, and notes the lines of which nothing is left.
    ///
    /// # Errors
    /// They cannot be noted.
    pub(super) fn send(&mut self) -> Result<()> {
        let objects = std::mem::take(&mut self.objects);
        let pending = std::mem::take(&mut self.pending);
        if self.dry_run || objects.is_empty() && pending.is_empty() {
            return Ok(());
        }
        let deliver = self.sender.deliver(&objects, &self.route.source);
        let left = self.runtime.block_on(deliver);
        let mut first = 0;
        let mut done = Vec::with_capacity(pending.len());
        for line in pending {
            let next = left.get(left.partition_point(|at| *at < first));
            if next.is_some_and(|at| *at < line.end) {
                self.rest.extend_from_slice(&line.text);
            } else {
                done.push(line.number);
            }
            first = line.end;
        }
        self.stopped |= !left.is_empty();
        self.done += done.len();
        self.progress
            .add(done)
            .context("cannot note which lines are delivered")
    }

    /// Whether everything gathered was delivered or kept elsewhere.
    #[cfg(feature = "aws")]
    pub(super) fn is_done(&mut self) -> Result<bool> {
        self.send()?;
        Ok(!self.stopped)
    }
}
