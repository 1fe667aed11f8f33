//! What the demo shows.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use comfy_table::{ContentArrangement, Table, presets};
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressStyle};
use serde_json::Value;

use super::ledger::{Ledger, Verdict};
use super::parts::Lane;
use super::records::DemoRecord;

pub(crate) fn opening(records: &[DemoRecord], url: &str, is_masking: bool) -> String {
    let bytes: usize = records.iter().map(|record| record.text.len()).sum();
    format!(
        "{} events ({}) -> CloudWatch Logs envelopes -> delivery stream -> firehose-transform{} -> {url}",
        HumanCount(records.len() as u64),
        HumanBytes(bytes as u64),
        if is_masking { " (masking)" } else { "" },
    )
}

/// The table while the events are on their way.
pub(crate) struct Live {
    bar: Option<ProgressBar>,
    said: Option<Instant>,
}

impl Live {
    pub(crate) fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{msg}").expect("the template is fixed");
            ProgressBar::new_spinner().with_style(style)
        });
        Self { bar, said: None }
    }

    /// Shows the counters: in place on a terminal, elsewhere as a line a second.
    pub(crate) fn draw(&mut self, lane: &Lane, ledger: &Ledger, begun: Instant) {
        if let Some(bar) = &self.bar {
            return bar.set_message(table(lane, ledger, None, begun.elapsed()).to_string());
        }
        if self
            .said
            .is_none_or(|said| said.elapsed() >= Duration::from_secs(1))
        {
            self.said = Some(Instant::now());
            let (total, put, arrived) = ledger.progress();
            println!(
                "{:6.1} s  put {put} of {total}  indexed {arrived}",
                begun.elapsed().as_secs_f64()
            );
        }
    }

    pub(crate) fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

pub(crate) fn closing(lane: &Lane, ledger: &Ledger, verdict: &Verdict, took: Duration) -> String {
    table(lane, ledger, Some(verdict), took).to_string()
}

fn table(lane: &Lane, ledger: &Ledger, verdict: Option<&Verdict>, took: Duration) -> Table {
    let (stats, counters) = (lane.stream.stats(), lane.counters());
    let (total, put, arrived) = ledger.progress();
    let delivered = verdict.map_or(arrived, |verdict| verdict.delivered);
    let quarantined = verdict.map_or(counters.events_quarantined, |verdict| verdict.quarantined);
    let dropped = verdict.map_or(counters.events_dropped, |verdict| verdict.dropped);
    let latency = ledger
        .latencies()
        .map_or("-".to_owned(), |[p50, p99, max]| {
            format!(
                "p50 {}, p99 {}, max {}",
                seconds(p50),
                seconds(p99),
                seconds(max)
            )
        });
    let rate = put as f64 / took.as_secs_f64().max(0.001);
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.add_row([
        "events in",
        &format!(
            "{} of {} put, {} a second",
            HumanCount(put),
            HumanCount(total),
            HumanCount(rate as u64)
        ),
    ]);
    table.add_row(["events delivered", &HumanCount(delivered).to_string()]);
    table.add_row([
        "events that blind",
        &HumanCount(counters.blinding_events).to_string(),
    ]);
    table.add_row([
        "events dropped by the selection",
        &HumanCount(dropped).to_string(),
    ]);
    table.add_row(["events quarantined", &HumanCount(quarantined).to_string()]);
    table.add_row([
        "events put back on the stream",
        &HumanCount(counters.events_reingested).to_string(),
    ]);
    table.add_row(["bytes in, gzip", &HumanBytes(stats.bytes_in).to_string()]);
    table.add_row([
        "bytes out, HEC",
        &HumanBytes(counters.bytes_out).to_string(),
    ]);
    table.add_row([
        "invocations, posts",
        &format!("{}, {}", stats.invocations, stats.posts),
    ]);
    table.add_row(["from put to indexed", &latency]);
    table
}

fn seconds(duration: Duration) -> String {
    format!("{:.2} s", duration.as_secs_f64())
}

/// The values of one event that masking changed, and some that tell which event it is.
pub(crate) fn side_by_side((before, after): &(Value, Value)) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header([
        "one event",
        "as CloudTrail wrote it",
        "as the collector has it",
    ]);
    let mut rows = Vec::new();
    compare(String::new(), before, after, &mut rows);
    for row in rows {
        table.add_row(row);
    }
    table.to_string()
}

/// Values that are shown though they are the same.
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
