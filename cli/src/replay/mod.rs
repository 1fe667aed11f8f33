//! `sightline replay`: what was kept after a failure, delivered and removed.

#[cfg(feature = "aws")]
mod aws;
mod content;
mod local;

use std::io::Read;
use std::process::ExitCode;

use anyhow::{Context, Result};
use forwarding::Encoder;
use indicatif::{ProgressBar, ProgressStyle};
use pipeline::Route;

use crate::arguments::ReplayArguments;
use crate::courier::{self, Courier};
use crate::send;
use content::Content;

/// Objects and messages in a row that may be left for what they hold.
const MOST_UNEXPLAINED: u32 = 3;

/// One replay.
struct Replay<'a> {
    arguments: &'a ReplayArguments,
    encoder: Encoder,
    courier: Courier,
    /// The runtime that sends.
    runtime: tokio::runtime::Runtime,
    #[cfg(feature = "aws")]
    settings: settings::Settings,
    counts: Counts,
    unexplained: Unexplained,
    /// The collector does not take any more: the rest stays where it is.
    is_stopped: bool,
}

/// What is to become of an object that was replayed.
enum Fate {
    /// All of it is delivered or kept elsewhere.
    Gone,
    /// These lines of it cannot be read; all others are delivered or kept elsewhere.
    Rest(Vec<u8>),
    /// It stays as it is.
    Stays,
}

/// Objects and messages in a row that were left since nothing tells whether they are bad.
#[derive(Default)]
struct Unexplained {
    in_a_row: u32,
    /// What had been taken when the last of them was left.
    taken: u64,
}

impl Unexplained {
    /// Counts one more, when so much has been taken, and returns whether it is one too many: no
    /// longer about that one, but about all.
    fn is_too_many(&mut self, taken: u64) -> bool {
        if taken > self.taken {
            self.in_a_row = 0;
        }
        self.taken = taken;
        self.in_a_row += 1;
        self.in_a_row >= MOST_UNEXPLAINED
    }
}

/// What became of objects and messages.
#[derive(Default)]
struct Counts {
    removed: u64,
    kept: u64,
    /// Of those, such as could not be read at all.
    faults: u64,
}

pub(crate) fn run(arguments: &ReplayArguments) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let place = arguments
        .sources
        .iter()
        .find_map(|source| local::folder_of(source));
    let prepared = courier::prepare(&arguments.settings, &arguments.delivery, place.as_deref());
    let (settings, encoder, courier) = runtime.block_on(prepared)?;
    #[cfg(not(feature = "aws"))]
    let _unused = settings;
    let mut replay = Replay {
        arguments,
        encoder,
        courier,
        runtime,
        #[cfg(feature = "aws")]
        settings,
        counts: Counts::default(),
        unexplained: Unexplained::default(),
        is_stopped: false,
    };
    for source in &arguments.sources {
        replay.source(source).with_context(|| source.clone())?;
        if replay.is_stopped {
            break;
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

    /// Delivers what `read` holds, which is called `name`.
    fn object(&mut self, name: &str, read: impl Read) -> Result<Fate> {
        let mut content = self.content(name);
        content.replay(read)?;
        let (rest, known) = (std::mem::take(&mut content.rest), content.known);
        if content.is_stopped {
            self.leave();
        }
        let is_only_looked_at = self.arguments.dry_run || self.arguments.keep;
        Ok(match (known, rest.is_empty()) {
            _ if is_only_looked_at => Fate::Stays,
            // Whatever it is, it is not ours to change.
            (0, false) => Fate::Stays,
            (_, true) => Fate::Gone,
            (_, false) => Fate::Rest(rest),
        })
    }

    fn content(&mut self, name: &str) -> Content<'_> {
        let route = Route {
            source: name.to_owned(),
            is_replay: true,
            ..Route::default()
        };
        let is_dry = self.arguments.dry_run;
        Content::new(
            &mut self.encoder,
            &mut self.courier,
            &self.runtime,
            route,
            is_dry,
        )
    }

    /// Takes that the collector did not take all of an object or a message, and ends the replay
    /// unless that may be about what this one holds.
    fn leave(&mut self) {
        let tally = &self.courier.tally;
        let taken = tally.counters.events_out + tally.counters.events_quarantined;
        let may_be_bad = tally.is_unexplained;
        self.is_stopped |= !may_be_bad || self.unexplained.is_too_many(taken);
    }

    /// Notes that an object or a message could not be replayed, and goes on.
    fn note(&mut self, what: &str, error: &anyhow::Error) {
        eprintln!("sightline: {what}: {error:#}");
        self.counts.kept += 1;
        self.counts.faults += 1;
    }

    fn end(self) -> ExitCode {
        let counters = self.courier.tally.counters;
        let Counts {
            removed,
            kept,
            faults,
        } = self.counts;
        if self.arguments.dry_run {
            eprintln!(
                "{} objects or messages hold {} events, of which {} would be sent; values that cannot be read {}",
                kept,
                counters.events_in,
                counters.events_in - counters.events_dropped,
                counters.records_failed
            );
            return ExitCode::SUCCESS;
        }
        eprintln!("objects and messages: {removed} removed, {kept} left where they are");
        if self.is_stopped {
            eprintln!("stopped, since the collector does not take any more: run it again later");
        }
        send::report(&counters, self.courier.reason.as_deref());
        let is_done = counters.events_out + counters.events_dropped == counters.events_in;
        if is_done && counters.records_failed + faults == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

/// A bar over so many objects where someone is looking.
fn progress(objects: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} objects  {elapsed}  {eta}");
    ProgressBar::new(objects as u64).with_style(style.expect("the template is fixed"))
}
