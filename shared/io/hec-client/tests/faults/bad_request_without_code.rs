//! 400 without a HEC code: it does not say whether an event or a setting is wrong.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use hec::EventBatch;
use hec_client::DeliveryError;
use testkit::collector::{CollectorOptions, Fault};

use crate::common::{client, objects, of, settings};
use crate::fixture::{Fixture, Tally, left, status};
use crate::stub::{Reply, Stub, soon};

#[tokio::test]
async fn a_400_without_a_code_for_everything_refuses_nothing() {
    // Every part of a small batch is tried, and a large one until the budget is used up.
    for (count, requests) in [(8, 15), (2, 3), (1, 1), (1000, BUDGET)] {
        let stop_all = |options: &mut CollectorOptions| {
            options.firewall = Some("event".to_owned());
        };
        let fixture = Fixture::with(stop_all, &[]).await;
        let (tally, stopped) = fixture.send(&objects(count)).await;
        assert!((requests..=requests + CONCURRENT).contains(&tally.requests));
        let expected = Some(DeliveryError::BadRequestWithoutCode);
        assert_eq!((&tally, stopped), (&left(count, tally.requests), expected));
    }
}

#[tokio::test]
async fn a_400_without_a_code_for_one_object_refuses_that() {
    // The number of the object, and the requests that find it among eight.
    for (bad, requests) in [(0, 7), (3, 7), (4, 7), (7, 7)] {
        let (fixture, objects) = firewall(&[bad], &[]).await;
        let (tally, stopped) = fixture.send(&objects).await;
        let expected = Tally {
            accepted: 7,
            rejected: vec![(bad, "http-400")],
            requests,
            events: 7,
            ..Tally::default()
        };
        assert_eq!((tally, stopped), (expected, None), "{bad}");
    }
}

#[tokio::test]
async fn a_400_for_everything_refuses_nothing_though_earlier_rounds_were_taken() {
    for batch in ["concatenated", "single"] {
        let fixture = Fixture::with(|_| {}, &[("HEC_BATCH", batch)]).await;
        let (tally, stopped) = fixture.send(&objects(5)).await;
        assert_eq!((tally.accepted, stopped), (5, None));
        fixture.collector.faults().extend(vec![status(400); 100]);
        let (tally, stopped) = fixture.send(&objects(8)).await;
        assert_eq!(
            (tally.accepted, tally.left, tally.rejected.len()),
            (0, 8, 0),
            "{batch}"
        );
        assert!(tally.requests <= 15, "{tally:?}");
        assert_eq!(stopped, Some(DeliveryError::BadRequestWithoutCode));
    }
}

#[tokio::test]
async fn a_bad_object_alone_in_its_request_is_known_by_the_others() {
    for bad in 0..8 {
        let (fixture, objects) = firewall(&[bad], &[("HEC_BATCH", "single")]).await;
        let (tally, stopped) = fixture.send(&objects).await;
        let expected = Tally {
            accepted: 7,
            rejected: vec![(bad, "http-400")],
            requests: 8,
            events: 7,
            ..Tally::default()
        };
        assert_eq!((tally, stopped), (expected, None), "{bad}");
    }
}

#[tokio::test]
async fn an_object_too_large_for_company_costs_only_itself() {
    let mut lines = vec![format!(r#"{{"event":"<script>{}"}}"#, "x".repeat(12_000))];
    lines.extend((0..9).map(|number| format!(r#"{{"event":{number}}}"#)));
    let stop = |options: &mut CollectorOptions| options.firewall = Some("<script>".to_owned());
    let fixture = Fixture::with(stop, &[("HEC_MAX_BYTES", "10000")]).await;
    let (tally, stopped) = fixture.send(&of(lines)).await;
    assert_eq!((tally.accepted, stopped), (9, None));
    assert_eq!(tally.rejected, [(0, "http-400")]);
}

#[tokio::test]
async fn what_is_taken_meanwhile_tells_that_halves_are_bad() {
    let late = |status, milliseconds| {
        let body = if status == 200 { r#"{"code":0}"# } else { "" };
        Reply::new(status, body).after(Duration::from_millis(milliseconds))
    };
    // One request of two bad objects, one of a good one. The good one is taken while the halves
    // of the others are under way.
    let stub = Stub::start(move |seen| match seen.plain().matches("bad").count() {
        0 => late(200, 150),
        1 => late(400, 300),
        _ => late(400, 0),
    });
    let stub = stub.await;
    let pairs = [("HEC_MAX_BYTES", "10000")];
    let client = client(&settings(&stub.url("/"), &pairs));
    let [bad, good] = ["bad", "good"].map(|what| format!(r#"{{"event":"{what}{:4000}"}}"#, ""));
    let objects = of([&bad, &bad, &good]);
    let report = client.send(&objects, soon()).await;
    let rejected: Vec<usize> = report.rejected.iter().map(|event| event.number).collect();
    assert_eq!(
        (report.accepted, &rejected[..], report.error),
        (1, &[0, 1][..], None)
    );
}

/// Replies of 400 in a row that stop a run, and the most requests that are under way besides.
const BUDGET: u64 = 32;
const CONCURRENT: u64 = 3;

/// Eight objects, of which the `bad` ones are stopped on their way.
async fn firewall(bad: &[usize], pairs: &[(&str, &str)]) -> (Fixture, EventBatch) {
    firewall_of(8, bad, pairs).await
}

/// As many, of which the `bad` ones are stopped on their way.
async fn firewall_of(count: usize, bad: &[usize], pairs: &[(&str, &str)]) -> (Fixture, EventBatch) {
    let event = |number| {
        if bad.contains(&number) {
            "<script>"
        } else {
            "good"
        }
    };
    let lines = (0..count).map(|number| format!(r#"{{"event":"{number} {}"}}"#, event(number)));
    let firewall = Some("<script>".to_owned());
    let fixture = Fixture::with(|options| options.firewall = firewall, pairs).await;
    (fixture, of(lines))
}

#[tokio::test]
async fn a_half_that_is_stopped_tells_nothing_of_the_other() {
    let outage = Fault::Status {
        status: 503,
        retry_after: Some(3600),
    };
    let fixture = Fixture::new([status(400), status(400), outage]).await;
    let (tally, stopped) = fixture.send(&objects(2)).await;
    let why = DeliveryError::Unavailable("HTTP 503 without a HEC reply".to_owned());
    assert_eq!((tally, stopped), (left(2, 3), Some(why)));
}

#[tokio::test]
async fn what_a_half_has_indexed_proves_that_the_rest_is_bad() {
    let busy = Fault::BusyAt(1);
    let faults = [status(400), status(400), busy].into_iter();
    let fixture = Fixture::new(faults.chain(vec![status(400); 100])).await;
    let (tally, stopped) = fixture
        .send_within(&objects(4), Duration::from_secs(30))
        .await;
    assert_eq!((tally.accepted, tally.left, tally.events), (1, 0, 1));
    assert_eq!((tally.rejected.len(), stopped), (3, None));
}

#[tokio::test]
async fn bad_objects_anywhere_are_refused_and_all_others_taken() {
    let single = &[("HEC_BATCH", "single")][..];
    let run = |first: usize| (first..first + 10).collect::<Vec<_>>();
    for (count, bad, pairs) in [
        (8, vec![1, 6], &[][..]),
        (10, vec![2, 7], &[]),
        (40, vec![0, 1], single),
        (40, vec![0, 1, 2, 3], single),
        (110, run(45), &[]),
        (110, run(50), &[]),
        (110, run(0), &[]),
        (110, run(100), &[]),
        (110, run(0), single),
        (110, run(50), single),
    ] {
        let (fixture, objects) = firewall_of(count, &bad, pairs).await;
        let (tally, stopped) = fixture.send(&objects).await;
        let rejected: Vec<usize> = tally.rejected.iter().map(|(object, _)| *object).collect();
        let case = format!("{bad:?} {pairs:?}");
        assert_eq!(
            (tally.accepted, stopped),
            (count - bad.len(), None),
            "{case}"
        );
        assert_eq!(rejected, bad, "{case}");
    }
}

#[tokio::test]
async fn a_gateway_that_turns_in_the_middle_of_a_round_costs_nothing() {
    for (taken, pairs) in [
        // Six requests of ten objects each, the first of which is taken.
        (1, ("HEC_MAX_BYTES", "10000")),
        (3, ("HEC_MAX_BYTES", "10000")),
        (1, ("HEC_BATCH", "single")),
        (20, ("HEC_BATCH", "single")),
    ] {
        let asked = AtomicUsize::new(0);
        let stub = Stub::start(move |_| match asked.fetch_add(1, Relaxed) {
            number if number < taken => Reply::new(200, r#"{"code":0}"#),
            _ => Reply::new(400, "no"),
        });
        let stub = stub.await;
        let client = client(&settings(&stub.url("/"), &[pairs]));
        let lines = (0..60).map(|number| format!(r#"{{"event":"{number:960}"}}"#));
        let report = client.send(&of(lines), soon()).await;
        let left: usize = report.undelivered.iter().map(std::ops::Range::len).sum();
        assert_eq!(
            (&report.rejected[..], report.accepted + left),
            (&[][..], 60)
        );
        assert_eq!(
            report.accepted,
            if pairs.1 == "single" {
                taken
            } else {
                taken * 10
            }
        );
        assert_eq!(report.error, Some(DeliveryError::BadRequestWithoutCode));
        let most = taken as u64 + BUDGET + CONCURRENT;
        assert!(report.requests <= most, "{report:?}");
    }
}

#[tokio::test]
async fn a_gateway_that_turns_near_the_end_costs_dead_letters_at_most() {
    // Fewer events than the budget are left when everything is rejected.
    for first in [Duration::ZERO, Duration::from_millis(300)] {
        let asked = AtomicUsize::new(0);
        let stub = Stub::start(move |_| match asked.fetch_add(1, Relaxed) {
            0 => Reply::new(200, r#"{"code":0}"#).after(first),
            _ => Reply::new(400, ""),
        });
        let stub = stub.await;
        let client = client(&settings(&stub.url("/"), &[("HEC_BATCH", "single")]));
        let report = client.send(&objects(8), soon()).await;
        assert_eq!((report.accepted, report.rejected.len()), (1, 7));
        assert_eq!(report.error, None);
        // Nothing is accepted from now on, and nothing becomes a dead letter.
        let report = client.send(&objects(8), soon()).await;
        assert_eq!((report.accepted, report.rejected.len()), (0, 0));
        assert_eq!(report.error, Some(DeliveryError::BadRequestWithoutCode));
    }
}

#[tokio::test]
async fn a_single_good_object_is_found_anywhere() {
    for good in 0..8 {
        let bad: Vec<usize> = (0..8).filter(|number| *number != good).collect();
        let (fixture, objects) = firewall(&bad, &[]).await;
        let (tally, stopped) = fixture.send(&objects).await;
        assert_eq!((tally.accepted, tally.rejected.len()), (1, 7), "{good}");
        assert_eq!((tally.requests, stopped), (15, None));
    }
}
