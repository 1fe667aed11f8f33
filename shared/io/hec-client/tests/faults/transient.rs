//! Replies that pass.

use testkit::collector::{Fault, ReplyCode};

use crate::common::objects;
use crate::fixture::{Fixture, Tally};

fn status(status: u16) -> Fault {
    Fault::Status {
        status,
        retry_after: None,
    }
}

/// Everything accepted, each object once, after so many requests that were not.
fn after(retries: u64) -> Tally {
    Tally {
        accepted: 5,
        requests: retries + 1,
        retries,
        events: 5,
        ..Tally::default()
    }
}

#[tokio::test]
async fn busy_collectors_are_asked_again() {
    let code = Fault::Reply;
    for faults in [
        vec![Fault::BusyCode9],
        vec![code(ReplyCode::InternalServerError)],
        vec![code(ReplyCode::ShuttingDown)],
        vec![code(ReplyCode::QueueFull)],
        vec![code(ReplyCode::AcksFull)],
        [408, 425, 429, 500, 502, 503, 504].map(status).to_vec(),
        vec![Fault::HtmlOk],
        vec![status(200)],
        vec![Fault::BusyCode9; 25],
        vec![
            Fault::ResetMidBody,
            Fault::HtmlOk,
            Fault::BusyCode9,
            status(502),
        ],
    ] {
        let fixture = Fixture::new(faults.clone()).await;
        let (tally, stopped) = fixture.send(&objects(5)).await;
        let retries = faults.len() as u64;
        assert_eq!((tally, stopped), (after(retries), None), "{faults:?}");
        assert_eq!(fixture.collector.stats().requests, retries + 1);
    }
}

#[tokio::test]
async fn what_is_indexed_before_a_full_queue_is_not_sent_again() {
    for faults in [
        vec![Fault::BusyAt(0)],
        vec![Fault::BusyAt(3)],
        vec![Fault::BusyAt(4)],
        // Counted in the request, not in the round.
        vec![Fault::BusyAt(1), Fault::BusyAt(1), Fault::BusyAt(2)],
    ] {
        let fixture = Fixture::new(faults.clone()).await;
        let (tally, stopped) = fixture.send(&objects(5)).await;
        let retries = faults.len() as u64;
        assert_eq!((tally, stopped), (after(retries), None), "{faults:?}");
    }
}

#[tokio::test]
async fn a_success_with_a_warning_is_a_success() {
    for code in [
        ReplyCode::Success,
        ReplyCode::QueueNearlyFull,
        ReplyCode::AcksNearlyFull,
    ] {
        let fixture = Fixture::new([Fault::SuccessAs(code)]).await;
        let (tally, stopped) = fixture.send(&objects(5)).await;
        assert_eq!((tally, stopped), (after(0), None), "{code:?}");
    }
}
