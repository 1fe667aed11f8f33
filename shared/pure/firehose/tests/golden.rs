//! The golden fixtures. In a folder under `fixtures/` with an `expected.ndjson`, that file is the output
//! for `input.json` with the settings of `settings.env`: plain, as gzip and as two gzip members.
//!
//! A line of the expected file is a HEC object, or a string for a record without one: `"Dropped"`,
//! `"ProcessingFailed: why"`. `cargo xtask fixtures` writes the files again, for review.
//!
//! A folder with an `event.json` is a whole invocation, with its records in readable form (see
//! [`EventFile`]). Its `expected.json` holds the result of each record, the re-ingested records
//! (`put_back`) and the counters. A `mask-key.json` replaces the key of all other cases.

#![allow(clippy::unwrap_used, reason = "a test fails where it panics")]

use std::io::Write;
use std::path::Path;

use firehose::{Request, TransformInvocation};
use pipeline::{RecordPipeline, Rules};
use serde_json::value::RawValue;
use settings::{KeySource, MaskKeys, RawSettings, Settings};

const KEY: &str = r#"{"key_id":"k1","key":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}"#;
const STREAM: &str = "arn:aws:firehose:us-east-1:111122223333:deliverystream/example";

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// The settings and the key of a case.
struct Case {
    settings: Settings,
    key: MaskKeys,
}

impl Case {
    fn pipeline(&self) -> RecordPipeline {
        let own = self.settings.detection.protected_resources.as_ref();
        let rules = Rules::new(own.map(|own| &own.resources), &[]).unwrap();
        RecordPipeline::new(&self.settings, Some(&self.key.current), rules)
    }
}

/// The output for one record with this `input`.
fn outcome(input: &[u8], case: &Case) -> String {
    let data = base64_simd::STANDARD.encode_to_string(input);
    let event = format!(
        r#"{{"deliveryStreamArn":"{STREAM}","records":[{{"recordId":"1","approximateArrivalTimestamp":1698417205500,"data":"{data}"}}]}}"#
    );
    let result = TransformInvocation::new(&event, &case.settings, &mut case.pipeline())
        .unwrap()
        .finish();
    assert!(result.counters.reconcile());
    if let Some(failure) = result.failures.first() {
        return format!("\"ProcessingFailed: {}\"\n", failure.reason);
    }
    // The data of a response record is encoded as that of a request record.
    let response = String::from_utf8(result.response).unwrap();
    let answer = Request::parse(&response).unwrap();
    let mut lines = Vec::new();
    match answer.records[0].decode(&mut lines) {
        Ok(()) => String::from_utf8(lines).unwrap(),
        Err(_) => "\"Dropped\"\n".to_owned(),
    }
}

/// An `event.json`.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EventFile<'a> {
    #[serde(borrow)]
    source_kinesis_stream_arn: Option<&'a str>,
    #[serde(borrow)]
    records: Vec<RecordInFile<'a>>,
}

/// A record of an `event.json`: its content, a string or any JSON, and its encoding.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordInFile<'a> {
    id: &'a str,
    #[serde(borrow)]
    content: &'a RawValue,
    #[serde(default)]
    encoding: Encoding,
    /// `kafkaRecordValue` instead of `data`.
    #[serde(default)]
    kafka: bool,
}

#[derive(Clone, Copy, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Encoding {
    #[default]
    Gzip,
    Plain,
    TwoMembers,
    /// gzip without its last 9 bytes.
    Truncated,
    /// gzip with one bit flipped in the middle.
    Flipped,
    /// gzip followed by plain bytes.
    Trailed,
    /// The content is base64, valid or not.
    Base64,
    /// The content is the value of `data`, of any type.
    Value,
    /// There is no `data`.
    Missing,
}

impl RecordInFile<'_> {
    fn as_firehose_sends_it(&self) -> String {
        let value = self.content.get();
        let text = serde_json::from_str::<String>(value).unwrap_or_else(|_| value.to_owned());
        let content = text.as_bytes();
        let (first, second) = content.split_at(content.len() / 2);
        let mut gzipped = gzip(content);
        let bytes = match self.encoding {
            Encoding::Gzip => gzipped,
            Encoding::Plain => content.to_vec(),
            Encoding::TwoMembers => [gzip(first), gzip(second)].concat(),
            Encoding::Truncated => gzipped[..gzipped.len() - 9].to_vec(),
            Encoding::Flipped => {
                let middle = gzipped.len() / 2;
                gzipped[middle] ^= 0x10;
                gzipped
            }
            Encoding::Trailed => [gzipped, b"tail".to_vec()].concat(),
            Encoding::Base64 | Encoding::Value | Encoding::Missing => Vec::new(),
        };
        let data = match self.encoding {
            Encoding::Base64 => format!("\"{text}\""),
            Encoding::Value => value.to_owned(),
            _ => format!("\"{}\"", base64_simd::STANDARD.encode_to_string(bytes)),
        };
        let name = match (self.encoding, self.kafka) {
            (Encoding::Missing, _) => "other",
            (_, true) => "kafkaRecordValue",
            (_, false) => "data",
        };
        let id = self.id;
        format!(
            r#"{{"recordId":"{id}","approximateArrivalTimestamp":1698417205500,"{name}":{data}}}"#
        )
    }
}

/// The output of a whole invocation whose stream accepts every re-ingested record.
fn invocation(written: &str, case: &Case) -> String {
    let written: EventFile<'_> = serde_json::from_str(written).unwrap();
    let records: Vec<String> = written
        .records
        .iter()
        .map(RecordInFile::as_firehose_sends_it)
        .collect();
    let kinesis = written
        .source_kinesis_stream_arn
        .map_or_else(String::new, |arn| {
            format!(r#""sourceKinesisStreamArn":"{arn}","#)
        });
    let event = format!(
        r#"{{"deliveryStreamArn":"{STREAM}",{kinesis}"records":[{}]}}"#,
        records.join(",")
    );
    let mut invocation =
        TransformInvocation::new(&event, &case.settings, &mut case.pipeline()).unwrap();
    let mut reingested = Vec::new();
    while let Some(batch) = invocation.next_batch() {
        let texts = batch.records.iter().cloned();
        reingested.extend(texts.map(|data| format!("\n{}", String::from_utf8(data).unwrap())));
    }
    let result = invocation.finish();
    assert!(result.counters.reconcile());
    let answers = results(&result.response);
    let records = answers.iter().enumerate().map(|(place, (answer, lines))| {
        let mut failures = result.failures.iter();
        match failures.find(|failure| failure.record == place) {
            Some(failure) => format!("{answer},\"why\":\"{}\"}}", failure.reason),
            None if lines.is_empty() => format!("{answer}}}"),
            None => {
                let lines: Vec<&str> = lines.lines().collect();
                format!("{answer},\"lines\":[\n{}\n]}}", lines.join(",\n"))
            }
        }
    });
    let counters = result.counters;
    format!(
        "{{\"records\":[\n{}\n],\"put_back\":[{}],\"counters\":{{\"events_in\":{},\"events_out\":{},\"events_dropped\":{},\"events_quarantined\":{},\"events_reingested\":{},\"records_failed\":{}}}}}\n",
        records.collect::<Vec<_>>().join(",\n"),
        reingested.join(","),
        counters.events_in,
        counters.events_out,
        counters.events_dropped,
        counters.events_quarantined,
        counters.events_reingested,
        counters.records_failed,
    )
}

/// Each result of a response as an unclosed object without its data, and the lines in the data.
fn results(response: &[u8]) -> Vec<(String, String)> {
    #[derive(serde::Deserialize)]
    struct Response<'a> {
        #[serde(borrow)]
        records: Vec<Answer<'a>>,
    }
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Answer<'a> {
        record_id: &'a str,
        result: &'a str,
        #[serde(default)]
        data: &'a str,
    }
    let response: Response<'_> = serde_json::from_slice(response).unwrap();
    let answer = |answer: &Answer<'_>| {
        let lines = base64_simd::STANDARD.decode_to_vec(answer.data).unwrap();
        let (id, result) = (answer.record_id, answer.result);
        (
            format!(r#"{{"recordId":"{id}","result":"{result}""#),
            String::from_utf8(lines).unwrap(),
        )
    };
    response.records.iter().map(answer).collect()
}

#[expect(clippy::disallowed_methods, reason = "the runner reads the fixtures")]
fn case_in(folder: &Path) -> Case {
    let text = std::fs::read_to_string(folder.join("settings.env")).unwrap_or_default();
    let pairs = text
        .lines()
        .map(|line| line.split_once('=').expect("NAME=VALUE"));
    let raw: RawSettings = pairs.collect();
    let key = std::fs::read_to_string(folder.join("mask-key.json"));
    Case {
        settings: settings::resolve_with(&raw, KeySource::File).unwrap(),
        key: MaskKeys::parse(key.as_deref().unwrap_or(KEY).as_bytes()).unwrap(),
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the runner reads the fixtures")]
fn golden_fixtures_have_their_expected_output() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../fixtures");
    let bless = std::env::var_os("SIGHTLINE_BLESS").is_some();
    let mut cases: Vec<_> = std::fs::read_dir(fixtures)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for folder in &cases {
        let case = case_in(folder);
        let shown = folder.display();
        let (expected, found) = if let Ok(input) = std::fs::read(folder.join("input.json")) {
            let found = outcome(&input, &case);
            assert_eq!(outcome(&gzip(&input), &case), found, "{shown} as gzip");
            let (first, second) = input.split_at(input.len() / 2);
            let members = [gzip(first), gzip(second)].concat();
            assert_eq!(outcome(&members, &case), found, "{shown} as two members");
            (folder.join("expected.ndjson"), found)
        } else if let Ok(event) = std::fs::read_to_string(folder.join("event.json")) {
            (folder.join("expected.json"), invocation(&event, &case))
        } else {
            continue;
        };
        count += 1;
        if bless {
            std::fs::write(&expected, &found).unwrap();
        } else if std::fs::read_to_string(&expected).unwrap_or_default() != found {
            wrong.push(format!("{shown}:\n{found}"));
        }
    }
    assert!(wrong.is_empty(), "not as expected:\n{}", wrong.join("\n"));
    assert!(count > 20, "only {count} cases were found");
}
