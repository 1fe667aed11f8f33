//! `sightline replay`: delivers stored events, and removes what it delivered.

#[cfg(feature = "aws")]
mod bucket;
mod content;
mod line;
mod local;
mod progress;
#[cfg(feature = "aws")]
mod queue;
mod session;

use std::process::ExitCode;

use anyhow::Result;

use crate::arguments::ReplayArguments;
use crate::interrupt::Interrupt;
use crate::sender;
use session::{Counts, ReplaySession};

pub(crate) fn run(arguments: &ReplayArguments) -> Result<ExitCode> {
    let interrupt = Interrupt::listen()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let folder = arguments
        .sources
        .iter()
        .find_map(|source| local::folder_of(source));
    let prepared = sender::prepare(
        &arguments.settings,
        &arguments.delivery,
        folder.as_deref(),
        interrupt,
    );
    let (settings, encoder, sender) = runtime.block_on(prepared)?;
    #[cfg(not(feature = "aws"))]
    let _unused = settings;
    let mut session = ReplaySession {
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
        if session.is_stopped() {
            break;
        }
        if let Err(error) = replay_source(&mut session, source) {
            eprintln!("sightline: {source}: {error:#}");
            session.counts.failed += 1;
        }
    }
    Ok(session.finish())
}

fn replay_source(session: &mut ReplaySession<'_>, source: &str) -> Result<()> {
    let remote = source.starts_with("s3://") || source.starts_with("http");
    if !remote {
        return session.folder(source);
    }
    #[cfg(feature = "aws")]
    return match source.strip_prefix("s3://") {
        Some(location) => session.bucket(location),
        None => session.queue(source),
    };
    #[cfg(not(feature = "aws"))]
    anyhow::bail!("this build cannot access AWS; build with --features aws")
}
