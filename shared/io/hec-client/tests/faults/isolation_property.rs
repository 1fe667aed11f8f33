//! 400 without a HEC code for requests that hold any of a random set of objects.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::common::{client, of, settings};
use crate::stub::{Reply, Stub, soon};

/// Rounds in which all that is good is to be taken.
const ROUNDS: usize = 3;

/// EventBatch and the bad ones among them, and how they are report.
#[derive(Clone, Debug)]
struct Case {
    is_bad: Vec<bool>,
    pair: (&'static str, &'static str),
}

/// At most half of the objects is bad, spread at random.
fn cases() -> impl Strategy<Value = Case> {
    let pair = prop_oneof![
        Just(("HEC_BATCH", "concatenated")),
        Just(("HEC_BATCH", "single")),
        // Requests of about ten objects.
        Just(("HEC_MAX_BYTES", "10000")),
    ];
    let spread = (1_usize..60, 0.0..=0.5_f64).prop_flat_map(|(count, part)| {
        let bad = (count as f64 * part) as usize;
        let is_bad: Vec<bool> = (0..count).map(|number| number < bad).collect();
        Just(is_bad).prop_shuffle()
    });
    (spread, pair).prop_map(|(is_bad, pair)| Case { is_bad, pair })
}

fn line(number: usize, is_bad: bool) -> String {
    let what = if is_bad { "bad" } else { "good" };
    format!(r#"{{"event":"{what} {number:<950}"}}"#)
}

#[test]
fn no_good_object_is_refused_and_all_are_taken_in_the_end() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let config = Config {
        cases: 60,
        failure_persistence: None,
        ..Config::default()
    };
    // The same cases each time: with half of the objects bad, not every draw is taken in three.
    let mut runner = TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let result = runner.run(&cases(), |case| runtime.block_on(holds(&case)));
    result.unwrap();
}

async fn holds(case: &Case) -> Result<(), TestCaseError> {
    let stub = Stub::start(|seen| {
        if seen.plain().contains("bad ") {
            Reply::new(400, "")
        } else {
            Reply::new(200, r#"{"code":0}"#)
        }
    });
    let stub = stub.await;
    let client = client(&settings(&stub.url("/"), &[case.pair]));
    let good = case.is_bad.iter().filter(|is_bad| !**is_bad).count();
    let mut waiting: Vec<usize> = (0..case.is_bad.len()).collect();
    let mut accepted = 0;
    for _ in 0..ROUNDS {
        let objects = of(waiting.iter().map(|at| line(*at, case.is_bad[*at])));
        let report = client.send(&objects, soon()).await;
        let left: BTreeSet<usize> = report.undelivered.iter().cloned().flatten().collect();
        let rejected: BTreeSet<usize> = report.rejected.iter().map(|r| r.number).collect();
        prop_assert!(left.is_disjoint(&rejected));
        prop_assert_eq!(report.accepted + rejected.len() + left.len(), waiting.len());
        prop_assert_eq!(report.error.is_some(), !left.is_empty());
        for object in rejected {
            prop_assert!(case.is_bad[waiting[object]], "{} is good", waiting[object]);
        }
        accepted += report.accepted;
        waiting = left.into_iter().map(|at| waiting[at]).collect();
    }
    prop_assert_eq!(accepted, good, "taken in the end");
    Ok(())
}
