//! `sightline send`: delivers files to the collector.

mod position;
mod session;
mod summary;

use std::process::ExitCode;

use anyhow::Result;
use hec::EventBatch;

use crate::arguments::SendArguments;
use crate::input;
use crate::interrupt::Interrupt;
use crate::sender;
use position::Position;
use session::SendSession;

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
    let mut session = SendSession {
        runtime,
        encoder,
        sender,
        batch: EventBatch::default(),
        position: Position::new(arguments.skip_records),
        stopped: false,
        repeated: 0,
        failed_files: 0,
    };
    let progress = input::progress(&arguments.files);
    let mut files = arguments.files.as_slice();
    while let [file, others @ ..] = files {
        if let Err(error) = session.file(file, &progress) {
            session.failed_files += 1;
            progress.suspend(|| eprintln!("sightline: {}: {error:#}", file.display()));
        }
        if session.stopped {
            break;
        }
        session.position = Position::default();
        files = others;
    }
    progress.finish_and_clear();
    Ok(summary::finish(&session, files))
}
