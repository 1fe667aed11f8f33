//! Real CloudTrail records through the pipeline, if their folder is next to the checkout
//! (`../shared/data/cloudtrail`, or `SIGHTLINE_DATA`): one record per line.

#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::path::PathBuf;

use pipeline::{DeliveryPath, Output, RecordPipeline, Route, Rules};
use serde_json::Value;
use serde_json::value::RawValue;
use settings::{KeySource, MaskKeys};

#[derive(serde::Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    time: &'a RawValue,
    host: &'a str,
    source: &'a str,
    #[serde(borrow)]
    event: &'a RawValue,
}

#[expect(clippy::disallowed_methods, reason = "a test reads its data")]
fn records() -> Option<Vec<String>> {
    let default =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data/cloudtrail");
    let folder = std::env::var_os("SIGHTLINE_DATA").map_or(default, PathBuf::from);
    let Ok(files) = std::fs::read_dir(&folder) else {
        println!("skipped: no data in {}", folder.display());
        return None;
    };
    let texts = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    let records: Vec<String> = texts
        .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert!(records.len() > 1000, "{} records", records.len());
    Some(records)
}

/// The output lines of the records, 50 per envelope.
fn transformed(records: &[String], settings: &[(&str, &str)]) -> Vec<String> {
    let raw = settings.iter().copied().collect();
    let settings = settings::resolve_with(&raw, KeySource::File).unwrap();
    let key = br#"{"key_id":"k1","key":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}"#;
    let mut pipeline = RecordPipeline::new(
        &settings,
        Some(&MaskKeys::parse(key).unwrap().current),
        Rules::new(None, &[]).unwrap(),
    );
    let mut output = Output::default();
    for chunk in records.chunks(50) {
        let events = chunk.iter().map(|record| {
            format!(
                r#"{{"id":"1","timestamp":5,"message":{}}}"#,
                serde_json::to_string(record).unwrap()
            )
        });
        let envelope = format!(
            r#"{{"messageType":"DATA_MESSAGE","owner":"999999999999","logGroup":"g","logStream":"s","subscriptionFilters":[],"logEvents":[{}]}}"#,
            events.collect::<Vec<_>>().join(",")
        );
        let passed = pipeline
            .run(&envelope, &Route::default(), &mut output)
            .unwrap();
        assert_eq!(passed.events_out, chunk.len());
    }
    assert!(
        output
            .event_times()
            .all(|(path, _)| path == DeliveryPath::CloudWatch)
    );
    String::from_utf8(output.bytes)
        .unwrap()
        .split_terminator('\n')
        .map(str::to_owned)
        .collect()
}

/// Epoch seconds of `YYYY-MM-DDTHH:MM:SSZ`, day by day.
fn epoch(time: &str) -> u64 {
    let number = |range: std::ops::Range<usize>| time[range].parse::<u64>().unwrap();
    let leap =
        |year: u64| year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let (year, month) = (number(0..4), number(5..7));
    let months = [
        31,
        if leap(year) { 29 } else { 28 },
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let days: u64 = (1970..year)
        .map(|year| if leap(year) { 366 } else { 365 })
        .sum::<u64>()
        + months[..month as usize - 1].iter().sum::<u64>()
        + number(8..10)
        - 1;
    days * 86_400 + number(11..13) * 3600 + number(14..16) * 60 + number(17..19)
}

#[test]
fn real_records_are_forwarded_once_unchanged_with_their_own_time() {
    let Some(records) = records() else { return };
    let lines = transformed(&records, &[]);
    assert_eq!(lines.len(), records.len());
    for (line, record) in lines.iter().zip(&records) {
        let line: Line<'_> = serde_json::from_str(line).unwrap();
        assert_eq!(line.event.get(), record);
        let record: Value = serde_json::from_str(record).unwrap();
        let time = epoch(record["eventTime"].as_str().unwrap());
        assert_eq!(line.time.get(), time.to_string());
        let accounts = [
            &record["recipientAccountId"],
            &record["userIdentity"]["accountId"],
        ];
        let account = accounts.iter().find_map(|account| account.as_str());
        assert_eq!(line.host, account.unwrap_or("999999999999"));
        assert_eq!(line.source, "cloudwatch:g:s");
    }
}

#[test]
fn masked_keys_of_real_records_name_no_person() {
    let Some(records) = records() else { return };
    let lines = transformed(&records, &[("MASK_MODE", "hmac"), ("MASK_SCOPE", "keys")]);
    for (line, record) in lines.iter().zip(&records) {
        let line: Value = serde_json::from_str(line).unwrap();
        compare(
            &serde_json::from_str(record).unwrap(),
            &line["event"],
            false,
        );
    }
}

/// Asserts that strings under a masked key are pseudonyms or name no person, and all else is unchanged.
fn compare(before: &Value, after: &Value, masked: bool) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            assert_eq!(before.len(), after.len());
            for (key, value) in before {
                let masked = matches!(key.as_str(), "userName" | "sourceIPAddress");
                compare(value, &after[key], masked);
            }
        }
        (Value::Array(before), Value::Array(after)) => {
            assert_eq!(before.len(), after.len());
            before
                .iter()
                .zip(after)
                .for_each(|(before, after)| compare(before, after, masked));
        }
        (Value::String(before), Value::String(after)) if masked && before != after => {
            assert!(after.starts_with("pii-k1-") && after.len() == 39, "{after}");
        }
        (Value::String(name), _) if masked => {
            let readable = name.is_empty()
                || name.starts_with("AWS Internal")
                || name.starts_with("HIDDEN_DUE_TO_SECURITY_REASONS")
                || name.ends_with(".amazonaws.com");
            assert!(readable, "a value under a masked key was left readable");
        }
        _ => assert_eq!(before, after),
    }
}
