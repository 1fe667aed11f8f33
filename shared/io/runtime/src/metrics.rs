//! The metrics of an invocation, embedded in log lines (CloudWatch user guide, "Specification:
//! Embedded metric format").
//!
//! On Lambda a line of this form on standard output becomes metrics without a call or a permission.
//! Its limits are 100 metrics per directive, 100 values per metric, and the size of a log event,
//! 256 KB. The lines written here have at most ten metrics or 100 values, and stay under 4 KB.

mod quantiles;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use pipeline::Counters;
use serde_json::{Map, Value, json};
use tracing::warn;

/// The CloudWatch namespace of every metric.
pub const NAMESPACE: &str = "Sightline";

/// "Numeric array metric targets MUST NOT have more than 100 members."
const MAX_VALUES: usize = 100;

/// One metric in CloudWatch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// Its unit, in the spelling of CloudWatch.
    pub unit: &'static str,
    /// The dimensions it is published under, all together.
    pub dimensions: &'static [&'static str],
}

const fn counter(name: &'static str) -> Metric {
    Metric {
        name,
        unit: "Count",
        dimensions: &["Function"],
    }
}

const FRESHNESS: Metric = Metric {
    name: "FreshnessMs",
    unit: "Milliseconds",
    dimensions: &["Function", "DeliveryPath"],
};

/// All metrics, to which dashboards and alarms may refer.
pub const METRICS: &[Metric] = &[
    counter("EventsIn"),
    counter("EventsOut"),
    counter("EventsDropped"),
    counter("EventsQuarantined"),
    counter("EventsReingested"),
    counter("RecordsFailed"),
    counter("BlindingEvents"),
    counter("HecRequests"),
    counter("HecRetries"),
    counter("ConfigurationFaults"),
    FRESHNESS,
];

/// The value of each counting metric.
fn values(counters: &Counters) -> [(&'static str, u64); 10] {
    [
        ("EventsIn", counters.events_in),
        ("EventsOut", counters.events_out),
        ("EventsDropped", counters.events_dropped),
        ("EventsQuarantined", counters.events_quarantined),
        ("EventsReingested", counters.events_reingested),
        ("RecordsFailed", counters.records_failed),
        ("BlindingEvents", counters.blinding_events),
        ("HecRequests", counters.hec_requests),
        ("HecRetries", counters.hec_retries),
        ("ConfigurationFaults", counters.configuration_faults),
    ]
}

/// The age of events when they were forwarded, in milliseconds, by delivery path (`cloudwatch`,
/// `eventbridge`, …). Negative if the clock of the event's source is ahead.
pub type Freshness = BTreeMap<&'static str, Vec<i64>>;

/// Counters that are omitted if they are 0.
///
/// Alarms on silence conclude from the first data point that events have arrived once, and from
/// missing data that they no longer arrive. A zero would hide the silence: invocations for a control
/// message or a self-check have no events.
const ABSENT_AT_ZERO: &[&str] = &["EventsIn", "EventsOut"];

/// Lines in the embedded metric format, without line ends: one with the counters (`EventsIn` and
/// `EventsOut` only above 0, the others always), then one for each delivery path with samples, sorted
/// by path.
///
/// `function` is the dimension `Function`, `unknown` if blank; `now_ms` is in milliseconds since 1970.
/// More than 100 samples of a path are replaced by 100 evenly spaced quantiles, smallest and largest
/// included; CloudWatch then counts 100 samples.
#[must_use]
pub fn embedded_metrics(
    function: &str,
    now_ms: u64,
    counters: &Counters,
    freshness: &Freshness,
) -> Vec<String> {
    // CloudWatch rejects a metric with a blank dimension.
    let function = match function.trim() {
        "" => "unknown",
        function => function,
    };
    let values: BTreeMap<&str, u64> = values(counters)
        .into_iter()
        .filter(|(name, value)| *value > 0 || !ABSENT_AT_ZERO.contains(name))
        .collect();
    let counted: Vec<&Metric> = METRICS
        .iter()
        .filter(|metric| values.contains_key(metric.name))
        .collect();
    let mut line = directive(now_ms, &counted);
    line.insert("Function".to_owned(), json!(function));
    for (name, value) in values {
        line.insert(name.to_owned(), json!(value));
    }
    let mut lines = vec![Value::Object(line).to_string()];

    for (path, samples) in freshness.iter().filter(|(_, samples)| !samples.is_empty()) {
        let mut line = directive(now_ms, &[&FRESHNESS]);
        line.insert("Function".to_owned(), json!(function));
        line.insert("DeliveryPath".to_owned(), json!(path));
        let values = quantiles::evenly_spaced(samples, MAX_VALUES);
        line.insert(FRESHNESS.name.to_owned(), json!(values));
        lines.push(Value::Object(line).to_string());
    }
    lines
}

/// The `_aws` member, which names the members of a line that are metrics. All of `metrics` have the
/// dimensions of the first.
fn directive(now_ms: u64, metrics: &[&Metric]) -> Map<String, Value> {
    let dimensions = metrics.first().map_or(&[][..], |m| m.dimensions);
    let definitions: Vec<Value> = metrics
        .iter()
        .map(|metric| json!({"Name": metric.name, "Unit": metric.unit}))
        .collect();
    let aws = json!({
        "Timestamp": now_ms,
        "CloudWatchMetrics": [{
            "Namespace": NAMESPACE,
            "Dimensions": [dimensions],
            "Metrics": definitions,
        }],
    });
    Map::from_iter([("_aws".to_owned(), aws)])
}

/// Writes [`embedded_metrics`] to standard output, one per line.
///
/// # Errors
/// Standard output cannot be written.
pub fn emit(
    function: &str,
    now_ms: u64,
    counters: &Counters,
    freshness: &Freshness,
) -> io::Result<()> {
    let lines = embedded_metrics(function, now_ms, counters, freshness);
    write_lines(&mut io::stdout().lock(), &lines)
}

/// Writes all lines at once, so that no log line of another thread separates them.
fn write_lines(out: &mut impl Write, lines: &[String]) -> io::Result<()> {
    let mut text = lines.join("\n");
    text.push('\n');
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Milliseconds since 1970.
pub fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Writes the metrics of one invocation of `function` that ends now: its counters, and the ages of
/// events by their delivery paths and `times` (in seconds since 1970). A failure is logged.
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
mod tests;
