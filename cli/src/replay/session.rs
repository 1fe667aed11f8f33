//! One run of `sightline replay`: what all kinds of sources share.

use std::io::{Read, Write as _};
use std::process::ExitCode;

use anyhow::Result;
use flate2::Compression;
use flate2::write::GzEncoder;
use indicatif::{ProgressBar, ProgressStyle};
use pipeline::Route;
use runtime::Encoder;

use super::content::ContentReplay;
use super::progress::Progress;
use crate::arguments::ReplayArguments;
use crate::sender::{self, Sender};

/// One run over all sources.
pub(super) struct ReplaySession<'a> {
    pub(super) arguments: &'a ReplayArguments,
    pub(super) encoder: Encoder,
    pub(super) sender: Sender,
    /// The async runtime that sends.
    pub(super) runtime: tokio::runtime::Runtime,
    #[cfg(feature = "aws")]
    pub(super) settings: settings::Settings,
    pub(super) counts: Counts,
    /// The collector accepts no more events: everything else is kept.
    pub(super) stopped: bool,
}

/// What to do with an object after its replay.
pub(super) enum ObjectAction {
    /// Delete it: every event is delivered or a dead letter.
    Delete,
    /// Replace its content with these lines, the only ones that are not delivered.
    Rewrite(Vec<u8>),
    /// Keep it unchanged.
    Keep,
}

/// The number of objects and messages by result.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) removed: u64,
    pub(super) kept: u64,
    /// Sources that could not be read completely, and objects and messages kept for that reason.
    pub(super) failed: u64,
    /// Messages of queues that this replay did not receive.
    pub(super) not_received: u64,
}

impl ReplaySession<'_> {
    /// Delivers the lines of `read`, except for those that `progress` marks as delivered. `name`
    /// is the `source` of their events. Returns what to do with the object, and the new progress.
    ///
    /// # Errors
    /// `read` cannot be read completely, or the progress cannot be saved.
    pub(super) fn object(
        &mut self,
        name: &str,
        read: impl Read,
        progress: Progress,
    ) -> Result<(ObjectAction, Progress)> {
        let mut content = self.content(name);
        content.progress = progress;
        let replayed = content.replay(read);
        let progress = std::mem::take(&mut content.progress);
        let (remaining, done) = (std::mem::take(&mut content.remaining), content.done);
        if content.stopped {
            self.stop_unless_events_may_be_bad();
        }
        if let Err(error) = replayed {
            progress.remove_if_empty()?;
            return Err(error);
        }
        let action = match (done, remaining.is_empty()) {
            _ if self.arguments.dry_run || self.arguments.keep => ObjectAction::Keep,
            // No line has a known format: the object belongs to another program.
            (0, false) => ObjectAction::Keep,
            (_, true) => ObjectAction::Delete,
            (_, false) => ObjectAction::Rewrite(remaining),
        };
        Ok((action, progress))
    }

    /// A replay of content whose events get `name` as `source`.
    pub(super) fn content(&mut self, name: &str) -> ContentReplay<'_> {
        let route = Route {
            source: name.to_owned(),
            is_replay: true,
            ..Route::default()
        };
        let (encoder, sender) = (&mut self.encoder, &mut self.sender);
        let mut content = ContentReplay::new(encoder, sender, &self.runtime, route);
        content.dry_run = self.arguments.dry_run;
        content
    }

    /// Whether nothing more is sent.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped || self.sender.is_interrupted()
    }

    /// Stops the run after events were not delivered, unless only these events may be bad.
    pub(super) fn stop_unless_events_may_be_bad(&mut self) {
        self.stopped |= !self.sender.may_continue();
    }

    /// Prints why an object or message could not be replayed, and counts it as kept.
    pub(super) fn report_failure(&mut self, name: &str, error: &anyhow::Error) {
        eprintln!("sightline: {name}: {error:#}");
        self.counts.kept += 1;
        self.counts.failed += 1;
    }

    /// Prints the summary, and returns the exit code.
    pub(super) fn finish(self) -> ExitCode {
        let counters = self.sender.metrics.counters;
        let counts = &self.counts;
        let signal = self.sender.interrupt.received();
        match (signal, &self.sender.reason) {
            (Some(signal), _) => eprintln!("sightline: stopped by {signal}"),
            (None, Some(reason)) => eprintln!("sightline: {reason}"),
            (None, None) => {}
        }
        if self.arguments.dry_run {
            eprintln!(
                "{} objects or messages contain {} events, of which {} would be sent; unparsable values {}",
                counts.kept,
                counters.events_in,
                counters.events_in - counters.events_dropped,
                counters.records_failed
            );
        } else {
            let Counts { removed, kept, .. } = counts;
            eprintln!("objects and messages: {removed} removed, {kept} kept");
            sender::print_counters(&counters);
        }
        if self.stopped || signal.is_some() {
            eprintln!("stopped before the end; run the same command again to continue");
        }
        let complete = self.arguments.dry_run
            || counters.events_out + counters.events_dropped == counters.events_in
                && counters.records_failed == 0;
        match signal {
            Some(signal) => signal.exit_code(),
            None if complete && counts.failed + counts.not_received == 0 => ExitCode::SUCCESS,
            None => ExitCode::FAILURE,
        }
    }
}

/// `lines` as one gzip member.
pub(super) fn compressed(lines: &[u8]) -> Result<Vec<u8>> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(lines)?;
    Ok(gzip.finish()?)
}

/// A progress bar over `objects` objects, shown if standard error is a terminal.
pub(super) fn progress_bar(objects: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} objects  {elapsed}  {eta}");
    ProgressBar::new(objects as u64).with_style(style.expect("the template is fixed"))
}
