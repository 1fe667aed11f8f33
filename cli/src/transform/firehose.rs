//! `sightline transform --firehose`: answers Firehose transformation events.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use pipeline::Counters;
use runtime::transform::{DeliveryStream, PutError, Transformer};

use crate::input;

/// A stream that accepts and discards every record. The counters show what would be re-ingested.
struct DiscardingStream;

impl DeliveryStream for DiscardingStream {
    async fn put_record_batch(
        &self,
        _name: &str,
        _records: &[Vec<u8>],
    ) -> Result<Vec<usize>, PutError> {
        Ok(Vec::new())
    }
}

/// Prints the response to the Firehose transformation event in each of `files`.
///
/// # Errors
/// A file cannot be read, or is not a transformation event.
pub(super) fn respond(
    files: &[PathBuf],
    mut transformer: Transformer,
    mut out: impl Write,
) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let mut counters = Counters::default();
    for file in files {
        let mut event = String::new();
        input::open(file, &indicatif::ProgressBar::hidden())
            .with_context(|| file.display().to_string())?
            .read_to_string(&mut event)
            .with_context(|| format!("cannot read {}", file.display()))?;
        let deadline = Instant::now() + Duration::from_secs(300);
        let finished = runtime.block_on(transformer.invoke(&event, &DiscardingStream, deadline));
        let finished = finished.with_context(|| file.display().to_string())?;
        for failure in &finished.failures {
            eprintln!(
                "sightline: {}: record {} is ProcessingFailed: {}",
                file.display(),
                failure.record,
                failure.reason
            );
        }
        out.write_all(&finished.response)?;
        out.write_all(b"\n")?;
        counters += finished.counters;
    }
    out.flush()?;
    let Counters {
        events_in,
        events_out,
        events_dropped,
        events_quarantined,
        events_reingested,
        records_failed,
        ..
    } = counters;
    eprintln!(
        "events in {events_in}, out {events_out}, dropped {events_dropped}, quarantined {events_quarantined}, \
         would be re-ingested {events_reingested}; unparsable records {records_failed}"
    );
    Ok(ExitCode::SUCCESS)
}
