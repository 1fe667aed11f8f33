//! Collectors that restart at random points and number acknowledgments from 0 again.
//!
//! Each run is a model test of acknowledgments with its own interleaving: several requests at
//! once, restarts, lost and repeated requests, lost and late replies, events that stay in the
//! collector's memory. `SIGHTLINE_SOAK_RUNS` says how many runs.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use hec::EventBatch;
use hec_client::{HecClient, RetryPolicy};
use testkit::collector::{Collector, CollectorOptions, Fault, Incidents};
use testkit::soak::{self, Run};
use tokio::task::JoinSet;

use crate::common::{objects, of, pair, retry_policy};

const ON: &[(&str, &str)] = &[("HEC_ACKS", "on"), ("HEC_MAX_BYTES", "10000")];

/// Runs at the same time; they mostly wait.
const PARALLEL: usize = 8;

/// Longer than [`short`] waits for a reply, so that late replies are lost.
const SLOW: Duration = Duration::from_millis(400);

fn short() -> RetryPolicy {
    RetryPolicy {
        request: Duration::from_millis(250),
        acknowledgment: Duration::from_millis(300),
        ..retry_policy()
    }
}

/// Some 25 requests.
fn many() -> EventBatch {
    let padding = "x".repeat(1000);
    of((0..200).map(|number| format!(r#"{{"event":{{"n":{number},"p":"{padding}"}}}}"#)))
}

/// Rounds until what is left is given up.
const MOST_ROUNDS: usize = 20;

/// More time than a round takes.
const TIME: Duration = Duration::from_secs(30);

/// What one run came to.
#[derive(Default)]
struct Outcome {
    accepted: usize,
    lost: usize,
    retries: u64,
}

/// Sends everything, what is left repeatedly as a queue would; loses what the collector has in
/// memory, and counts.
async fn outcome(objects: &EventBatch, collector: &Collector, client: &HecClient) -> Outcome {
    let mut outcome = Outcome::default();
    let mut left = objects.lines(0..objects.len()).to_vec();
    for _ in 0..MOST_ROUNDS {
        let round = EventBatch::from_lines(std::mem::take(&mut left));
        let report = client.send(&round, Instant::now() + TIME).await;
        assert!(report.rejected.is_empty(), "{:?}", report.rejected);
        outcome.accepted += report.accepted;
        outcome.retries += report.retries;
        for range in report.undelivered {
            left.extend_from_slice(round.lines(range));
        }
        if left.is_empty() {
            break;
        }
    }
    collector.restart();
    let mut arrived: HashSet<Vec<u8>> = collector.events().into_iter().collect();
    // Not delivered, and known not to be.
    arrived.extend(left.split(|byte| *byte == b'\n').map(<[u8]>::to_vec));
    let lines = (0..objects.len()).map(|number| objects.lines(number..number + 1));
    let is_lost = |line: &&[u8]| !arrived.contains(line.trim_ascii_end());
    outcome.lost = lines.filter(is_lost).count();
    outcome
}

async fn one(run: Run) -> Outcome {
    let incidents = Incidents::seeded(run.seed(), SLOW);
    let change = |options: &mut CollectorOptions| {
        options.acks = true;
        options.faults = incidents.requests;
        options.poll_faults = incidents.polls;
        options.unknown_channel = incidents.unknown_channel;
    };
    let (collector, client) = pair(change, ON).await;
    let outcome = outcome(&many(), &collector, &client.with_retry_policy(short())).await;
    assert_eq!(outcome.lost, 0, "events that were accepted are lost");
    outcome
}

#[tokio::test]
async fn nothing_is_lost_by_a_collector_that_restarts_at_random_points() {
    let mut runs = soak::runs().peekable();
    let mut all = Outcome::default();
    while runs.peek().is_some() {
        let mut group = JoinSet::new();
        for run in runs.by_ref().take(PARALLEL) {
            group.spawn(one(run));
        }
        for outcome in group.join_all().await {
            all.accepted += outcome.accepted;
            all.retries += outcome.retries;
        }
    }
    // Otherwise nothing was tested.
    assert!(all.accepted > 0 && all.retries > 0);
}

/// Three requests stay in memory and wait for ids 0 to 3. Some requests later the collector
/// restarts, and the next ones get these ids again: with one channel for all, the first three would
/// be told `true` for other events.
#[tokio::test]
async fn an_id_of_another_life_does_not_count() {
    let change = |options: &mut CollectorOptions| {
        options.acks = true;
        options.faults = vec![Fault::IndexedAfter(None); 3];
        options.faults.extend(vec![Fault::Slow(Duration::ZERO); 5]);
        options.faults.push(Fault::Restart);
        let soon = Some(Duration::from_millis(60));
        options.faults.extend(vec![Fault::IndexedAfter(soon); 40]);
    };
    let (collector, client) = pair(change, ON).await;
    let objects = many();
    let outcome = outcome(&objects, &collector, &client.with_retry_policy(short())).await;
    assert_eq!((outcome.accepted, outcome.lost), (objects.len(), 0));
    assert!(outcome.retries >= 4);
}

/// EventBatch before a rejected one are accepted by a reply without an acknowledgment id.
#[tokio::test]
async fn objects_before_a_busy_reply_are_acknowledged_too() {
    let change = |options: &mut CollectorOptions| {
        options.acks = true;
        options.faults = vec![Fault::BusyAtInMemory(3), Fault::BusyAtInMemory(2)];
    };
    let (collector, client) = pair(change, ON).await;
    let objects = objects(8);
    let outcome = outcome(&objects, &collector, &client.with_retry_policy(short())).await;
    assert_eq!((outcome.accepted, outcome.lost), (8, 0));
}
