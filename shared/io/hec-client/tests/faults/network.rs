//! Connections that break or stay silent.

use std::time::Duration;

use hec_client::{DeliveryError, RetryPolicy};
use testkit::collector::Fault;

use crate::common::{objects, retry_policy};
use crate::fixture::{Fixture, Tally};

#[tokio::test]
async fn a_connection_that_breaks_is_tried_again() {
    // What breaks after indexing is report twice: no reply tells that it is there already.
    for (fault, duplicates) in [(Fault::ResetMidBody, 0), (Fault::ResetAfterIndexing, 5)] {
        let fixture = Fixture::new([fault.clone()]).await;
        let (tally, stopped) = fixture.send(&objects(5)).await;
        let expected = Tally {
            accepted: 5,
            requests: 2,
            retries: 1,
            events: 5 + duplicates,
            duplicates,
            ..Tally::default()
        };
        assert_eq!((tally, stopped), (expected, None), "{fault:?}");
    }
}

#[tokio::test]
async fn a_collector_that_is_slow_is_waited_for() {
    let fixture = Fixture::new([Fault::Slow(Duration::from_millis(100))]).await;
    let (tally, _) = fixture.send(&objects(5)).await;
    let expected = Tally {
        accepted: 5,
        requests: 1,
        events: 5,
        ..Tally::default()
    };
    assert_eq!(tally, expected);
}

#[tokio::test]
async fn a_collector_that_is_silent_is_asked_again() {
    let silent = Fault::Slow(Duration::from_secs(3600));
    let fixture = Fixture::new([silent]).await.patient(RetryPolicy {
        request: Duration::from_secs(1),
        ..retry_policy()
    });
    let (tally, _) = fixture.send(&objects(5)).await;
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
async fn silence_beyond_the_deadline_leaves_everything() {
    let fixture = Fixture::new([Fault::Slow(Duration::from_secs(3600))]).await;
    let time = Duration::from_secs(1);
    let (tally, stopped) = fixture.send_within(&objects(5), time).await;
    let expected = Tally {
        left: 5,
        requests: 1,
        ..Tally::default()
    };
    let why = DeliveryError::Unavailable("no reply in time".to_owned());
    assert_eq!((tally, stopped), (expected, Some(why)));
}
