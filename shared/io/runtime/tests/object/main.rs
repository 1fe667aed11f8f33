//! One object, from its bytes to a collector, with faults: every event of the input is accounted for.
#![allow(clippy::unwrap_used, reason = "a test may stop at what is not there")]

mod fixture;
mod invocation_record;
mod not_cloudtrail;
mod only_over_bytes;
mod remaining;

use runtime::object::ObjectOutcome;

use crate::fixture::{Fixture, KEY, LONG, Parts, file, gzip, record, task};

#[tokio::test]
async fn every_record_arrives_once_with_any_chunks() {
    let records: Vec<String> = (0..500).map(record).collect();
    for bytes in [
        gzip(&file(&records)),
        file(&records),
        [gzip(&file(&records[..200])), gzip(&file(&records[200..]))].concat(),
    ] {
        for size in [7, 1000, 1_000_000] {
            let mut fixture = Fixture::new(&[]).await;
            assert_eq!(
                fixture
                    .forward(&task(), Parts::of(&bytes, size), LONG)
                    .await,
                ObjectOutcome::Done
            );
            assert_eq!(fixture.arrived(), (0..500).collect::<Vec<_>>());
            assert!(fixture.reconciles());
        }
    }
}

#[tokio::test]
async fn the_source_is_the_object_and_records_are_unchanged() {
    let mut fixture = Fixture::new(&[]).await;
    let odd = r#"{"eventVersion":"1.09","eventTime":"2026-01-01T00:00:00Z","n":12345678901234567890123,"f":1.10,"s":"\u0041"}"#;
    fixture
        .forward(&task(), Parts::of(&file(&[odd.to_owned()]), 99), LONG)
        .await;
    let event = String::from_utf8(fixture.collector.events().remove(0)).unwrap();
    assert!(
        event.contains(odd) && event.contains(&format!("\"source\":\"s3://logs/{KEY}\"")),
        "{event}"
    );
    assert!(event.contains("\"delivery_path\":\"s3\""), "{event}");
}

#[tokio::test]
async fn a_bad_record_fails_alone() {
    let mut fixture = Fixture::new(&[]).await;
    let mut records: Vec<String> = (0..5).map(record).collect();
    records.insert(2, r#"{"eventVersion":"1.09",,"x":[1]}"#.to_owned());
    assert_eq!(
        fixture
            .forward(&task(), Parts::of(&file(&records), 64), LONG)
            .await,
        ObjectOutcome::Done
    );
    assert_eq!(fixture.arrived(), [0, 1, 2, 3, 4]);
    let counters = fixture.metrics.counters;
    assert_eq!(
        (counters.events_in, counters.events_out),
        (6, 6),
        "its fallback event is an event"
    );
    let stands = fixture
        .collector
        .events()
        .iter()
        .filter(|object| String::from_utf8_lossy(object).contains("parse_error"))
        .count();
    assert_eq!(stands, 1);
}

#[tokio::test]
async fn the_records_of_a_truncated_object_are_forwarded() {
    let records: Vec<String> = (0..300).map(record).collect();
    let whole = gzip(&file(&records));
    for bytes in [
        &whole[..whole.len() / 2],
        &whole[..whole.len() - 4],
        &file(&records)[..5000],
    ] {
        let mut fixture = Fixture::new(&[]).await;
        assert_eq!(
            fixture.forward(&task(), Parts::of(bytes, 512), LONG).await,
            ObjectOutcome::Done
        );
        let arrived = fixture.arrived();
        assert_eq!(arrived, (0..arrived.len()).collect::<Vec<_>>());
        assert!(!arrived.is_empty() && fixture.reconciles());
        let is_reported = fixture
            .collector
            .events()
            .iter()
            .any(|object| String::from_utf8_lossy(object).contains("parse_error"));
        assert!(is_reported || arrived.len() == 300);
    }
}
