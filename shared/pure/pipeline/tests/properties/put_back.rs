//! The limits of put-backs, and events that are no request.

use firehose::{BATCH_RECORDS, Request};
use pipeline::Plan;
use proptest::prelude::*;
use serde_json::Value;

use crate::generate::{json, string};
use crate::invoke::{answers, carry_out, envelope, event, gzip, id_of, lane, masking, settings};

fn record(number: usize, filler: usize) -> String {
    format!(
        r#"{{"eventVersion":"1.09","eventTime":"2023-10-27T14:33:20Z","eventID":"id-{number}","filler":"{}"}}"#,
        "x".repeat(filler)
    )
}

fn eventbridge(record: &str) -> String {
    format!(
        r#"{{"detail-type":"AWS API Call via CloudTrail","account":"111122223333","region":"us-east-1","detail":{record}}}"#
    )
}

/// The ids of the events in put-back envelopes, each envelope answered alone.
fn ids_of(back: Vec<Vec<u8>>, settings: &settings::Settings) -> Vec<String> {
    let mut ids = Vec::new();
    for data in back {
        let (finished, again) = carry_out(&event(&[data]), settings, || false);
        assert!(again.is_empty());
        let answers = answers(&finished.response, 1, settings.max_response_bytes);
        ids.extend(answers[0].1.iter().map(|line| id_of(line)));
    }
    ids
}

#[test]
fn more_pieces_than_a_batch_takes_go_in_several() {
    let count = 2 * BATCH_RECORDS + 7;
    let text: String = (0..count)
        .map(|number| eventbridge(&record(number, 0)))
        .collect();
    let settings = settings(&[("MAX_RESPONSE_BYTES", "10000".into())]);
    let (finished, back) = carry_out(&event(&[gzip(text.as_bytes())]), &settings, || false);
    assert_eq!(back.len(), count);
    assert_eq!(finished.counters.events_reingested as usize, count);
    let expected: Vec<_> = (0..count).map(|number| format!("id-{number}")).collect();
    assert_eq!(ids_of(back, &settings), expected);
}

#[test]
fn large_pieces_go_in_batches_by_bytes() {
    let records: Vec<_> = (0..12).map(|number| record(number, 800_000)).collect();
    let (finished, back) = carry_out(
        &event(&[gzip(envelope(&records).as_bytes())]),
        &settings(&[]),
        || false,
    );
    assert_eq!((back.len(), finished.counters.events_reingested), (12, 12));
    let expected: Vec<_> = (0..12).map(|number| format!("id-{number}")).collect();
    assert_eq!(ids_of(back, &settings(&[])), expected);
}

#[test]
fn a_piece_that_only_fits_a_record_as_gzip_goes_as_gzip() {
    let records: Vec<_> = (0..4).map(|number| record(number, 2_000_000)).collect();
    let (_, back) = carry_out(
        &event(&[gzip(envelope(&records).as_bytes())]),
        &settings(&[]),
        || false,
    );
    assert!(back.iter().all(|data| data.starts_with(&[0x1f, 0x8b])));
    let expected: Vec<_> = (0..4).map(|number| format!("id-{number}")).collect();
    assert_eq!(ids_of(back, &settings(&[])), expected);
}

/// Events that look like requests, more or less.
fn requests() -> impl Strategy<Value = String> {
    let data = prop_oneof![
        Just(r#""eyJldmVudFZlcnNpb24iOiIxIiwiZXZlbnRUaW1lIjoidCJ9""#.to_owned()),
        string(),
        json(),
    ];
    let name = prop::sample::select(vec![
        "data",
        "kafkaRecordValue",
        "recordId",
        "approximateArrivalTimestamp",
        "x",
    ]);
    let member = (name, data).prop_map(|(name, value)| format!("\"{name}\":{value}"));
    let record = (
        prop_oneof![4 => Just("\"1\"".to_owned()), 1 => json()],
        prop::collection::vec(member, 0..3),
    );
    let record = record.prop_map(|(id, members)| {
        let members: String = members.iter().map(|member| format!(",{member}")).collect();
        format!(r#"{{"recordId":{id}{members}}}"#)
    });
    let records = prop_oneof![
        8 => prop::collection::vec(record, 0..5).prop_map(|records| format!("[{}]", records.join(","))),
        1 => json(),
    ];
    let extra = (
        prop::sample::select(vec![
            "deliveryStreamArn",
            "sourceKinesisStreamArn",
            "invocationId",
            "region",
        ]),
        json(),
    );
    (records, prop::option::of(extra)).prop_map(|(records, extra)| match extra {
        Some((name, value)) => format!(r#"{{"{name}":{value},"records":{records}}}"#),
        None => format!(r#"{{"records":{records}}}"#),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn every_request_is_answered_or_refused_and_none_causes_a_panic(event in requests()) {
        let settings = masking();
        let Ok(request) = Request::parse(&event) else {
            prop_assert!(Plan::new(&event, &settings, &mut lane(&settings)).is_err());
            return Ok(());
        };
        let (finished, _) = carry_out(&event, &settings, || false);
        prop_assert!(finished.counters.reconcile());
        prop_assert_eq!(finished.records, request.records.len());
        let response = String::from_utf8(finished.response).unwrap();
        let answered = Request::parse(&response).unwrap();
        let ids = |request: &Request<'_>| request.records.iter().map(|record| record.id().to_owned()).collect::<Vec<_>>();
        prop_assert_eq!(ids(&answered), ids(&request));
    }

    #[test]
    fn any_text_for_an_event_is_answered_or_refused(event in "\\PC{0,80}", json in json()) {
        let settings = masking();
        for event in [event, json] {
            if Plan::new(&event, &settings, &mut lane(&settings)).is_ok() {
                let read: Value = serde_json::from_str(&event).unwrap();
                prop_assert!(read["records"].is_array());
            }
        }
    }
}
