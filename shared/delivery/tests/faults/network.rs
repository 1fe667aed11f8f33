//! Connections that are refused, break or stay silent.

use std::time::{Duration, Instant};

use delivery::{Fault as Stopped, Patience};
use local::collector::Fault;

use crate::bench::{Bench, Tally};
use crate::common::{objects, patience, settings, sink};

#[tokio::test]
async fn a_refused_connection_leaves_everything() {
    let objects = objects(5);
    // A port that was free a moment ago.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let sink = sink(&settings(&url, &[]));
    let until = Instant::now() + Duration::from_secs(1);
    let sent = sink.send(&objects, until).await;
    assert!(matches!(sent.fault, Some(Stopped::Unavailable(_))));
    assert!(sent.retries > 0, "{sent:?}");
    assert_eq!(
        Tally::of(&objects, &sent, &[]),
        Tally {
            left: 5,
            requests: sent.retries + 1,
            retries: sent.retries,
            ..Tally::default()
        }
    );

    // Where the next pause would not end in time, there is no next request.
    fastrand::seed(7);
    let sink = sink.with_patience(Patience {
        first_pause: Duration::from_secs(36_000),
        longest_pause: Duration::from_secs(36_000),
        ..patience()
    });
    let sent = sink.send(&objects, Instant::now() + Duration::from_secs(9));
    let sent = sent.await;
    assert_eq!((sent.requests, sent.retries), (1, 0));
    let expected = Stopped::Unavailable("no connection, or no trusted one".to_owned());
    assert_eq!(sent.fault, Some(expected));
    assert_eq!(Tally::of(&objects, &sent, &[]).left, 5);
}

#[tokio::test]
async fn a_connection_that_breaks_is_tried_again() {
    // What breaks after indexing is sent twice: no reply tells that it is there already.
    for (fault, duplicates) in [(Fault::ResetMidBody, 0), (Fault::ResetAfterIndexing, 5)] {
        let bench = Bench::new([fault.clone()]).await;
        let (tally, stopped) = bench.send(&objects(5)).await;
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
    let bench = Bench::new([Fault::Slow(Duration::from_millis(100))]).await;
    let (tally, _) = bench.send(&objects(5)).await;
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
    let bench = Bench::new([silent]).await.patient(Patience {
        request: Duration::from_secs(1),
        ..patience()
    });
    let (tally, _) = bench.send(&objects(5)).await;
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
    let bench = Bench::new([Fault::Slow(Duration::from_secs(3600))]).await;
    let time = Duration::from_secs(1);
    let (tally, stopped) = bench.send_within(&objects(5), time).await;
    let expected = Tally {
        left: 5,
        requests: 1,
        ..Tally::default()
    };
    let why = Stopped::Unavailable("no reply in time".to_owned());
    assert_eq!((tally, stopped), (expected, Some(why)));
}
