//! The output of the demo.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use comfy_table::{ContentArrangement, Table, presets};
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressStyle};
use serde_json::Value;

use super::records::DemoRecord;
use super::simulation::Simulation;
use super::tracker::{DeliveryTracker, Outcome};

pub(crate) fn opening(records: &[DemoRecord], url: &str, masking: bool) -> String {
    let bytes: usize = records.iter().map(|record| record.text.len()).sum();
    format!(
        "{} events ({}) -> CloudWatch Logs envelopes -> delivery stream -> firehose-transform{} -> {url}",
        HumanCount(records.len() as u64),
        HumanBytes(bytes as u64),
        if masking { " (masking)" } else { "" },
    )
}

/// The live table during the run.
pub(crate) struct LiveTable {
    bar: Option<ProgressBar>,
    printed_at: Option<Instant>,
}

impl LiveTable {
    pub(crate) fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{msg}").expect("the template is fixed");
            ProgressBar::new_spinner().with_style(style)
        });
        Self {
            bar,
            printed_at: None,
        }
    }

    /// Shows the counters: in place on a terminal, otherwise as one line per second.
    pub(crate) fn draw(
        &mut self,
        simulation: &Simulation,
        tracker: &DeliveryTracker,
        started: Instant,
    ) {
        if let Some(bar) = &self.bar {
            return bar
                .set_message(table(simulation, tracker, None, started.elapsed()).to_string());
        }
        if self
            .printed_at
            .is_none_or(|printed_at| printed_at.elapsed() >= Duration::from_secs(1))
        {
            self.printed_at = Some(Instant::now());
            let (total, put, arrived) = tracker.progress();
            println!(
                "{:6.1} s  put {put} of {total}  indexed {arrived}",
                started.elapsed().as_secs_f64()
            );
        }
    }

    pub(crate) fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

pub(crate) fn closing(
    simulation: &Simulation,
    tracker: &DeliveryTracker,
    outcome: &Outcome,
    elapsed: Duration,
) -> String {
    table(simulation, tracker, Some(outcome), elapsed).to_string()
}

fn table(
    simulation: &Simulation,
    tracker: &DeliveryTracker,
    outcome: Option<&Outcome>,
    elapsed: Duration,
) -> Table {
    let (stats, counters) = (simulation.stream.stats(), simulation.counters());
    let (total, put, arrived) = tracker.progress();
    let (delivered, quarantined, dropped) = outcome.map_or(
        (
            arrived,
            counters.events_quarantined,
            counters.events_dropped,
        ),
        |outcome| (outcome.delivered, outcome.quarantined, outcome.dropped),
    );
    let count = |number: u64| HumanCount(number).to_string();
    let rate = put as f64 / elapsed.as_secs_f64().max(0.001);
    let input = format!(
        "{} of {}, {}/s",
        count(put),
        count(total),
        count(rate as u64)
    );
    let requests = format!("{}, {}", stats.invocations, stats.posts);
    let rows = [
        ("events in", input),
        ("events delivered", count(delivered)),
        ("blinding events", count(counters.blinding_events)),
        ("events dropped by filters", count(dropped)),
        ("events quarantined", count(quarantined)),
        ("events re-ingested", count(counters.events_reingested)),
        ("bytes in (gzip)", HumanBytes(stats.bytes_in).to_string()),
        (
            "bytes out (HEC)",
            HumanBytes(counters.bytes_out).to_string(),
        ),
        ("invocations, HEC requests", requests),
        ("latency", latencies(tracker)),
    ];
    let mut table = new_table();
    for (name, value) in rows {
        table.add_row([name, &value]);
    }
    table
}

/// Latency from the put to the arrival at the collector.
fn latencies(tracker: &DeliveryTracker) -> String {
    let Some([p50, p99, max]) = tracker.latencies().map(|all| all.map(seconds)) else {
        return "-".to_owned();
    };
    format!("p50 {p50}, p99 {p99}, max {max}")
}

fn new_table() -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table
}

fn seconds(duration: Duration) -> String {
    format!("{:.2} s", duration.as_secs_f64())
}

/// The values of one event that masking changed, and some that identify the event.
pub(crate) fn side_by_side((before, after): &(Value, Value)) -> String {
    let mut table = new_table();
    table.set_header([
        "one event",
        "as CloudTrail wrote it",
        "as the collector received it",
    ]);
    let mut rows = Vec::new();
    compare(String::new(), before, after, &mut rows);
    for row in rows {
        table.add_row(row);
    }
    table.to_string()
}

/// Values that are shown even if masking did not change them.
const LANDMARKS: [&str; 4] = ["eventTime", "eventSource", "eventName", "userIdentity.arn"];

fn compare(path: String, before: &Value, after: &Value, rows: &mut Vec<[String; 3]>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            for (key, value) in before {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                compare(path, value, after.get(key).unwrap_or(&Value::Null), rows);
            }
        }
        _ if before != after || LANDMARKS.contains(&path.as_str()) => {
            let text = |value: &Value| {
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            };
            rows.push([path, text(before), text(after)]);
        }
        _ => {}
    }
}
