//! One run of `sightline send`: reads values, gathers their events and sends them.

use std::ops::ControlFlow;
use std::path::Path;

use anyhow::{Result, ensure};
use hec::EventBatch;
use indicatif::ProgressBar;
use pipeline::Route;
use runtime::Encoder;

use super::position::Position;
use crate::input;
use crate::sender::{SendResult, Sender};

/// One run over all files.
pub(super) struct SendSession {
    pub(super) runtime: tokio::runtime::Runtime,
    pub(super) encoder: Encoder,
    pub(super) sender: Sender,
    pub(super) batch: EventBatch,
    /// How much of the current file is done.
    pub(super) position: Position,
    /// The collector accepts no more events, or a signal was received: nothing more is read.
    pub(super) stopped: bool,
    /// Delivered events that the run which continues this one sends again.
    pub(super) repeated: usize,
    /// Files that could not be read completely.
    pub(super) failed_files: u32,
}

impl SendSession {
    /// Sends one file.
    ///
    /// # Errors
    /// The file cannot be read completely, or has fewer records than the run skips.
    pub(super) fn file(&mut self, file: &Path, progress: &ProgressBar) -> Result<()> {
        let route = input::route_of(file);
        let opened = match input::open_until(file, progress, &self.sender.interrupt) {
            Err(_) if self.sender.is_interrupted() => {
                self.stopped = true;
                return Ok(());
            }
            opened => opened?,
        };
        let read = input::values(opened, |value| Ok(self.value(value, &route)));
        let complete = read.is_ok() && !self.stopped;
        self.flush(&route.source);
        self.position.at_end = complete && self.position.is_done();
        read?;
        let missing = if complete { self.position.missing() } else { 0 };
        ensure!(
            missing == 0,
            "the file has {missing} fewer records than --skip-records skips"
        );
        Ok(())
    }

    fn value(&mut self, value: &[u8], route: &Route) -> ControlFlow<()> {
        if self.sender.is_interrupted() {
            self.stopped = true;
            return ControlFlow::Break(());
        }
        if self.position.advance() {
            self.add(value, route);
            self.position.add_pending(self.batch.len());
        }
        if self.sender.is_full(&self.batch) {
            self.flush(&route.source);
        }
        if self.stopped {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// Adds the events of `value` to the batch. A value that cannot be parsed is counted, and its
    /// fallback event is sent.
    fn add(&mut self, value: &[u8], route: &Route) {
        let metrics = &mut self.sender.metrics;
        let added = match std::str::from_utf8(value) {
            Ok(text) => {
                let added = self.encoder.add(text, route, &mut self.batch, metrics);
                added.map_err(|error| error.to_string())
            }
            Err(error) => Err(format!("not UTF-8 at byte {}", error.valid_up_to())),
        };
        if let Err(reason) = added
            && !value.trim_ascii().is_empty()
        {
            let (source, number) = (&route.source, self.position.number());
            eprintln!("sightline: {source}: value {number} cannot be parsed: {reason}");
            metrics.counters.records_failed += 1;
        }
    }

    /// Sends the batch.
    fn flush(&mut self, input: &str) {
        let sent = self.runtime.block_on(self.sender.send(&self.batch, input));
        self.batch.clear();
        match sent {
            SendResult::Delivered => self.position.mark_done(),
            SendResult::DeadLettered => {
                self.position.mark_done();
                self.stopped |= !self.sender.may_continue();
            }
            SendResult::Undelivered(undelivered) => {
                self.repeated = self.position.mark_done_before(&undelivered);
                self.stopped = true;
            }
        }
        self.stopped |= self.sender.is_interrupted();
    }
}
