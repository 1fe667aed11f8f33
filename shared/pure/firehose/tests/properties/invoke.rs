//! Runs invocations, with the checks that hold for all of them.

use std::io::Write;

use firehose::{
    MAX_BATCH_BYTES, MAX_BATCH_RECORDS, MAX_RECORD_BYTES, TransformInvocation, TransformResult,
    base64_len,
};
use pipeline::{RecordPipeline, Rules};
use serde_json::Value;
use serde_json::value::RawValue;
use settings::{KeySource, MaskKeys, Settings};

pub(crate) fn settings(pairs: &[(&str, String)]) -> Settings {
    let raw = pairs
        .iter()
        .map(|(name, value)| (*name, value.clone()))
        .collect();
    settings::resolve_with(&raw, KeySource::File).unwrap()
}

pub(crate) fn masking() -> Settings {
    settings(&[("MASK_MODE", "hmac".into()), ("MASK_SCOPE", "keys".into())])
}

pub(crate) fn pipeline(settings: &Settings) -> RecordPipeline {
    let document = br#"{"key_id":"k1","key":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}"#;
    RecordPipeline::new(
        settings,
        Some(&MaskKeys::parse(document).unwrap().current),
        Rules::new(None, &[]).unwrap(),
    )
}

pub(crate) fn envelope(records: &[String]) -> String {
    let events = records.iter().map(|record| {
        let message = serde_json::to_string(record).unwrap();
        format!(r#"{{"id":"1","timestamp":5,"message":{message}}}"#)
    });
    let events: Vec<_> = events.collect();
    format!(
        r#"{{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"s","logEvents":[{}]}}"#,
        events.join(",")
    )
}

pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn event(records: &[Vec<u8>]) -> String {
    let record = |(number, data): (usize, &Vec<u8>)| {
        let data = base64_simd::STANDARD.encode_to_string(data);
        format!(r#"{{"recordId":"{number}","approximateArrivalTimestamp":7,"data":"{data}"}}"#)
    };
    let records: Vec<_> = records.iter().enumerate().map(record).collect();
    let arn = "arn:aws:firehose:us-east-1:111122223333:deliverystream/s";
    format!(
        r#"{{"deliveryStreamArn":"{arn}","records":[{}]}}"#,
        records.join(",")
    )
}

/// The result of an invocation and the re-ingested records, with the limits of every batch checked.
/// `reject` decides for each record whether the stream rejects it.
pub(crate) fn invoke(
    event: &str,
    settings: &Settings,
    mut reject: impl FnMut() -> bool,
) -> (TransformResult, Vec<Vec<u8>>) {
    let mut invocation =
        TransformInvocation::new(event, settings, &mut pipeline(settings)).unwrap();
    let mut reingested = Vec::new();
    while let Some(batch) = invocation.next_batch() {
        let bytes: usize = batch
            .records
            .iter()
            .map(|data| base64_len(data.len()))
            .sum();
        assert!(batch.records.len() <= MAX_BATCH_RECORDS && bytes <= MAX_BATCH_BYTES);
        assert!(
            batch
                .records
                .iter()
                .all(|data| data.len() <= MAX_RECORD_BYTES)
        );
        let rejected: Vec<usize> = (0..batch.records.len()).filter(|_| reject()).collect();
        let accepted = batch
            .records
            .iter()
            .enumerate()
            .filter(|(index, _)| !rejected.contains(index));
        reingested.extend(accepted.map(|(_, data)| data.clone()));
        invocation.mark_rejected(&batch, &rejected);
    }
    (invocation.finish(), reingested)
}

/// Results and lines of a response, after the checks that hold for all responses.
pub(crate) fn results(response: &[u8], records: usize, limit: usize) -> Vec<(String, Vec<String>)> {
    assert!(
        response.len() <= limit,
        "{} bytes, {limit} allowed",
        response.len()
    );
    let response: Value = serde_json::from_slice(response).unwrap();
    let results = response["records"].as_array().unwrap();
    let ids: Vec<_> = results
        .iter()
        .map(|result| result["recordId"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        ids,
        (0..records)
            .map(|number| number.to_string())
            .collect::<Vec<_>>()
    );
    let result = |result: &Value| {
        let data = result.get("data").map(|data| {
            base64_simd::STANDARD
                .decode_to_vec(data.as_str().unwrap())
                .unwrap()
        });
        let lines = String::from_utf8(data.unwrap_or_default()).unwrap();
        (
            result["result"].as_str().unwrap().to_owned(),
            lines.lines().map(str::to_owned).collect(),
        )
    };
    results.iter().map(result).collect()
}

/// The id in the annotations. serde_json rejects lines with a lone surrogate in their event.
pub(crate) fn id_of(line: &str) -> String {
    let (_, rest) = line.rsplit_once("\"event_id\":\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// The text of a line's event.
pub(crate) fn event_of(line: &str) -> &str {
    #[derive(serde::Deserialize)]
    struct Line<'a> {
        #[serde(borrow)]
        event: &'a RawValue,
    }
    serde_json::from_str::<Line<'_>>(line).unwrap().event.get()
}
