//! Replays the content of one stored object or message, line by line.

use std::io::{BufRead, BufReader, Read};

use anyhow::{Context, Result};
use hec::EventBatch;
use pipeline::{Decompressor, Route};
use runtime::Encoder;

use super::line::{Line, classify_line, non_empty_lines};
use super::progress::Progress;
use crate::sender::Sender;

/// A line whose HEC objects are part of the pending batch.
struct PendingLine {
    /// Its number in the stored object, from 0.
    number: usize,
    text: Vec<u8>,
    /// The index after its last HEC object.
    end: usize,
}

/// One stored object or message during its replay.
pub(super) struct ContentReplay<'c> {
    pub(super) encoder: &'c mut Encoder,
    pub(super) sender: &'c mut Sender,
    pub(super) runtime: &'c tokio::runtime::Runtime,
    pub(super) route: Route,
    /// Nothing is sent.
    pub(super) dry_run: bool,
    /// Lines that an earlier replay delivered.
    pub(super) progress: Progress,
    decompressor: Decompressor,
    batch: EventBatch,
    pending: Vec<PendingLine>,
    /// Lines that are neither delivered nor dead letters, unchanged.
    pub(super) remaining: Vec<u8>,
    /// The number of lines that need not be sent again.
    pub(super) done: usize,
    /// Some events were not delivered: nothing after them is sent.
    pub(super) stopped: bool,
}

impl<'c> ContentReplay<'c> {
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
            decompressor: Decompressor::default(),
            batch: EventBatch::default(),
            pending: Vec::new(),
            remaining: Vec::new(),
            done: 0,
            stopped: false,
        }
    }

    /// Delivers every line of `read` whose format is known.
    ///
    /// # Errors
    /// `read` cannot be read completely, or the progress cannot be saved.
    pub(super) fn replay(&mut self, read: impl Read) -> Result<()> {
        let mut read = BufReader::new(read);
        for number in 0.. {
            let mut line = Vec::new();
            let length = read
                .read_until(b'\n', &mut line)
                .context("cannot be read completely")?;
            if length == 0 {
                break;
            }
            self.stopped |= self.sender.is_interrupted();
            if self.progress.is_done(number) {
                self.done += 1;
            } else if self.stopped {
                self.remaining.extend_from_slice(&line);
            } else {
                self.add_line(number, line);
            }
            if self.sender.is_full(&self.batch) {
                self.send()?;
            }
        }
        self.send()
    }

    fn add_line(&mut self, number: usize, text: Vec<u8>) {
        if text.trim_ascii().is_empty() {
            return;
        }
        match self.encode(&text) {
            Ok(()) => {
                let end = self.batch.len();
                self.pending.push(PendingLine { number, text, end });
            }
            Err(reason) => {
                let (source, line) = (&self.route.source, number + 1);
                eprintln!("sightline: {source}: line {line} cannot be parsed: {reason}");
                self.sender.metrics.counters.records_failed += 1;
                self.remaining.extend_from_slice(&text);
            }
        }
    }

    /// Adds the HEC objects of a line to the batch.
    fn encode(&mut self, line: &[u8]) -> Result<(), String> {
        match classify_line(line)? {
            Line::Raw(data) => self.transform(&data),
            Line::Ready(data) => {
                for object in non_empty_lines(&data) {
                    self.batch.push(object);
                    self.sender.metrics.counters.events_in += 1;
                }
                Ok(())
            }
        }
    }

    /// Transforms `data`, and adds its HEC objects to the batch.
    pub(super) fn transform(&mut self, data: &[u8]) -> Result<(), String> {
        let text = self.decompressor.decompress(data);
        let text = text.map_err(|error| error.to_string())?;
        let metrics = &mut self.sender.metrics;
        let added = self
            .encoder
            .add(text, &self.route, &mut self.batch, metrics);
        added.map(drop).map_err(|error| error.to_string())
    }

    /// Sends the batch, and saves which lines are completely delivered.
    ///
    /// # Errors
    /// The progress cannot be saved.
    pub(super) fn send(&mut self) -> Result<()> {
        let batch = std::mem::take(&mut self.batch);
        let pending = std::mem::take(&mut self.pending);
        if self.dry_run || batch.is_empty() && pending.is_empty() {
            return Ok(());
        }
        let deliver = self.sender.deliver(&batch, &self.route.source);
        let undelivered = self.runtime.block_on(deliver);
        let mut first = 0;
        let mut done = Vec::with_capacity(pending.len());
        for line in pending {
            let next = undelivered.get(undelivered.partition_point(|index| *index < first));
            if next.is_some_and(|index| *index < line.end) {
                self.remaining.extend_from_slice(&line.text);
            } else {
                done.push(line.number);
            }
            first = line.end;
        }
        self.stopped |= !undelivered.is_empty();
        self.done += done.len();
        self.progress
            .add(done)
            .context("cannot save which lines are delivered")
    }

    /// Sends the batch, and returns whether every event is delivered or a dead letter.
    #[cfg(feature = "aws")]
    pub(super) fn is_done(&mut self) -> Result<bool> {
        self.send()?;
        Ok(!self.stopped)
    }
}
