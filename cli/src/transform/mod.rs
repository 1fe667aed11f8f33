//! `sightline transform`: converts files to HEC objects on standard output.

mod firehose;

use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use pipeline::{Counters, Output, ParseError, RecordPipeline, Route};
use runtime::transform::Transformer;

use crate::arguments::TransformArguments;
use crate::closed_pipe::is_closed_pipe;
use crate::{input, settings_source};

pub(crate) fn run(arguments: &TransformArguments) -> Result<ExitCode> {
    let (settings, key, rules) = settings_source::load(&arguments.settings)?;
    let out = BufWriter::with_capacity(256 * 1024, std::io::stdout().lock());
    if arguments.firehose {
        let transformer = Transformer::new(settings, key.as_ref(), rules);
        return firehose::respond(&arguments.files, transformer, out);
    }
    let mut run = TransformRun {
        pipeline: RecordPipeline::new(&settings, key.as_ref(), rules),
        output: Output::default(),
        counters: Counters::default(),
        out,
    };
    let progress = input::progress(&arguments.files);
    let mut failed_files = 0;
    for file in &arguments.files {
        if let Err(error) = run.file(file, &progress) {
            if is_closed_pipe(&error) {
                return Err(error);
            }
            failed_files += 1;
            progress.suspend(|| eprintln!("sightline: {}: {error:#}", file.display()));
        }
    }
    progress.finish_and_clear();
    run.out.flush()?;
    print_counters(&run.counters);
    Ok(if failed_files + run.counters.records_failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn print_counters(counters: &Counters) {
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
         unparsable values {records_failed}; bytes out {bytes_out}"
    );
}

/// One run over all files.
struct TransformRun<W: Write> {
    pipeline: RecordPipeline,
    output: Output,
    counters: Counters,
    out: W,
}

impl<W: Write> TransformRun<W> {
    fn file(&mut self, file: &Path, progress: &indicatif::ProgressBar) -> Result<()> {
        let route = input::route_of(file);
        let mut number = 0;
        input::values(input::open(file, progress)?, |value| {
            number += 1;
            if let Err(reason) = self.value(value, &route)? {
                progress.suspend(|| {
                    eprintln!(
                        "sightline: {}: value {number} cannot be parsed: {reason}",
                        file.display()
                    );
                });
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    /// Transforms one value. If it cannot be parsed, every line of it is tried alone, because it may
    /// be several lines of which one is damaged. The inner error is the reason of the last failure.
    fn value(&mut self, value: &[u8], route: &Route) -> Result<Result<(), String>> {
        let Err(reason) = self.text(value, route)? else {
            return Ok(Ok(()));
        };
        let lines: Vec<&[u8]> = value
            .split(|&b| b == b'\n')
            .filter(|l| !l.trim_ascii().is_empty())
            .collect();
        if lines.len() < 2 {
            self.counters.records_failed += 1;
            return Ok(Err(reason));
        }
        let (mut failed, mut last) = (0, reason);
        for line in lines {
            if let Err(reason) = self.text(line, route)? {
                (failed, last) = (failed + 1, reason);
            }
        }
        self.counters.records_failed += failed;
        Ok(if failed == 0 { Ok(()) } else { Err(last) })
    }

    fn text(&mut self, bytes: &[u8], route: &Route) -> Result<Result<(), String>> {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => return Ok(Err(format!("not UTF-8 at byte {}", error.valid_up_to()))),
        };
        self.output.clear();
        let stats = match self.pipeline.run(text, route, &mut self.output) {
            Ok(stats) => stats,
            Err(ParseError::Empty) => return Ok(Ok(())),
            Err(error) => return Ok(Err(error.to_string())),
        };
        self.counters.events_in += stats.events_in as u64;
        self.counters.events_out += stats.events_out as u64;
        self.counters.events_dropped += stats.events_dropped as u64;
        self.counters.blinding_events += self.output.blinding_events();
        self.counters.bytes_out += self.output.bytes.len() as u64;
        self.out
            .write_all(&self.output.bytes)
            .context("cannot write to standard output")?;
        Ok(Ok(()))
    }
}
