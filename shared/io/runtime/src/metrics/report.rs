//! The metrics of one invocation.

use std::time::{SystemTime, UNIX_EPOCH};

use pipeline::Counters;
use tracing::warn;

use super::embedded::{Freshness, emit};

/// Milliseconds since 1970.
pub fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Writes the metrics of one invocation of `function` that ends now: its counters, and the ages
/// of events by their delivery paths and `times` (in seconds since 1970). A line in the log says
/// where that fails.
pub fn report(
    function: &str,
    counters: &Counters,
    times: impl IntoIterator<Item = (&'static str, i64)>,
) {
    let now = now_ms();
    if let Err(error) = emit(function, now, counters, &ages(now, times)) {
        warn!(%error, "metrics could not be written");
    }
}

fn ages(now_ms: u64, times: impl IntoIterator<Item = (&'static str, i64)>) -> Freshness {
    let now = i64::try_from(now_ms).unwrap_or(i64::MAX);
    let mut ages = Freshness::new();
    for (path, time) in times {
        let age = now.saturating_sub(time.saturating_mul(1000));
        ages.entry(path).or_default().push(age);
    }
    ages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_by_path_and_in_milliseconds() {
        let ages = ages(10_500, [("s3", 10), ("cloudwatch", 11), ("s3", i64::MIN)]);
        assert_eq!(ages["s3"], [500, i64::MAX]);
        assert_eq!(ages["cloudwatch"], [-500]);
    }
}
