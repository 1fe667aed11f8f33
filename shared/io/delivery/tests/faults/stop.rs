//! Sending that is asked to stop.

use std::time::{Duration, Instant};

use delivery::{Fault as Stopped, Patience, Sink};
use hec::EventBatch;
use testkit::collector::Fault;
use tokio::sync::watch;

use crate::bench::{Bench, Tally};
use crate::common::{objects, patience};

/// One object a request.
const SINGLE: &[(&str, &str)] = &[("HEC_BATCH", "single")];

/// More requests than are under way at the same time.
const MANY: usize = 10;

/// No test waits for so long: only the stop ends its round.
const HOURS: Duration = Duration::from_secs(36_000);

async fn bench(faults: Vec<Fault>, patience: Patience) -> Bench {
    let bench = Bench::with(|options| options.faults = faults, SINGLE).await;
    bench.patient(patience)
}

/// Sends until the collector has seen a request, and then asks for the stop.
async fn stopped(bench: Bench, objects: &EventBatch) -> (Tally, Option<Stopped>) {
    let Bench { collector, sink } = bench;
    let (stop, receiver) = watch::channel(false);
    let sink: Sink = sink.with_stop(receiver);
    let sending = sink.send(objects, Instant::now() + HOURS);
    let stopping = async {
        while collector.stats().requests == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        stop.send_replace(true);
    };
    let (sent, ()) = tokio::join!(sending, stopping);
    let tally = Tally::of(objects, &sent, &collector.events());
    let again = sink.send(objects, Instant::now() + HOURS).await;
    assert_eq!((again.accepted, again.requests), (0, 0), "it stays stopped");
    (tally, sent.fault)
}

#[tokio::test]
async fn what_is_under_way_is_finished_and_counted() {
    let slow = vec![Fault::Slow(Duration::from_millis(300)); MANY];
    let (tally, fault) = stopped(bench(slow, patience()).await, &objects(MANY)).await;
    assert_eq!(fault, Some(Stopped::Stopped));
    assert!(tally.accepted > 0 && tally.left > 0, "{tally:?}");
    assert_eq!(tally.events, tally.accepted, "{tally:?}");
}

#[tokio::test]
async fn a_pause_between_attempts_ends_at_once() {
    let busy = vec![Fault::BusyCode9; 100];
    let pauses = Patience {
        first_pause: HOURS / 10,
        longest_pause: HOURS / 10,
        ..patience()
    };
    let (tally, fault) = stopped(bench(busy, pauses).await, &objects(MANY)).await;
    assert_eq!(fault, Some(Stopped::Stopped));
    assert_eq!((tally.accepted, tally.left), (0, MANY), "{tally:?}");
}

#[tokio::test]
async fn a_request_without_a_reply_is_given_up() {
    let silent = vec![Fault::Slow(HOURS); MANY];
    let impatient = Patience {
        request: HOURS,
        stop: Duration::from_millis(50),
        ..patience()
    };
    let (tally, fault) = stopped(bench(silent, impatient).await, &objects(MANY)).await;
    assert_eq!(fault, Some(Stopped::Stopped));
    assert_eq!((tally.accepted, tally.left), (0, MANY), "{tally:?}");
}
