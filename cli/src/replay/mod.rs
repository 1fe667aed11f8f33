//! `sightline replay`: what was kept after a failure, delivered and removed.

#[cfg(feature = "aws")]
mod bucket;
mod content;
mod local;
mod progress;
#[cfg(feature = "aws")]
mod queue;

use std::io::{Read, Write as _};
use std::process::ExitCode;

use anyhow::Result;
use flate2::Compression;
use flate2::write::GzEncoder;
use indicatif::{ProgressBar, ProgressStyle};
use pipeline::Route;
use runtime::Encoder;

use crate::arguments::ReplayArguments;
use crate::interrupt::Interrupt;
use crate::send;
use crate::sender::{self, Sender};
use content::Content;
use progress::Progress;

/// One replay.
struct Replay<'a> {
    arguments: &'a ReplayArguments,
    encoder: Encoder,
    sender: Sender,
    /// The runtime that sends.
    runtime: tokio::runtime::Runtime,
    #[cfg(feature = "aws")]
    settings: settings::Settings,
    counts: Counts,
    /// The collector accepts no more: the rest stays where it is.
    stopped: bool,
}

/// What is to be done with an object that was replayed.
enum Fate {
    /// All of it is delivered or kept elsewhere.
    Gone,
    /// These lines of it are left; all others are delivered or kept elsewhere.
    Rest(Vec<u8>),
    /// It stays as it is.
    Stays,
}

/// How objects and messages ended.
#[derive(Default)]
struct Counts {
    removed: u64,
    kept: u64,
    /// Sources that could not be read to their end, and objects and messages that were kept
    /// because they could not be.
    faults: u64,
    /// Messages of queues that were not received.
    others: u64,
}

pub(crate) fn run(arguments: &ReplayArguments) -> Result<ExitCode> {
    let interrupt = Interrupt::listen()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let place = arguments
        .sources
        .iter()
        .find_map(|source| local::folder_of(source));
    let prepared = sender::prepare(
        &arguments.settings,
        &arguments.delivery,
        place.as_deref(),
        interrupt,
    );
    let (settings, encoder, sender) = runtime.block_on(prepared)?;
    #[cfg(not(feature = "aws"))]
    let _unused = settings;
    let mut replay = Replay {
        arguments,
        encoder,
        sender,
        runtime,
        #[cfg(feature = "aws")]
        settings,
        counts: Counts::default(),
        stopped: false,
    };
    for source in &arguments.sources {
        if replay.ends() {
            break;
        }
        if let Err(error) = replay.source(source) {
            eprintln!("sightline: {source}: {error:#}");
            replay.counts.faults += 1;
        }
    }
    Ok(replay.end())
}

impl Replay<'_> {
    fn source(&mut self, source: &str) -> Result<()> {
        let is_remote = source.starts_with("s3://") || source.starts_with("http");
        if !is_remote {
            return self.folder(source);
        }
        #[cfg(feature = "aws")]
        return match source.strip_prefix("s3://") {
            Some(place) => self.bucket(place),
            None => self.queue(source),
        };
        #[cfg(not(feature = "aws"))]
        anyhow::bail!("this build does not talk to AWS: build with --features aws")
    }

    /// Delivers what `read` holds, which is called `name`, but not the lines that `progress` says
    /// are delivered. Returns what is to be done with it, and the progress made.
    fn object(
        &mut self,
        name: &str,
        read: impl Read,
        progress: Progress,
    ) -> Result<(Fate, Progress)> {
        let mut content = self.content(name);
        content.progress = progress;
        let replayed = content.replay(read);
        let progress = std::mem::take(&mut content.progress);
        let (rest, done) = (std::mem::take(&mut content.rest), content.done);
        if content.stopped {
            self.leave();
        }
        if let Err(error) = replayed {
            progress.remove_if_empty()?;
            return Err(error);
        }
        let fate = match (done, rest.is_empty()) {
            _ if self.arguments.dry_run || self.arguments.keep => Fate::Stays,
            // Whatever it is, it is not ours to change.
            (0, false) => Fate::Stays,
            (_, true) => Fate::Gone,
            (_, false) => Fate::Rest(rest),
        };
        Ok((fate, progress))
    }

    fn content(&mut self, name: &str) -> Content<'_> {
        let route = Route {
            source: name.to_owned(),
            is_replay: true,
            ..Route::default()
        };
        let (encoder, sender) = (&mut self.encoder, &mut self.sender);
        let mut content = Content::new(encoder, sender, &self.runtime, route);
        content.dry_run = self.arguments.dry_run;
        content
    }

    /// Whether nothing more is to be sent.
    fn ends(&self) -> bool {
        self.stopped || self.sender.is_interrupted()
    }

    /// Notes that the collector did not accept all of an object or a message. Ends the replay
    /// unless only that object or message may be bad.
    fn leave(&mut self) {
        self.stopped |= !self.sender.may_continue();
    }

    /// Notes that an object or a message could not be replayed, and goes on.
    fn note(&mut self, what: &str, error: &anyhow::Error) {
        eprintln!("sightline: {what}: {error:#}");
        self.counts.kept += 1;
        self.counts.faults += 1;
    }

    fn end(self) -> ExitCode {
        let counters = self.sender.metrics.counters;
        let Counts {
            removed,
            kept,
            faults,
            others,
        } = self.counts;
        let signal = self.sender.interrupt.received();
        match (signal, &self.sender.reason) {
            (Some(signal), _) => eprintln!("sightline: stopped by {signal}"),
            (None, Some(reason)) => eprintln!("sightline: {reason}"),
            (None, None) => {}
        }
        if self.arguments.dry_run {
            eprintln!(
                "{} objects or messages hold {} events, of which {} would be sent; values that cannot be read {}",
                kept,
                counters.events_in,
                counters.events_in - counters.events_dropped,
                counters.records_failed
            );
        } else {
            eprintln!("objects and messages: {removed} removed, {kept} left where they are");
            send::report(&counters);
        }
        if self.stopped || signal.is_some() {
            eprintln!(
                "stopped before the end; what is left stays where it is: run the same command again"
            );
        }
        let is_done = self.arguments.dry_run
            || counters.events_out + counters.events_dropped == counters.events_in
                && counters.records_failed == 0;
        match signal {
            Some(signal) => signal.exit_code(),
            None if is_done && faults + others == 0 => ExitCode::SUCCESS,
            None => ExitCode::FAILURE,
        }
    }
}

/// These lines as one gzip member.
fn compressed(lines: &[u8]) -> Result<Vec<u8>> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(lines)?;
    Ok(gzip.finish()?)
}

/// A bar over so many objects if standard error is a terminal.
fn progress_bar(objects: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} objects  {elapsed}  {eta}");
    ProgressBar::new(objects as u64).with_style(style.expect("the template is fixed"))
}
