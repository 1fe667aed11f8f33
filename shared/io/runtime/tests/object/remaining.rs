//! Objects that need several attempts: no record is lost or delivered twice.

use std::time::Duration;

use runtime::object::ObjectOutcome;
use testkit::collector::Fault;
use triggers::ObjectTask;

use crate::fixture::{Fixture, LONG, Parts, file, gzip, record, task};

#[tokio::test]
async fn a_truncated_body_is_continued() {
    let records: Vec<String> = (0..400).map(record).collect();
    let bytes = gzip(&file(&records));
    let mut fixture = Fixture::new(&[]).await;
    let mut half = Parts::of(&bytes[..bytes.len() / 2], 512);
    half.breaks = true;
    let ObjectOutcome::Remaining(rest, reason) = fixture.forward(&task(), half, LONG).await else {
        panic!("it is not whole");
    };
    assert!(reason.contains("ended early"), "{reason}");
    assert_eq!(fixture.arrived().len() as u64, rest.next_record);
    assert_eq!(
        fixture.forward(&rest, Parts::of(&bytes, 512), LONG).await,
        ObjectOutcome::Done
    );
    assert_eq!(
        fixture.arrived(),
        (0..400).collect::<Vec<_>>(),
        "nothing twice, nothing lost"
    );
}

#[tokio::test]
async fn a_body_that_ends_earlier_the_next_time_keeps_the_progress() {
    let records: Vec<String> = (0..400).map(record).collect();
    let bytes = gzip(&file(&records));
    let begun = ObjectTask {
        next_record: 300,
        delivered: vec![(310, 320)],
        ..task()
    };
    let mut fixture = Fixture::new(&[]).await;
    let mut half = Parts::of(&bytes[..bytes.len() / 2], 512);
    half.breaks = true;
    let ObjectOutcome::Remaining(rest, _) = fixture.forward(&begun, half, LONG).await else {
        panic!("it is not whole");
    };
    assert_eq!(*rest, begun);
    assert_eq!(fixture.arrived().len(), 0);
}

#[tokio::test]
async fn an_outage_of_the_collector_loses_nothing() {
    let records: Vec<String> = (0..400).map(record).collect();
    let bytes = gzip(&file(&records));
    let mut fixture = Fixture::new(&[]).await;
    fixture
        .collector
        .faults()
        .extend([Fault::Slow(Duration::ZERO), Fault::Slow(Duration::ZERO)]);
    fixture
        .collector
        .faults()
        .extend(vec![Fault::BusyCode9; 10_000]);
    let ObjectOutcome::Remaining(rest, _) = fixture
        .forward(&task(), Parts::of(&bytes, 4096), Duration::from_millis(400))
        .await
    else {
        panic!("the collector is busy");
    };
    let before = fixture.arrived();
    assert!(!before.is_empty() && before.len() < 400);
    assert!(fixture.reconciles());
    assert_eq!(fixture.metrics.counters.events_out as usize, before.len());
    // The collector accepts events again.
    let mut back = Fixture::new(&[]).await;
    assert_eq!(
        back.forward(&rest, Parts::of(&bytes, 4096), LONG).await,
        ObjectOutcome::Done
    );
    let mut all = [before, back.arrived()].concat();
    all.sort_unstable();
    assert_eq!(
        all,
        (0..400).collect::<Vec<_>>(),
        "nothing twice, nothing lost"
    );
}

#[tokio::test]
async fn a_deadline_stops_between_requests_and_the_rest_is_continued() {
    let records: Vec<String> = (0..2000).map(record).collect();
    let bytes = gzip(&file(&records));
    let mut fixture = Fixture::new(&[]).await;
    fixture
        .collector
        .faults()
        .extend(vec![Fault::Slow(Duration::from_millis(30)); 40]);
    let mut task = task();
    let mut rounds = 0;
    let mut time = Duration::from_millis(120);
    while let ObjectOutcome::Remaining(rest, reason) =
        fixture.forward(&task, Parts::of(&bytes, 4096), time).await
    {
        // On a slow machine the time may be over before an attempt begins.
        if *rest == task {
            time *= 2;
        }
        assert!(rounds < 60, "{} of 2000: {reason}", rest.next_record);
        task = *rest;
        rounds += 1;
    }
    let arrived = fixture.arrived();
    let distinct: std::collections::BTreeSet<usize> = arrived.iter().copied().collect();
    assert_eq!(distinct.len(), 2000, "nothing lost");
    assert!(rounds > 0);
    // Only events of a request that was interrupted at the deadline may be delivered twice.
    assert!(
        arrived.len() - distinct.len() <= rounds * 4 * 40,
        "{} twice",
        arrived.len() - distinct.len()
    );
}

/// Two values that are not records, and five records, one per line.
fn unparsed_and_records() -> Vec<u8> {
    let strange = ["[1,2]", r#"{"a":1}"#].map(|value| format!("{value}{}", " ".repeat(80)));
    let good: Vec<String> = (0..5).map(record).collect();
    [strange.as_slice(), &good].concat().join("\n").into_bytes()
}

fn fallback_events(fixture: &Fixture) -> usize {
    fixture.collector.events().len() - fixture.arrived().len()
}

#[tokio::test]
async fn values_that_were_set_aside_remain() {
    let bytes = unparsed_and_records();
    let mut fixture = Fixture::new(&[]).await;
    let mut begun = Parts::of(&bytes[..200], 50);
    begun.breaks = true;
    let ObjectOutcome::Remaining(rest, _) = fixture.forward(&task(), begun, LONG).await else {
        panic!("it is not whole");
    };
    assert_eq!((rest.next_record, fallback_events(&fixture)), (0, 0));
    assert_eq!(
        fixture.forward(&rest, Parts::of(&bytes, 50), LONG).await,
        ObjectOutcome::Done
    );
    assert_eq!(
        (fixture.arrived(), fallback_events(&fixture)),
        (vec![0, 1, 2, 3, 4], 2)
    );
}

#[tokio::test]
async fn an_undelivered_fallback_event_remains_as_its_value() {
    let bytes = unparsed_and_records();
    let mut fixture = Fixture::new(&[]).await;
    // Only the first object is accepted.
    fixture.collector.faults().push(Fault::BusyAt(1));
    fixture
        .collector
        .faults()
        .extend(vec![Fault::BusyCode9; 10_000]);
    let few = Duration::from_millis(300);
    let ObjectOutcome::Remaining(rest, _) =
        fixture.forward(&task(), Parts::of(&bytes, 4096), few).await
    else {
        panic!("the collector is busy");
    };
    assert_eq!(fixture.collector.events().len(), 1);
    let mut back = Fixture::new(&[]).await;
    assert_eq!(
        back.forward(&rest, Parts::of(&bytes, 50), LONG).await,
        ObjectOutcome::Done
    );
    let mut arrived = [fixture.arrived(), back.arrived()].concat();
    arrived.sort_unstable();
    assert_eq!(arrived, [0, 1, 2, 3, 4]);
    assert_eq!(fallback_events(&fixture) + fallback_events(&back), 2);
}

#[tokio::test]
async fn a_value_over_the_limit_does_not_affect_those_before_it() {
    let mut bytes = format!("[1,2]\n{{\"a\":1}}{}\n\"", " ".repeat(80)).into_bytes();
    bytes.resize(65 << 20, b'x');
    // With masking its fallback event has its length only, which is faster than its text.
    let mut fixture = Fixture::new(&[("MASK_MODE", "sha256")]).await;
    let parts = Parts::of(&bytes, 1 << 20);
    assert_eq!(
        fixture.forward(&task(), parts, LONG).await,
        ObjectOutcome::Done
    );
    assert_eq!(fallback_events(&fixture), 3);
    assert_eq!(fixture.metrics.counters.records_failed, 1);
    assert!(fixture.reconciles());
}

#[tokio::test]
async fn a_continued_object_is_known_to_hold_cloudtrail_events() {
    let mut lines: Vec<String> = (0..5).map(record).collect();
    lines.extend(["[1,2]".to_owned(), "{}".to_owned()]);
    let rest = ObjectTask {
        next_record: 5,
        ..task()
    };
    let mut fixture = Fixture::new(&[]).await;
    let parts = Parts::of(lines.join("\n").as_bytes(), 64);
    assert_eq!(
        fixture.forward(&rest, parts, LONG).await,
        ObjectOutcome::Done
    );
    assert_eq!((fixture.arrived().len(), fallback_events(&fixture)), (0, 2));
    assert!(fixture.reconciles());
}
