//! `sightline replay`: what was kept after a failure, delivered and removed.

#[cfg(feature = "aws")]
mod aws;
mod content;
mod local;

use std::io::Read;
use std::process::ExitCode;

use anyhow::{Context, Result};
use forwarding::Encoder;
use hec::Objects;
use indicatif::{ProgressBar, ProgressStyle};
use pipeline::{Opener, Route};

use crate::arguments::ReplayArguments;
use crate::courier::{self, Courier};
use crate::send;
use content::Content;

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

/// What became of objects and messages.
#[derive(Default)]
struct Counts {
    removed: u64,
    kept: u64,
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
    };
    for source in &arguments.sources {
        replay.source(source).with_context(|| source.clone())?;
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
        let is_dry = self.arguments.dry_run;
        let Self {
            encoder,
            courier,
            runtime,
            ..
        } = self;
        let mut content = Content {
            encoder,
            courier,
            route: Route {
                source: name.to_owned(),
                is_replay: true,
                ..Route::default()
            },
            opener: Opener::default(),
            objects: Objects::default(),
            unreadable: Vec::new(),
        };
        let mut is_safe = true;
        let mut send = |content: &mut Content<'_>| {
            let objects = std::mem::take(&mut content.objects);
            if !is_dry {
                is_safe &= runtime.block_on(content.courier.send(&objects, name));
            }
            Ok(())
        };
        content.read(read, &mut send)?;
        send(&mut content)?;
        let unreadable = content.unreadable;
        Ok(if !is_safe || is_dry || self.arguments.keep {
            Fate::Stays
        } else if unreadable.is_empty() {
            Fate::Gone
        } else {
            Fate::Rest(unreadable)
        })
    }

    fn end(self) -> ExitCode {
        let counters = self.courier.tally.counters;
        let Counts { removed, kept } = self.counts;
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
        send::report(&counters, self.courier.reason.as_deref());
        let is_done = counters.events_out + counters.events_dropped == counters.events_in;
        if is_done && counters.records_failed == 0 {
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
