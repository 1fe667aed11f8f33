//! Events that are permanently rejected, alone and among others.

use testkit::collector::Fault;

use crate::common::{objects, of};
use crate::fixture::{Fixture, Tally};

const GOOD: &str = r#"{"event":"good"}"#;

fn rejected(accepted: usize, rejected: &[(usize, &'static str)], requests: u64) -> Tally {
    Tally {
        accepted,
        rejected: rejected.to_vec(),
        requests,
        events: accepted,
        ..Tally::default()
    }
}

#[tokio::test]
async fn a_refused_object_is_cut_out() {
    // fault, objects, their outcomes
    let table = [
        (Fault::InvalidAt(2), 5, rejected(4, &[(2, "hec-6")], 2)),
        (Fault::InvalidAt(1), 5, rejected(4, &[(1, "hec-6")], 2)),
        // Nothing stands behind it.
        (Fault::InvalidAt(4), 5, rejected(4, &[(4, "hec-6")], 1)),
        (Fault::InvalidAt(0), 1, rejected(0, &[(0, "hec-6")], 1)),
        // At the first of several it may be about the whole: halves find out.
        (Fault::InvalidAt(0), 5, rejected(5, &[], 3)),
        (Fault::TooLarge, 5, rejected(5, &[], 3)),
        (Fault::TooLarge, 1, rejected(0, &[(0, "too-large")], 1)),
    ];
    for (fault, count, expected) in table {
        let fixture = Fixture::new([fault.clone()]).await;
        let (tally, stopped) = fixture.send(&objects(count)).await;
        assert_eq!((tally, stopped), (expected, None), "{fault:?} of {count}");
    }
}

#[tokio::test]
async fn each_kind_of_bad_object_is_told_apart() {
    let good = |number| format!(r#"{{"event":{number}}}"#);
    let objects = of([
        &good(0),
        r#"{"x":1}"#,
        &good(2),
        r#"{"event":""}"#,
        r#"{"event":1,"fields":{"a":{"b":1}}}"#,
        &good(5),
        r#"{"event":"a","time":"abc"}"#,
        &good(7),
    ]);
    let kinds = [(1, "hec-12"), (3, "hec-13"), (4, "hec-15"), (6, "hec-6")];
    let fixture = Fixture::new([]).await;
    let (tally, stopped) = fixture.send(&objects).await;
    assert_eq!((tally, stopped), (rejected(4, &kinds, 5), None));
}

#[tokio::test]
async fn a_broken_first_object_is_found_by_halves() {
    let objects = of([
        r#"{"event":"a","time":"abc"}"#,
        GOOD,
        r#"{"event":"b"}"#,
        r#"{"event":"c"}"#,
    ]);
    let fixture = Fixture::new([]).await;
    let (tally, _) = fixture.send(&objects).await;
    // All, the first half, its two, the second half.
    assert_eq!(tally, rejected(3, &[(0, "hec-6")], 5));
}

#[tokio::test]
async fn nothing_but_bad_objects_ends_too() {
    let objects = of((0..8).map(|number| format!(r#"{{"time":"x{number}","event":1}}"#)));
    let fixture = Fixture::new([]).await;
    let (tally, _) = fixture.send(&objects).await;
    let all: Vec<_> = (0..8).map(|number| (number, "hec-6")).collect();
    // A tree of halves: eight leaves and the seven above them.
    assert_eq!(tally, rejected(0, &all, 15));
}

#[tokio::test]
async fn an_object_that_is_too_large_is_found_by_halves() {
    let mut lines: Vec<String> = (0..8)
        .map(|number| format!(r#"{{"event":{number}}}"#))
        .collect();
    lines[3] = format!(r#"{{"event":"{}"}}"#, "x".repeat(2000));
    let fixture = Fixture::with(|options| options.max_content_length = 500, &[]).await;
    let (tally, _) = fixture.send(&of(lines)).await;
    // 0–8, 0–4, 0–2, 2–4, 2, 3, 4–8
    assert_eq!(tally, rejected(7, &[(3, "too-large")], 7));
}

#[tokio::test]
async fn a_refusal_after_a_pause_names_the_right_object() {
    let fixture = Fixture::new([Fault::BusyAt(2), Fault::InvalidAt(1)]).await;
    let (tally, _) = fixture.send(&objects(6)).await;
    let expected = Tally {
        retries: 1,
        ..rejected(5, &[(3, "hec-6")], 3)
    };
    assert_eq!(tally, expected);
}
