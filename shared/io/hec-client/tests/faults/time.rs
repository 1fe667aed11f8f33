//! The deadline, and what `Retry-After` asks for.

use std::time::{Duration, Instant};

use hec::EventBatch;
use hec_client::{DeliveryError, RetryPolicy};
use testkit::collector::{CollectorOptions, Fault};

use crate::common::{objects, retry_policy};
use crate::fixture::{Fixture, Tally};

fn later(status: u16, seconds: u64) -> Fault {
    Fault::Status {
        status,
        retry_after: Some(seconds),
    }
}

#[tokio::test]
async fn retry_after_is_honoured() {
    let fixture = Fixture::new([later(429, 1)]).await;
    let began = Instant::now();
    let (tally, _) = fixture.send(&objects(5)).await;
    assert!(began.elapsed() >= Duration::from_secs(1));
    let expected = Tally {
        accepted: 5,
        requests: 2,
        retries: 1,
        events: 5,
        ..Tally::default()
    };
    assert_eq!(tally, expected);
}

#[tokio::test]
async fn retry_after_beyond_the_deadline_ends_the_round_at_once() {
    for (status, seconds) in [(429, 3600), (503, u64::MAX)] {
        let fixture = Fixture::new([later(status, seconds)]).await;
        let (tally, stopped) = fixture.send(&objects(5)).await;
        let expected = Tally {
            left: 5,
            requests: 1,
            ..Tally::default()
        };
        let note = format!("HTTP {status} without a HEC reply");
        let why = DeliveryError::Unavailable(note);
        assert_eq!((tally, stopped), (expected, Some(why)), "{status}");
    }
}

#[tokio::test]
async fn retry_after_nothing_is_no_reason_to_hurry() {
    // The random pause stays: here it is hours long, so that there is no second request.
    fastrand::seed(7);
    let fixture = Fixture::new([later(503, 0)]).await.patient(RetryPolicy {
        first_pause: Duration::from_secs(36_000),
        longest_pause: Duration::from_secs(36_000),
        ..retry_policy()
    });
    let (tally, _) = fixture.send(&objects(5)).await;
    assert_eq!((tally.left, tally.requests), (5, 1));
}

#[tokio::test]
async fn without_time_everything_is_left() {
    let fixture = Fixture::new([]).await;
    let (tally, stopped) = fixture.send_within(&objects(5), Duration::ZERO).await;
    let expected = Tally {
        left: 5,
        ..Tally::default()
    };
    let why = DeliveryError::Unavailable("no time is left".to_owned());
    assert_eq!((tally, stopped), (expected, Some(why)));
}

#[tokio::test]
async fn nothing_takes_no_request() {
    let fixture = Fixture::new([]).await;
    let (tally, stopped) = fixture.send(&EventBatch::default()).await;
    assert_eq!((tally, stopped), (Tally::default(), None));
}

#[tokio::test]
async fn what_an_outage_leaves_is_delivered_later() {
    let objects = objects(5);
    let fixture = Fixture::new([Fault::BusyAt(2), later(503, 3600)]).await;
    let report = fixture
        .client
        .send(&objects, Instant::now() + Duration::from_secs(30))
        .await;
    let tally = Tally::of(&objects, &report, &fixture.collector.events());
    let expected = Tally {
        accepted: 2,
        left: 3,
        requests: 2,
        retries: 1,
        events: 2,
        ..Tally::default()
    };
    assert_eq!(tally, expected);

    let left = report
        .undelivered
        .into_iter()
        .map(|range| objects.lines(range));
    let left = EventBatch::from_lines(left.collect::<Vec<_>>().concat());
    let (tally, _) = fixture.send(&left).await;
    let expected = Tally {
        accepted: 3,
        requests: 1,
        events: 5,
        ..Tally::default()
    };
    assert_eq!(tally, expected);
}

#[tokio::test]
async fn nobody_waits_once_the_round_is_over() {
    // Two requests under way: one is to come back in ten minutes, the other ends the round.
    let change = |options: &mut CollectorOptions| {
        options.faults = vec![later(503, 600), Fault::WrongIndex];
    };
    let fixture = Fixture::with(change, &[("HEC_BATCH", "single")]).await;
    let hour = Duration::from_secs(3600);
    let (tally, stopped) = fixture.send_within(&objects(2), hour).await;
    let expected = Tally {
        left: 2,
        requests: 2,
        ..Tally::default()
    };
    let why = DeliveryError::Misconfigured("HTTP 400, code 7".to_owned());
    assert_eq!((tally, stopped), (expected, Some(why)));
}
