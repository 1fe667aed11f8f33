//! CloudWatch metrics embedded in log lines (CloudWatch user guide,
//! "Specification: Embedded metric format").
//!
//! On Lambda a line of this form on standard output becomes metrics with no
//! call, no permission and no wait. The limits there: 100 metrics a directive,
//! 100 values a metric, and the size of a log event, 256 KB at its strictest.
//! A line of ours has at most ten metrics or 100 values, so is under 4 KB.

use std::collections::BTreeMap;
use std::io::{self, Write};

use pipeline::Counters;
use serde_json::{Map, Value, json};

use super::quantiles;

/// The CloudWatch namespace of every metric.
pub const NAMESPACE: &str = "Sightline";

/// "Numeric array metric targets MUST NOT have more than 100 members."
const MAX_VALUES: usize = 100;

/// One metric as CloudWatch knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// Its unit, as CloudWatch spells it.
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

/// Every metric there is: what dashboards and alarms may refer to.
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

/// Age of events when they were forwarded, in milliseconds, by delivery path
/// (`cloudwatch`, `eventbridge`, …). Negative where a clock was ahead of ours.
pub type Freshness = BTreeMap<&'static str, Vec<i64>>;

/// Counters that have no data point where they are 0.
///
/// Alarms on silence conclude from the first data point that events have arrived once, and from missing data
/// that they no longer arrive. A subscription's control message, a self-check or a collector that is away is
/// neither.
const ABSENT_AT_ZERO: &[&str] = &["EventsIn", "EventsOut"];

/// Lines in the embedded metric format, without line ends: one of the counters
/// (`EventsIn` and `EventsOut` only above 0, the others always), then one for
/// each delivery path with samples, sorted by path.
///
/// `function` is the dimension `Function`, `unknown` when blank; `now_ms` is
/// in milliseconds since 1970. Of more than 100 samples of a path, evenly
/// spaced quantiles stand for all, smallest and largest included; CloudWatch
/// then counts 100 samples.
#[must_use]
pub fn embedded_metrics(
    function: &str,
    now_ms: u64,
    counters: &Counters,
    freshness: &Freshness,
) -> Vec<String> {
    // CloudWatch refuses a metric whose dimension is blank.
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

/// The `_aws` member, which names the members of a line that are metrics. All of `metrics` have the dimensions of the first.
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

/// Writes [`embedded_metrics`] to standard output, one a line.
///
/// # Errors
/// Standard output could not be written to.
pub fn emit(
    function: &str,
    now_ms: u64,
    counters: &Counters,
    freshness: &Freshness,
) -> io::Result<()> {
    let lines = embedded_metrics(function, now_ms, counters, freshness);
    write_lines(&mut io::stdout().lock(), &lines)
}

/// One write for all, so that no log line of another thread lands in between.
fn write_lines(out: &mut impl Write, lines: &[String]) -> io::Result<()> {
    let mut text = lines.join("\n");
    text.push('\n');
    out.write_all(text.as_bytes())?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{Counters, Freshness, METRICS, embedded_metrics, write_lines};

    const COUNTERS: Counters = Counters {
        bytes_out: 0,
        events_in: 10,
        events_out: 4,
        events_dropped: 3,
        events_quarantined: 2,
        events_reingested: 1,
        records_failed: 7,
        blinding_events: 8,
        hec_requests: 9,
        hec_retries: 10,
        configuration_faults: 11,
    };

    fn lines(function: &str, freshness: &Freshness) -> Vec<Value> {
        embedded_metrics(function, 1_700_000_000_123, &COUNTERS, freshness)
            .iter()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The rules of the specification a line can break.
    fn assert_conforms(line: &Value) {
        assert_eq!(line["_aws"]["Timestamp"], 1_700_000_000_123_u64);
        let directives = line["_aws"]["CloudWatchMetrics"].as_array().unwrap();
        for directive in directives {
            let namespace = directive["Namespace"].as_str().unwrap();
            assert!((1..=255).contains(&namespace.len()));
            for set in directive["Dimensions"].as_array().unwrap() {
                let set = set.as_array().unwrap();
                assert!(set.len() <= 9);
                for key in set {
                    let value = line[key.as_str().unwrap()].as_str().unwrap();
                    assert!(!value.trim().is_empty());
                }
            }
            let metrics = directive["Metrics"].as_array().unwrap();
            assert!((1..=100).contains(&metrics.len()));
            for metric in metrics {
                let unit = metric["Unit"].as_str().unwrap();
                assert!(["Count", "Milliseconds"].contains(&unit));
                match &line[metric["Name"].as_str().unwrap()] {
                    Value::Number(_) => {}
                    Value::Array(values) => {
                        assert!((1..=100).contains(&values.len()));
                        assert!(values.iter().all(Value::is_number));
                    }
                    other => panic!("neither number nor array: {other}"),
                }
            }
        }
        assert!(line.to_string().len() < 4_096);
    }

    #[test]
    fn counters_are_one_line_with_zeros() {
        let lines = lines("firehose-transform", &Freshness::new());
        assert_eq!(lines.len(), 1);
        assert_conforms(&lines[0]);
        assert_eq!(lines[0]["Function"], "firehose-transform");
        for (name, value) in [
            ("EventsIn", 10),
            ("EventsOut", 4),
            ("EventsDropped", 3),
            ("EventsQuarantined", 2),
            ("EventsReingested", 1),
            ("RecordsFailed", 7),
            ("BlindingEvents", 8),
        ] {
            assert_eq!(lines[0][name], value);
        }
        let none = embedded_metrics("f", 0, &Counters::default(), &Freshness::new());
        assert!(none[0].contains("\"RecordsFailed\":0"));
    }

    #[test]
    fn an_invocation_without_events_gives_no_data_about_events() {
        let counters = Counters {
            configuration_faults: 1,
            ..Counters::default()
        };
        let lines = embedded_metrics("f", 0, &counters, &Freshness::new());
        for metric in ["EventsIn", "EventsOut"] {
            assert!(!lines[0].contains(metric), "{}", lines[0]);
        }
        assert!(lines[0].contains("\"ConfigurationFaults\":1"));
    }

    #[test]
    fn freshness_is_one_line_for_each_path_with_samples() {
        let many: Vec<i64> = (0..5_000).map(|at| i64::MAX - at).collect();
        let freshness = Freshness::from([
            ("s3", vec![]),
            ("eventbridge", vec![900, -5]),
            ("cloudwatch", many),
        ]);
        let lines = lines("f", &freshness);
        assert_eq!(lines.len(), 3);
        lines.iter().for_each(assert_conforms);
        let paths: Vec<&Value> = lines[1..].iter().map(|l| &l["DeliveryPath"]).collect();
        assert_eq!(paths, ["cloudwatch", "eventbridge"]);
        assert_eq!(lines[1]["FreshnessMs"].as_array().unwrap().len(), 100);
        assert_eq!(lines[1]["FreshnessMs"][99], i64::MAX);
        assert_eq!(lines[2]["FreshnessMs"], serde_json::json!([-5, 900]));
    }

    #[test]
    fn the_lines_have_exactly_the_metrics_of_the_list() {
        let lines = lines("f", &Freshness::from([("s3", vec![1])]));
        let mut emitted = Vec::new();
        for line in &lines {
            let directive = &line["_aws"]["CloudWatchMetrics"][0];
            for metric in directive["Metrics"].as_array().unwrap() {
                emitted.push((metric.clone(), directive["Dimensions"][0].clone()));
            }
        }
        let listed: Vec<_> = METRICS
            .iter()
            .map(|m| {
                let metric = serde_json::json!({"Name": m.name, "Unit": m.unit});
                (metric, serde_json::json!(m.dimensions))
            })
            .collect();
        assert_eq!(emitted, listed);
    }

    #[test]
    fn a_hostile_function_name_stays_one_line_and_a_blank_one_is_unknown() {
        assert_eq!(lines(" ", &Freshness::new())[0]["Function"], "unknown");
        let line = embedded_metrics("a\"\n{", 0, &COUNTERS, &Freshness::new()).remove(0);
        assert!(!line.contains('\n'));
        assert!(serde_json::from_str::<Value>(&line).is_ok());
    }

    #[test]
    fn every_line_ends_in_a_line_break() {
        let mut out = Vec::new();
        write_lines(&mut out, &["{}".to_owned(), "{}".to_owned()]).unwrap();
        assert_eq!(out, b"{}\n{}\n");
    }
}
