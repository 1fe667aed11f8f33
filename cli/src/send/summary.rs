//! The summary of a run.

use std::path::PathBuf;
use std::process::ExitCode;

use super::session::SendSession;
use crate::sender::print_counters;

/// Prints why the run ended, what was delivered, and the arguments that continue it with the rest
/// of `files`. Returns the exit code.
pub(super) fn finish(session: &SendSession, files: &[PathBuf]) -> ExitCode {
    let sender = &session.sender;
    let continuation = if session.stopped {
        session.position.arguments(files)
    } else {
        None
    };
    // A signal after everything was sent has no effect.
    let signal = sender.interrupt.received();
    let signal = signal.filter(|_| continuation.is_some());
    match (signal, &sender.reason) {
        (Some(signal), _) => eprintln!("sightline: stopped by {signal}"),
        (None, Some(reason)) => eprintln!("sightline: {reason}"),
        (None, None) => {}
    }
    let counters = sender.metrics.counters;
    print_counters(&counters);
    if let Some(location) = sender.dead_letter_location()
        && counters.events_quarantined > 0
    {
        eprintln!(
            "dead letters are stored in {location}; to send them: sightline replay {location}"
        );
    }
    if let Some(arguments) = continuation {
        eprintln!("continue with the same options and: {arguments}");
        let repeated = session.repeated;
        if repeated > 0 {
            eprintln!(
                "this repeats {repeated} delivered events that follow the first undelivered event"
            );
        }
    }
    let complete = counters.events_out + counters.events_dropped == counters.events_in
        && counters.records_failed == 0
        && session.failed_files == 0
        && !session.stopped;
    match signal {
        Some(signal) => signal.exit_code(),
        None if complete => ExitCode::SUCCESS,
        None => ExitCode::FAILURE,
    }
}
