//! The counters at the end of a run.

use pipeline::Counters;

/// Prints the counters of a run. The first one is the sum of the others before the semicolon.
pub(crate) fn print_counters(counters: &Counters) {
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
        "events {events_in} = delivered {events_out} + dropped by filters {events_dropped} + dead letters \
         {events_quarantined} + not delivered {events_reingested}; unparsable values {records_failed}"
    );
}
