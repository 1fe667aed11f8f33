//! The counters at the end of a run.

use pipeline::Counters;

/// Prints the counters of a run. The first one is the sum of the others before the semicolon.
pub(crate) fn print_counters(counters: &Counters) {
    eprintln!(
        "events {} = delivered {} + dropped by filters {} + dead letters {} + not delivered {}; unparsable values {}",
        counters.events_in,
        counters.events_out,
        counters.events_dropped,
        counters.events_quarantined,
        counters.events_reingested,
        counters.records_failed,
    );
}
