//! Sending that is asked to stop.

use std::time::{Duration, Instant};

use hec::EventBatch;
use hec_client::{DeliveryError, HecClient, RetryPolicy};
use testkit::collector::Fault;
use tokio::sync::watch;

use crate::common::{objects, retry_policy};
use crate::fixture::{Fixture, Tally};

/// One object a request.
const SINGLE: &[(&str, &str)] = &[("HEC_BATCH", "single")];

/// More requests than are under way at the same time.
const MANY: usize = 10;

/// No test waits for so long: only the stop ends its round.
const HOURS: Duration = Duration::from_secs(36_000);

async fn fixture(faults: Vec<Fault>, patience: RetryPolicy) -> Fixture {
    let fixture = Fixture::with(|options| options.faults = faults, SINGLE).await;
    fixture.patient(patience)
}

/// Sends until the collector has seen a request, and then asks for the stop.
async fn stopped(fixture: Fixture, objects: &EventBatch) -> (Tally, Option<DeliveryError>) {
    let Fixture { collector, client } = fixture;
    let (stop, receiver) = watch::channel(false);
    let client: HecClient = client.with_stop(receiver);
    let sending = client.send(objects, Instant::now() + HOURS);
    let stopping = async {
        while collector.stats().requests == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        stop.send_replace(true);
    };
    let (report, ()) = tokio::join!(sending, stopping);
    let tally = Tally::of(objects, &report, &collector.events());
    let again = client.send(objects, Instant::now() + HOURS).await;
    assert_eq!((again.accepted, again.requests), (0, 0), "it stays stopped");
    (tally, report.error)
}

#[tokio::test]
async fn what_is_under_way_is_finished_and_counted() {
    let slow = vec![Fault::Slow(Duration::from_millis(300)); MANY];
    let (tally, fault) = stopped(fixture(slow, retry_policy()).await, &objects(MANY)).await;
    assert_eq!(fault, Some(DeliveryError::Stopped));
    assert!(tally.accepted > 0 && tally.left > 0, "{tally:?}");
    assert_eq!(tally.events, tally.accepted, "{tally:?}");
}

#[tokio::test]
async fn a_pause_between_attempts_ends_at_once() {
    let busy = vec![Fault::BusyCode9; 100];
    let pauses = RetryPolicy {
        first_pause: HOURS / 10,
        longest_pause: HOURS / 10,
        ..retry_policy()
    };
    let (tally, fault) = stopped(fixture(busy, pauses).await, &objects(MANY)).await;
    assert_eq!(fault, Some(DeliveryError::Stopped));
    assert_eq!((tally.accepted, tally.left), (0, MANY), "{tally:?}");
}

#[tokio::test]
async fn a_request_without_a_reply_is_given_up() {
    let silent = vec![Fault::Slow(HOURS); MANY];
    let impatient = RetryPolicy {
        request: HOURS,
        stop: Duration::from_millis(50),
        ..retry_policy()
    };
    let (tally, fault) = stopped(fixture(silent, impatient).await, &objects(MANY)).await;
    assert_eq!(fault, Some(DeliveryError::Stopped));
    assert_eq!((tally.accepted, tally.left), (0, MANY), "{tally:?}");
}
