//! Objects that are not done in one go: nothing lost, nothing twice.

use std::time::Duration;

use runtime::object::ObjectOutcome;
use testkit::collector::Fault;
use triggers::ObjectTask;

use crate::fixture::{Fixture, LONG, Parts, file, gzip, record, task};

#[tokio::test]
async fn what_broke_off_on_its_way_is_continued() {
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
async fn what_breaks_off_earlier_the_next_time_does_not_go_back() {
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
async fn a_collector_that_goes_away_costs_nothing() {
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
    // The collector is back.
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
        // On a slow machine a round may be over before it has begun.
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
    // A request that is cut off at the deadline may have been heard: those alone come twice.
    assert!(
        arrived.len() - distinct.len() <= rounds * 4 * 40,
        "{} twice",
        arrived.len() - distinct.len()
    );
}

/// Two values that are no records, and five records, one a line.
fn strange_lines() -> Vec<u8> {
    let strange = ["[1,2]", r#"{"a":1}"#].map(|value| format!("{value}{}", " ".repeat(80)));
    let good: Vec<String> = (0..5).map(record).collect();
    [strange.as_slice(), &good].concat().join("\n").into_bytes()
}

fn stand_ins(fixture: &Fixture) -> usize {
    fixture.collector.events().len() - fixture.arrived().len()
}

#[tokio::test]
async fn values_that_wait_to_be_judged_are_part_of_the_rest() {
    let bytes = strange_lines();
    let mut fixture = Fixture::new(&[]).await;
    let mut begun = Parts::of(&bytes[..200], 50);
    begun.breaks = true;
    let ObjectOutcome::Remaining(rest, _) = fixture.forward(&task(), begun, LONG).await else {
        panic!("it is not whole");
    };
    assert_eq!((rest.next_record, stand_ins(&fixture)), (0, 0));
    assert_eq!(
        fixture.forward(&rest, Parts::of(&bytes, 50), LONG).await,
        ObjectOutcome::Done
    );
    assert_eq!(
        (fixture.arrived(), stand_ins(&fixture)),
        (vec![0, 1, 2, 3, 4], 2)
    );
}

#[tokio::test]
async fn what_stands_for_a_value_is_left_as_that_value() {
    let bytes = strange_lines();
    let mut fixture = Fixture::new(&[]).await;
    // The first object is taken, and nothing else.
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
    assert_eq!(stand_ins(&fixture) + stand_ins(&back), 2);
}

#[tokio::test]
async fn a_value_without_end_does_not_cost_those_before_it() {
    let mut bytes = format!("[1,2]\n{{\"a\":1}}{}\n\"", " ".repeat(80)).into_bytes();
    bytes.resize(65 << 20, b'x');
    // What stands for it tells its length, which is quicker than sending it.
    let mut fixture = Fixture::new(&[("MASK_MODE", "sha256")]).await;
    let parts = Parts::of(&bytes, 1 << 20);
    assert_eq!(
        fixture.forward(&task(), parts, LONG).await,
        ObjectOutcome::Done
    );
    assert_eq!(stand_ins(&fixture), 3);
    assert_eq!(fixture.metrics.counters.records_failed, 1);
    assert!(fixture.reconciles());
}

#[tokio::test]
async fn the_rest_of_an_object_is_known_by_its_beginning() {
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
    assert_eq!((fixture.arrived().len(), stand_ins(&fixture)), (0, 2));
    assert!(fixture.reconciles());
}
