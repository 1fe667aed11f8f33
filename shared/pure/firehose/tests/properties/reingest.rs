//! Limits of re-ingestion, and events that are not requests.

use firehose::{MAX_BATCH_RECORDS, Request, TransformInvocation};
use proptest::prelude::*;
use serde_json::Value;

use crate::generate::{json, string};
use crate::invoke::{envelope, event, gzip, id_of, invoke, masking, pipeline, results, settings};

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

/// The ids of the events in re-ingested envelopes, each transformed alone.
fn ids_of(records: Vec<Vec<u8>>, settings: &settings::Settings) -> Vec<String> {
    let mut ids = Vec::new();
    for data in records {
        let (result, again) = invoke(&event(&[data]), settings, || false);
        assert!(again.is_empty());
        let results = results(&result.response, 1, settings.transform.max_response_bytes);
        ids.extend(results[0].1.iter().map(|line| id_of(line)));
    }
    ids
}

#[test]
fn more_chunks_than_a_batch_accepts_need_several() {
    let count = 2 * MAX_BATCH_RECORDS + 7;
    let text: String = (0..count)
        .map(|number| eventbridge(&record(number, 0)))
        .collect();
    let settings = settings(&[("MAX_RESPONSE_BYTES", "10000".into())]);
    let (result, back) = invoke(&event(&[gzip(text.as_bytes())]), &settings, || false);
    assert_eq!(back.len(), count);
    assert_eq!(result.counters.events_reingested as usize, count);
    let expected: Vec<_> = (0..count).map(|number| format!("id-{number}")).collect();
    assert_eq!(ids_of(back, &settings), expected);
}

#[test]
fn large_chunks_are_batched_by_bytes() {
    let records: Vec<_> = (0..12).map(|number| record(number, 800_000)).collect();
    let (result, back) = invoke(
        &event(&[gzip(envelope(&records).as_bytes())]),
        &settings(&[]),
        || false,
    );
    assert_eq!((back.len(), result.counters.events_reingested), (12, 12));
    let expected: Vec<_> = (0..12).map(|number| format!("id-{number}")).collect();
    assert_eq!(ids_of(back, &settings(&[])), expected);
}

#[test]
fn a_chunk_that_only_fits_a_record_as_gzip_is_gzip() {
    let records: Vec<_> = (0..4).map(|number| record(number, 2_000_000)).collect();
    let (_, back) = invoke(
        &event(&[gzip(envelope(&records).as_bytes())]),
        &settings(&[]),
        || false,
    );
    assert!(back.iter().all(|data| data.starts_with(&[0x1f, 0x8b])));
    let expected: Vec<_> = (0..4).map(|number| format!("id-{number}")).collect();
    assert_eq!(ids_of(back, &settings(&[])), expected);
}

/// Events that resemble requests.
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
    fn every_request_gets_a_response_or_an_error(event in requests()) {
        let settings = masking();
        let Ok(request) = Request::parse(&event) else {
            prop_assert!(TransformInvocation::new(&event, &settings, &mut pipeline(&settings)).is_err());
            return Ok(());
        };
        let (result, _) = invoke(&event, &settings, || false);
        prop_assert!(result.counters.reconcile());
        prop_assert_eq!(result.records, request.records.len());
        let response = String::from_utf8(result.response).unwrap();
        let answered = Request::parse(&response).unwrap();
        let ids = |request: &Request<'_>| request.records.iter().map(|record| record.id().to_owned()).collect::<Vec<_>>();
        prop_assert_eq!(ids(&answered), ids(&request));
    }

    #[test]
    fn any_event_gets_a_response_or_an_error(event in "\\PC{0,80}", json in json()) {
        let settings = masking();
        for event in [event, json] {
            if TransformInvocation::new(&event, &settings, &mut pipeline(&settings)).is_ok() {
                let read: Value = serde_json::from_str(&event).unwrap();
                prop_assert!(read["records"].is_array());
            }
        }
    }
}
