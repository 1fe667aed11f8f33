//! What holds for every input.

#![allow(clippy::unwrap_used, reason = "what cannot be had fails the test")]

use std::collections::HashMap;
use std::io::Write;

use firehose::{BATCH_BYTES, BATCH_RECORDS, RECORD_BYTES, base64_len};
use pipeline::{Counters, Finished, Lane, MAX_HOPS, Opener, Output, Plan, Route};
use proptest::prelude::*;
use serde_json::Value;
use serde_json::value::RawValue;
use settings::{KeySource, MaskKeys, Settings};

fn settings(pairs: &[(&str, String)]) -> Settings {
    let raw = pairs
        .iter()
        .map(|(name, value)| (*name, value.clone()))
        .collect();
    settings::resolve_with(&raw, KeySource::File).unwrap()
}

fn masking() -> Settings {
    settings(&[("MASK_MODE", "hmac".into()), ("MASK_SCOPE", "keys".into())])
}

fn lane(settings: &Settings) -> Lane {
    let document = br#"{"key_id":"k1","key":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}"#;
    Lane::new(settings, Some(&MaskKeys::parse(document).unwrap().current))
}

/// JSON texts in spellings that readers of JSON tend to change.
fn json() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,4})?([eE][+-]?[0-9]{1,3})?",
        string(),
    ];
    scalar.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5)
                .prop_map(|items| format!("[{}]", items.join(" , "))),
            prop::collection::vec((key(), inner), 0..5).prop_map(|members| {
                let members: Vec<_> = members
                    .iter()
                    .map(|(key, value)| format!("{key} :{value}"))
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

fn string() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[ -!#-\\[\\]-~]{0,20}",
        Just("\u{2028}é\u{1F600}".to_owned()),
        Just(r"\/".to_owned()),
        Just(r#"\"\\"#.to_owned()),
        Just(r"\u0041\n".to_owned()),
        Just(r"\ud800".to_owned()),
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => string(),
        1 => Just("\"userName\"".to_owned()),
        1 => Just("\"sourceIPAddress\"".to_owned()),
        1 => Just(r#""user\u004eame""#.to_owned()),
    ]
}

/// Records with an id each, by which they are found again, and whatever else.
fn records(most: usize) -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec((json(), json(), 0usize..3000), 0..most).prop_map(|parts| {
        let record = |(number, (before, after, filler)): (usize, (String, String, usize))| {
            format!(
                r#"{{"x":{before},"eventVersion":"1.08","eventTime":"2023-10-27T14:33:20Z","eventID":"id-{number}","pad":"{}","y":{after}}}"#,
                "p".repeat(filler)
            )
        };
        parts.into_iter().enumerate().map(record).collect()
    })
}

fn envelope(records: &[String]) -> String {
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

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn event(records: &[Vec<u8>]) -> String {
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

/// What a plan does, with every batch checked and taken but for what `refuse` says.
fn carry_out(
    event: &str,
    settings: &Settings,
    mut refuse: impl FnMut() -> bool,
) -> (Finished, Vec<Vec<u8>>) {
    let mut plan = Plan::new(event, settings, &mut lane(settings)).unwrap();
    let mut back = Vec::new();
    while let Some(batch) = plan.next_batch() {
        let bytes: usize = batch
            .records
            .iter()
            .map(|data| base64_len(data.len()))
            .sum();
        assert!(batch.records.len() <= BATCH_RECORDS && bytes <= BATCH_BYTES);
        assert!(batch.records.iter().all(|data| data.len() <= RECORD_BYTES));
        let refused: Vec<usize> = (0..batch.records.len()).filter(|_| refuse()).collect();
        let taken = batch
            .records
            .iter()
            .enumerate()
            .filter(|(place, _)| !refused.contains(place));
        back.extend(taken.map(|(_, data)| data.clone()));
        plan.not_put_back(&batch, &refused);
    }
    (plan.finish(), back)
}

/// Results and lines of a response, after the checks that hold for all responses.
fn answers(response: &[u8], records: usize, limit: usize) -> Vec<(String, Vec<String>)> {
    assert!(
        response.len() <= limit,
        "{} bytes, {limit} allowed",
        response.len()
    );
    let response: Value = serde_json::from_slice(response).unwrap();
    let answers = response["records"].as_array().unwrap();
    let ids: Vec<_> = answers
        .iter()
        .map(|answer| answer["recordId"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        ids,
        (0..records)
            .map(|number| number.to_string())
            .collect::<Vec<_>>()
    );
    let answer = |answer: &Value| {
        let data = answer.get("data").map(|data| {
            base64_simd::STANDARD
                .decode_to_vec(data.as_str().unwrap())
                .unwrap()
        });
        let lines = String::from_utf8(data.unwrap_or_default()).unwrap();
        (
            answer["result"].as_str().unwrap().to_owned(),
            lines.lines().map(str::to_owned).collect(),
        )
    };
    answers.iter().map(answer).collect()
}

/// The id in the annotations; serde_json would refuse a line for a lone surrogate in its event.
fn id_of(line: &str) -> String {
    let (_, rest) = line.rsplit_once("\"event_id\":\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// The text of a line's event.
fn event_of(line: &str) -> &str {
    #[derive(serde::Deserialize)]
    struct Line<'a> {
        #[serde(borrow)]
        event: &'a RawValue,
    }
    serde_json::from_str::<Line<'_>>(line).unwrap().event.get()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn records_leave_byte_for_byte_where_nothing_is_masked(records in records(8)) {
        let settings = settings(&[]);
        let (finished, _) = carry_out(&event(&[gzip(envelope(&records).as_bytes())]), &settings, || false);
        let answers = answers(&finished.response, 1, 6_000_000);
        let events: Vec<&str> = answers[0].1.iter().map(|line| event_of(line)).collect();
        prop_assert_eq!(events, records);
    }

    #[test]
    fn masking_changes_values_of_masked_keys_and_nothing_else(records in records(8)) {
        let (finished, _) = carry_out(&event(&[envelope(&records).into_bytes()]), &masking(), || false);
        let answers = answers(&finished.response, 1, 6_000_000);
        prop_assert_eq!(answers[0].1.len(), records.len());
        for (line, record) in answers[0].1.iter().zip(&records) {
            let (after, before) = (event_of(line), record.as_str());
            prop_assert!(serde_json::from_str::<&RawValue>(after).is_ok());
            let rest = unmasked_parts(after);
            let mut at = 0;
            for part in rest {
                let found = before[at..].find(part);
                prop_assert!(found.is_some(), "{} is not in {}", part, &before[at..]);
                at += found.unwrap() + part.len();
            }
        }
    }

    #[test]
    fn every_event_is_answered_or_put_back_once_until_all_are_done(
        batches in prop::collection::vec(records(12), 1..5),
        limit in 10_000usize..60_000,
        cap in prop::option::of(4_000usize..20_000),
    ) {
        let mut pairs = vec![("MAX_RESPONSE_BYTES", limit.to_string())];
        pairs.extend(cap.map(|cap| ("MAX_RECORD_BYTES", cap.to_string())));
        let settings = settings(&pairs);
        let mut expected: HashMap<String, usize> = HashMap::new();
        for number in batches.iter().flat_map(|records| 0..records.len()) {
            *expected.entry(format!("id-{number}")).or_default() += 1;
        }
        let mut inputs: Vec<Vec<u8>> = batches.iter().map(|records| gzip(envelope(records).as_bytes())).collect();
        let mut quarantined = 0;
        for hop in 0.. {
            let (finished, back) = carry_out(&event(&inputs), &settings, || false);
            prop_assert!(finished.counters.reconcile(), "{:?}", finished.counters);
            let Counters { events_out, events_quarantined, records_failed, .. } = finished.counters;
            prop_assert_eq!(records_failed, 0);
            quarantined += events_quarantined as usize;
            let mut out = 0;
            for (result, lines) in answers(&finished.response, inputs.len(), limit) {
                prop_assert_eq!(result == "Ok", !lines.is_empty());
                let bytes: usize = lines.iter().map(|line| line.len() + 1).sum();
                prop_assert!(bytes <= cap.unwrap_or(usize::MAX));
                for line in lines {
                    out += 1;
                    *expected.get_mut(&id_of(&line)).unwrap() -= 1;
                }
            }
            prop_assert_eq!(out, events_out);
            if back.is_empty() {
                break;
            }
            prop_assert!(hop < MAX_HOPS);
            inputs = back;
        }
        prop_assert_eq!(expected.values().sum::<usize>(), quarantined);
    }

    #[test]
    fn what_cannot_be_put_back_is_kept_by_firehose(
        batches in prop::collection::vec(records(12), 1..4),
        limit in 10_000usize..30_000,
        refusals in prop::collection::vec(any::<bool>(), 64),
    ) {
        let settings = settings(&[("MAX_RESPONSE_BYTES", limit.to_string())]);
        let inputs: Vec<Vec<u8>> = batches.iter().map(|records| envelope(records).into_bytes()).collect();
        let mut refusals = refusals.into_iter().cycle();
        let mut refused = 0;
        let (finished, back) = carry_out(&event(&inputs), &settings, || {
            let refuse = refusals.next().unwrap();
            refused += usize::from(refuse);
            refuse
        });
        let counters = finished.counters;
        prop_assert!(counters.reconcile(), "{counters:?}");
        prop_assert_eq!(counters.events_in as usize, batches.iter().map(Vec::len).sum::<usize>());
        let failed = answers(&finished.response, inputs.len(), limit).iter().filter(|a| a.0 == "ProcessingFailed").count();
        prop_assert_eq!(failed, finished.failures.len());
        prop_assert_eq!(refused > 0, finished.failures.iter().any(|f| f.why == pipeline::Why::NotPutBack));
        prop_assert_eq!(back.is_empty(), counters.events_reingested == 0);
    }

    #[test]
    fn the_lane_takes_as_json_what_serde_json_takes(text in json(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let Ok(mutated) = String::from_utf8(bytes) else { return Ok(()) };
        let mut record = cloudtrail::Record::default();
        let ours = record.scan(mutated.as_bytes(), &cloudtrail::WatchedKeys::default()).is_ok();
        prop_assert_eq!(ours, serde_json::from_str::<&RawValue>(&mutated).is_ok(), "{}", mutated);
    }

    #[test]
    fn no_bytes_cause_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), compress: bool) {
        let bytes = if compress { gzip(&bytes) } else { bytes };
        let mut opener = Opener::default();
        if let Ok(text) = opener.open(&bytes) {
            let _ = lane(&masking()).run(text, &Route::default(), &mut Output::default());
        }
        let (finished, _) = carry_out(&event(&[bytes]), &masking(), || false);
        prop_assert!(finished.counters.reconcile());
    }

    #[test]
    fn no_cut_or_change_of_an_envelope_causes_a_panic_or_costs_a_neighbour(
        records in records(4),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut: bool,
    ) {
        let good = envelope(&records);
        let mut bad = good.clone().into_bytes();
        let at = at.index(bad.len());
        if cut { bad.truncate(at) } else { bad[at] = byte }
        let inputs = [good.clone().into_bytes(), bad, good.into_bytes()];
        let (finished, _) = carry_out(&event(&inputs), &masking(), || false);
        prop_assert!(finished.counters.reconcile());
        let answers = answers(&finished.response, 3, 6_000_000);
        prop_assert_eq!(answers[0].1.len(), records.len());
        prop_assert_eq!(&answers[0], &answers[2]);
    }
}

/// The parts of a masked record between its pseudonyms.
fn unmasked_parts(after: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = after;
    while let Some(at) = rest.find("\"pii-k1-") {
        parts.push(&rest[..at]);
        rest = &rest[at + "\"pii-k1-\"".len() + 32..];
    }
    parts.push(rest);
    parts
}
