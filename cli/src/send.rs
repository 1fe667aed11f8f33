//! `sightline send`: files to the collector.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use cloudtrail::DeliveryPath;
use forwarding::Encoder;
use hec::Objects;
use pipeline::{Counters, Route};

use crate::arguments::SendArguments;
use crate::courier::{self, Courier};
use crate::input;

pub(crate) fn run(arguments: &SendArguments) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (_, encoder, courier) = runtime.block_on(courier::prepare(
        &arguments.settings,
        &arguments.delivery,
        None,
    ))?;
    let mut run = Run {
        runtime,
        encoder,
        courier,
        objects: Objects::default(),
        is_safe: true,
    };
    let progress = input::progress(&arguments.files);
    let mut faults = 0;
    for file in &arguments.files {
        if let Err(error) = run.file(file, &progress) {
            faults += 1;
            progress.suspend(|| eprintln!("sightline: {}: {error:#}", file.display()));
        }
    }
    progress.finish_and_clear();
    Ok(run.end(faults))
}

struct Run {
    runtime: tokio::runtime::Runtime,
    encoder: Encoder,
    courier: Courier,
    objects: Objects,
    is_safe: bool,
}

impl Run {
    fn file(&mut self, file: &Path, progress: &indicatif::ProgressBar) -> Result<()> {
        let name = if input::is_stdin(file) {
            "file:-".into()
        } else {
            format!("file:{}", file.display())
        };
        let route = Route {
            source: name.clone(),
            path: Some(DeliveryPath::S3),
            ..Route::default()
        };
        let read = input::values(input::open(file, progress)?, |value| {
            add(
                &mut self.encoder,
                value,
                &route,
                &mut self.objects,
                &mut self.courier,
            );
            if self.courier.is_full(&self.objects) {
                self.is_safe &= self
                    .runtime
                    .block_on(self.courier.send(&self.objects, &name));
                self.objects.clear();
            }
            Ok(())
        });
        self.is_safe &= self
            .runtime
            .block_on(self.courier.send(&self.objects, &name));
        self.objects.clear();
        read
    }

    fn end(self, faults: usize) -> ExitCode {
        let counters = self.courier.tally.counters;
        report(&counters, self.courier.reason.as_deref());
        let is_done = counters.events_out + counters.events_dropped == counters.events_in;
        if faults == 0 && counters.records_failed == 0 && is_done && self.is_safe {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

/// Adds what leaves of `value` to `objects`; what cannot be read is handed on as what stands for
/// it, and counted.
pub(crate) fn add(
    encoder: &mut Encoder,
    value: &[u8],
    route: &Route,
    objects: &mut Objects,
    courier: &mut Courier,
) {
    let tally = &mut courier.tally;
    let added = match std::str::from_utf8(value) {
        Ok(text) => encoder
            .add(text, route, objects, tally)
            .map_err(|fault| fault.to_string()),
        Err(error) => Err(format!("not UTF-8 at byte {}", error.valid_up_to())),
    };
    if let Err(reason) = added
        && !value.trim_ascii().is_empty()
    {
        eprintln!(
            "sightline: {}: a value cannot be read: {reason}",
            route.source
        );
        tally.counters.records_failed += 1;
    }
}

/// Prints a summary that adds up.
pub(crate) fn report(counters: &Counters, reason: Option<&str>) {
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
        "events {events_in} = delivered {events_out} + dropped by selection {events_dropped} + kept as dead letters \
         {events_quarantined} + not delivered {events_reingested}; values that cannot be read {records_failed}"
    );
    if let Some(reason) = reason {
        eprintln!("sightline: {reason}");
    }
}
