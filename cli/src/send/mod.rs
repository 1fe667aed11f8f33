//! `sightline send`: files to the collector.

mod position;
mod summary;

use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use cloudtrail::DeliveryPath;
use hec::EventBatch;
use indicatif::ProgressBar;
use pipeline::Route;
use runtime::Encoder;

use crate::arguments::SendArguments;
use crate::input;
use crate::interrupt::Interrupt;
use crate::sender::{self, Sender, Sent};
use position::Position;
pub(crate) use summary::report;

pub(crate) fn run(arguments: &SendArguments) -> Result<ExitCode> {
    let interrupt = Interrupt::listen()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (_, encoder, sender) = runtime.block_on(sender::prepare(
        &arguments.settings,
        &arguments.delivery,
        None,
        interrupt,
    ))?;
    let mut run = Run {
        runtime,
        encoder,
        sender,
        objects: EventBatch::default(),
        position: Position::new(arguments.skip_records),
        stopped: false,
        repeated: 0,
        faults: 0,
    };
    let progress = input::progress(&arguments.files);
    let mut files = arguments.files.as_slice();
    while let [file, others @ ..] = files {
        if let Err(error) = run.file(file, &progress) {
            run.faults += 1;
            progress.suspend(|| eprintln!("sightline: {}: {error:#}", file.display()));
        }
        if run.stopped {
            break;
        }
        run.position = Position::default();
        files = others;
    }
    progress.finish_and_clear();
    Ok(run.end(files))
}

/// One run over all files.
struct Run {
    runtime: tokio::runtime::Runtime,
    encoder: Encoder,
    sender: Sender,
    objects: EventBatch,
    /// How far the current file is done.
    position: Position,
    /// The collector accepts no more, or a signal came: nothing more is read.
    stopped: bool,
    /// Delivered events that a run which continues this one sends again.
    repeated: usize,
    /// Files that could not be read to their end.
    faults: u32,
}

impl Run {
    fn file(&mut self, file: &Path, progress: &ProgressBar) -> Result<()> {
        let name = if input::is_stdin(file) {
            "file:-".to_owned()
        } else {
            format!("file:{}", file.display())
        };
        let route = Route {
            source: name,
            path: Some(DeliveryPath::S3),
            ..Route::default()
        };
        let opened = match input::open_until(file, progress, &self.sender.interrupt) {
            Err(_) if self.sender.is_interrupted() => {
                self.stopped = true;
                return Ok(());
            }
            opened => opened?,
        };
        let read = input::values(opened, |value| Ok(self.value(value, &route)));
        let is_read = read.is_ok() && !self.stopped;
        self.flush(&route.source);
        self.position.at_end = is_read && self.position.is_settled();
        read?;
        let missing = if is_read { self.position.missing() } else { 0 };
        ensure!(
            missing == 0,
            "it has {missing} records fewer than --skip-records says"
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
            self.position.pend(self.objects.len());
        }
        if self.sender.is_full(&self.objects) {
            self.flush(&route.source);
        }
        if self.stopped {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// Adds the events of `value` to the objects. What cannot be read is counted, and sent as the
    /// event that replaces it.
    fn add(&mut self, value: &[u8], route: &Route) {
        let metrics = &mut self.sender.metrics;
        let added = match std::str::from_utf8(value) {
            Ok(text) => {
                let added = self.encoder.add(text, route, &mut self.objects, metrics);
                added.map_err(|unreadable| unreadable.to_string())
            }
            Err(error) => Err(format!("not UTF-8 at byte {}", error.valid_up_to())),
        };
        if let Err(reason) = added
            && !value.trim_ascii().is_empty()
        {
            let source = &route.source;
            eprintln!("sightline: {source}: a value cannot be read: {reason}");
            metrics.counters.records_failed += 1;
        }
    }

    /// Sends what is gathered.
    fn flush(&mut self, input: &str) {
        let sent = self
            .runtime
            .block_on(self.sender.send(&self.objects, input));
        self.objects.clear();
        match sent {
            Sent::All => self.position.settle(),
            Sent::Kept => {
                self.position.settle();
                self.stopped |= !self.sender.may_continue();
            }
            Sent::Left(left) => {
                self.repeated = self.position.settle_up_to(&left);
                self.stopped = true;
            }
        }
        self.stopped |= self.sender.is_interrupted();
    }
}
