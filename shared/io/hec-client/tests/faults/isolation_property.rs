//! 400 without a HEC code for requests that hold any of a random set of events.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::common::{client, of, settings};
use crate::stub::{Reply, Stub, soon};

/// Runs in which every good event is accepted.
const RUNS: usize = 3;

/// The budget of replies without a code, and the requests under way besides.
const BUDGET: usize = 32;
const CONCURRENT: usize = 3;

/// Events, the bad ones among them, and how they are sent.
#[derive(Clone, Debug)]
struct Case {
    is_bad: Vec<bool>,
    pair: (&'static str, &'static str),
}

fn pairs() -> impl Strategy<Value = (&'static str, &'static str)> {
    prop_oneof![
        Just(("HEC_BATCH", "concatenated")),
        Just(("HEC_BATCH", "single")),
        // Requests of about ten events.
        Just(("HEC_MAX_BYTES", "10000")),
    ]
}

/// Up to this part of the events is bad, spread at random.
fn cases(part: f64) -> impl Strategy<Value = Case> {
    let spread = (1_usize..60, 0.0..=part).prop_flat_map(|(count, part)| {
        let bad = (count as f64 * part) as usize;
        let is_bad: Vec<bool> = (0..count).map(|number| number < bad).collect();
        Just(is_bad).prop_shuffle()
    });
    (spread, pairs()).prop_map(|(is_bad, pair)| Case { is_bad, pair })
}

fn line(number: usize, is_bad: bool) -> String {
    let what = if is_bad { "bad" } else { "good" };
    format!(r#"{{"event":"{what} {number:<950}"}}"#)
}

/// Runs the same random cases each time.
fn check<T, F>(cases: T, holds: impl Fn(T::Value) -> F)
where
    T: Strategy<Value: Clone>,
    F: Future<Output = Result<(), TestCaseError>>,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let config = Config {
        cases: 60,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let result = runner.run(&cases, |case| runtime.block_on(holds(case)));
    result.unwrap();
}

async fn firewall() -> Stub {
    Stub::start(|seen| {
        if seen.plain().contains("bad ") {
            Reply::new(400, "")
        } else {
            Reply::new(200, r#"{"code":0}"#)
        }
    })
    .await
}

/// One run: its report, which loses nothing, rejects no good event, rejects nothing if nothing was
/// accepted, and keeps to the bounds on requests.
async fn run(stub: &Stub, case: &Case) -> Result<(usize, Vec<usize>), TestCaseError> {
    let client = client(&settings(&stub.url("/"), &[case.pair]));
    let lines = case.is_bad.iter().enumerate();
    let objects = of(lines.map(|(at, is_bad)| line(at, *is_bad)));
    let report = client.send(&objects, soon()).await;
    let undelivered: BTreeSet<usize> = report.undelivered.iter().cloned().flatten().collect();
    let rejected: BTreeSet<usize> = report.rejected.iter().map(|r| r.number).collect();
    prop_assert!(undelivered.is_disjoint(&rejected));
    let counted = report.accepted + rejected.len() + undelivered.len();
    prop_assert_eq!(counted, case.is_bad.len());
    prop_assert_eq!(report.error.is_some(), !undelivered.is_empty());
    prop_assert!(report.accepted > 0 || rejected.is_empty());
    for event in rejected {
        prop_assert!(case.is_bad[event], "{event} is good");
    }
    let requests = report.requests as usize;
    if report.accepted == 0 {
        prop_assert!(requests <= BUDGET + CONCURRENT, "{requests}");
    }
    let bad = case.is_bad.iter().filter(|is_bad| **is_bad).count();
    let depth = case.is_bad.len().next_power_of_two().ilog2() as usize;
    // Batches of at least nine events, or single ones.
    let batches = match case.pair.1 {
        "concatenated" => 1,
        "single" => case.is_bad.len(),
        _ => case.is_bad.len().div_ceil(9),
    };
    prop_assert!(requests <= batches + 2 * bad * depth, "{requests}");
    Ok((report.accepted, undelivered.into_iter().collect()))
}

#[test]
fn every_good_event_is_accepted_and_no_good_event_rejected() {
    check(cases(0.5), |mut case: Case| async move {
        let stub = firewall().await;
        let good = case.is_bad.iter().filter(|is_bad| !**is_bad).count();
        let mut accepted = 0;
        for _ in 0..RUNS {
            let (count, undelivered) = run(&stub, &case).await?;
            accepted += count;
            case.is_bad = undelivered.iter().map(|at| case.is_bad[*at]).collect();
        }
        prop_assert_eq!(accepted, good);
        Ok(())
    });
}

#[test]
fn no_event_is_lost_whatever_is_bad() {
    check(cases(1.0), |case: Case| async move {
        run(&firewall().await, &case).await.map(drop)
    });
}
