//! What a run prints at its end.

use std::path::PathBuf;
use std::process::ExitCode;

use pipeline::Counters;

use super::Run;

impl Run {
    /// Prints why the run ended, what was delivered and how to continue with the rest of `files`.
    /// Returns the exit code.
    pub(super) fn end(self, files: &[PathBuf]) -> ExitCode {
        let rest = if self.stopped {
            self.position.arguments(files)
        } else {
            None
        };
        // A signal after everything was sent changes nothing.
        let signal = self.sender.interrupt.received().filter(|_| rest.is_some());
        match (signal, &self.sender.reason) {
            (Some(signal), _) => eprintln!("sightline: stopped by {signal}"),
            (None, Some(reason)) => eprintln!("sightline: {reason}"),
            (None, None) => {}
        }
        let counters = self.sender.metrics.counters;
        report(&counters);
        if let Some(place) = self.sender.dead_letter_place()
            && counters.events_quarantined > 0
        {
            eprintln!("the dead letters are in {place}: sightline replay {place}");
        }
        if let Some(rest) = rest {
            eprintln!("continue with the same options and: {rest}");
            if self.repeated > 0 {
                eprintln!(
                    "this repeats {} delivered events that follow the first event that is not",
                    self.repeated
                );
            }
        }
        let is_done = counters.events_out + counters.events_dropped == counters.events_in;
        match signal {
            Some(signal) => signal.exit_code(),
            None if is_done
                && !self.stopped
                && counters.records_failed == 0
                && self.faults == 0 =>
            {
                ExitCode::SUCCESS
            }
            None => ExitCode::FAILURE,
        }
    }
}

/// Prints counters that add up.
pub(crate) fn report(counters: &Counters) {
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
}
