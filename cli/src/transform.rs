//! `sightline transform`: files in, HEC objects out.

use std::io::{BufWriter, Read, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use firehose_transform::{DeliveryStream, PutError, Transform};
use pipeline::{Counters, Output, ParseError, RecordPipeline, Route};

use crate::arguments::TransformArguments;
use crate::closed_pipe::is_closed_pipe;
use crate::{input, settings_source};

pub(crate) fn run(arguments: &TransformArguments) -> Result<ExitCode> {
    let (settings, key, rules) = settings_source::load(&arguments.settings)?;
    let out = BufWriter::with_capacity(256 * 1024, std::io::stdout().lock());
    if arguments.firehose {
        return respond(
            arguments,
            Transform::new(settings, key.as_ref(), rules),
            out,
        );
    }
    let lane = RecordPipeline::new(&settings, key.as_ref(), rules);
    let mut run = Run {
        lane,
        output: Output::default(),
        counters: Counters::default(),
        out,
    };
    let progress = input::progress(&arguments.files);
    let mut faults = 0;
    for file in &arguments.files {
        if let Err(error) = run.file(file, &progress) {
            if is_closed_pipe(&error) {
                return Err(error);
            }
            faults += 1;
            progress.suspend(|| eprintln!("sightline: {}: {error:#}", file.display()));
        }
    }
    progress.finish_and_clear();
    run.out.flush()?;
    report(&run.counters);
    Ok(if faults + run.counters.records_failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn report(counters: &Counters) {
    let Counters {
        events_in,
        events_out,
        events_dropped,
        records_failed,
        blinding_events,
        bytes_out,
        ..
    } = counters;
    eprintln!(
        "events in {events_in}, out {events_out} (blinding {blinding_events}), dropped {events_dropped}; \
         values that cannot be read {records_failed}; bytes out {bytes_out}"
    );
}

struct Run<W: Write> {
    lane: RecordPipeline,
    output: Output,
    counters: Counters,
    out: W,
}

impl<W: Write> Run<W> {
    fn file(&mut self, file: &Path, progress: &indicatif::ProgressBar) -> Result<()> {
        let route = input::route_of(file);
        let mut number = 0;
        input::values(input::open(file, progress)?, |value| {
            number += 1;
            if let Err(fault) = self.value(value, &route)? {
                progress.suspend(|| {
                    eprintln!(
                        "sightline: {}: value {number} cannot be read: {fault}",
                        file.display()
                    );
                });
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    /// Runs one value. Where it cannot be read it may be lines of which one is broken, so that
    /// each line is tried alone. The inner error is the last fault.
    fn value(&mut self, value: &[u8], route: &Route) -> Result<Result<(), String>> {
        let Err(fault) = self.text(value, route)? else {
            return Ok(Ok(()));
        };
        let lines: Vec<&[u8]> = value
            .split(|&b| b == b'\n')
            .filter(|l| !l.trim_ascii().is_empty())
            .collect();
        if lines.len() < 2 {
            self.counters.records_failed += 1;
            return Ok(Err(fault));
        }
        let (mut failed, mut last) = (0, fault);
        for line in lines {
            if let Err(fault) = self.text(line, route)? {
                (failed, last) = (failed + 1, fault);
            }
        }
        self.counters.records_failed += failed;
        Ok(if failed == 0 { Ok(()) } else { Err(last) })
    }

    fn text(&mut self, bytes: &[u8], route: &Route) -> Result<Result<(), String>> {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(fault) => return Ok(Err(format!("not UTF-8 at byte {}", fault.valid_up_to()))),
        };
        self.output.clear();
        let passed = match self.lane.run(text, route, &mut self.output) {
            Ok(passed) => passed,
            Err(ParseError::Empty) => return Ok(Ok(())),
            Err(fault) => return Ok(Err(fault.to_string())),
        };
        self.counters.events_in += passed.events_in as u64;
        self.counters.events_out += passed.events_out as u64;
        self.counters.events_dropped += passed.events_dropped as u64;
        self.counters.blinding_events += self.output.blinding_events();
        self.counters.bytes_out += self.output.bytes.len() as u64;
        self.out
            .write_all(&self.output.bytes)
            .context("standard output")?;
        Ok(Ok(()))
    }
}

/// A stream that takes everything and keeps nothing: what the function would put back shows in
/// the counters.
struct Nowhere;

impl DeliveryStream for Nowhere {
    async fn put_record_batch(
        &self,
        _name: &str,
        _records: &[Vec<u8>],
    ) -> Result<Vec<usize>, PutError> {
        Ok(Vec::new())
    }
}

/// Prints the response to the Firehose transformation event in each file.
fn respond(
    arguments: &TransformArguments,
    mut transform: Transform,
    mut out: impl Write,
) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let mut counters = Counters::default();
    for file in &arguments.files {
        let mut event = String::new();
        input::open(file, &indicatif::ProgressBar::hidden())?
            .read_to_string(&mut event)
            .with_context(|| format!("cannot read {}", file.display()))?;
        let deadline = Instant::now() + Duration::from_secs(300);
        let finished = runtime.block_on(transform.invoke(&event, &Nowhere, deadline));
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
         would be put back {events_reingested}; records that cannot be read {records_failed}"
    );
    Ok(ExitCode::SUCCESS)
}
