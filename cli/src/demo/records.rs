//! The records that the demo sends.

use std::io::Read;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use chrono::DateTime;
use cloudtrail::{Field, KeySet, Reader, Record, Scratch};
use indicatif::ProgressBar;
use serde_json::json;

use crate::input;

/// Synthetic records, which the demo needs no other input for.
const TRAIL: &str = include_str!("../../../fixtures/demo/trail.ndjson");

/// One record and the values that identify it at the collector.
#[derive(Debug, Clone)]
pub(crate) struct DemoRecord {
    pub(crate) text: String,
    /// The unique id of its log event.
    pub(crate) log_event_id: String,
    /// The `eventID`, if it is a CloudTrail record that has one.
    pub(crate) event_id: Option<String>,
    /// Whether it is a CloudTrail record.
    pub(crate) cloudtrail: bool,
}

impl DemoRecord {
    fn new(number: usize, text: String) -> Self {
        let mut record = Record::default();
        let cloudtrail = record
            .scan(text.as_bytes(), &KeySet::default())
            .unwrap_or(false);
        let event_id = cloudtrail
            .then(|| record.string(text.as_bytes(), Field::EventId))
            .flatten();
        let event_id = event_id.map(|id| id.into_owned());
        Self {
            log_event_id: format!("{number:056}"),
            event_id,
            cloudtrail,
            text,
        }
    }
}

/// This many synthetic records, each with a unique id and the current time.
pub(crate) fn synthetic(events: usize) -> Vec<DemoRecord> {
    let templates: Vec<&str> = TRAIL.lines().collect();
    let now = now_ms() / 1000;
    let record = |number: usize| {
        let template = templates[number % templates.len()];
        let id = format!("{:08x}-0000-4000-8000-{:012x}", fastrand::u32(..), number);
        let text = replaced(template, "eventID", &id);
        DemoRecord::new(number, replaced(&text, "eventTime", &utc(now)))
    };
    (0..events).map(record).collect()
}

/// `template` with another value for a top-level string.
fn replaced(template: &str, key: &str, value: &str) -> String {
    let opening = format!("\"{key}\":\"");
    let Some(start) = template.find(&opening).map(|at| at + opening.len()) else {
        return template.to_owned();
    };
    let end = template[start..]
        .find('"')
        .map_or(template.len(), |len| start + len);
    format!("{}{value}{}", &template[..start], &template[end..])
}

/// The messages of `files` in order; with `events`, repeated or cut to that number.
pub(crate) fn from_files(files: &[PathBuf], events: Option<usize>) -> Result<Vec<DemoRecord>> {
    let mut texts: Vec<String> = Vec::new();
    let mut scratch = Scratch::default();
    for file in files {
        let name = || file.display().to_string();
        let mut bytes = Vec::new();
        input::open(file, &ProgressBar::hidden())
            .with_context(name)?
            .read_to_end(&mut bytes)
            .with_context(name)?;
        let text = std::str::from_utf8(&bytes).with_context(name)?;
        let mut reader = Reader::new(text);
        while let Some(message) = reader.next(&mut scratch).with_context(name)? {
            texts.push(String::from_utf8_lossy(message.text).into_owned());
        }
    }
    let count = events.unwrap_or(texts.len());
    let texts = texts
        .iter()
        .cycle()
        .take(if texts.is_empty() { 0 } else { count });
    Ok(texts
        .enumerate()
        .map(|(number, text)| DemoRecord::new(number, text.clone()))
        .collect())
}

/// A CloudWatch Logs subscription envelope with these records.
pub(crate) fn envelope(records: &[DemoRecord]) -> String {
    let now = now_ms();
    let events: Vec<_> = records
        .iter()
        .map(|record| json!({"id": record.log_event_id, "timestamp": now, "message": record.text}))
        .collect();
    let stream = "111122223333_CloudTrail_us-east-1";
    json!({
        "messageType": "DATA_MESSAGE", "owner": "111122223333", "logGroup": "example/cloudtrail",
        "logStream": stream, "subscriptionFilters": ["sightline"], "logEvents": events,
    })
    .to_string()
}

/// A mask key document with a random key.
pub(crate) fn random_key() -> Result<String> {
    let mut key = [0; 32];
    let mut random = std::fs::File::open("/dev/urandom").context("cannot read /dev/urandom")?;
    random
        .read_exact(&mut key)
        .context("cannot read /dev/urandom")?;
    let key = base64_simd::STANDARD.encode_to_string(key);
    Ok(json!({"key_id": "demo", "key": key}).to_string())
}

fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or_default()
}

/// Epoch seconds in the format of `eventTime`.
fn utc(seconds: u64) -> String {
    let seconds = i64::try_from(seconds).unwrap_or_default();
    let time = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn synthetic_records_are_cloudtrail_records_with_unique_ids() {
        let records = synthetic(200);
        let ids: std::collections::HashSet<_> = records
            .iter()
            .map(|r| r.event_id.clone().unwrap())
            .collect();
        assert_eq!(ids.len(), 200);
        assert!(records.iter().all(|record| record.cloudtrail));
    }

    #[test]
    fn event_times_round_trip() {
        for seconds in [0, 951_868_800, 1_709_164_800, 1_698_417_200, 4_107_542_399] {
            assert_eq!(
                cloudtrail::parse_event_time(&utc(seconds)).unwrap().seconds,
                seconds as i64
            );
        }
    }
}
