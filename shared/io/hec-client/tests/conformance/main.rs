//! The loopback collector beside two real servers, case by case.
//!
//! Fluent Bit 5.1.1 (`in_splunk`) and Vector 0.58.0 (`splunk_hec`) were asked once; their answers
//! stand in [`measured`]. Where they differ from each other or from Splunk's documentation, ours
//! answers as documented, and the row says so.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod acks;
mod ask;
mod recorded_responses;
mod verdicts;

use ask::{Asker, Case};
use recorded_responses::{Answer, ROWS, Row};

#[tokio::test]
async fn ours_answers_as_the_real_ones_or_as_documented() {
    for row in ROWS {
        for (acks, expected) in [(false, row.ours), (true, row.ours_with_acks)] {
            let asker = Asker::start(acks).await;
            let (answer, events) = asker.ask(row.case).await;
            assert_eq!(answer, expected, "{:?}, acks: {acks}", row.case);
            if !acks {
                assert_eq!(events, row.events, "{:?}", row.case);
            }
        }
    }
}

#[test]
fn every_difference_has_its_reason() {
    for row in ROWS {
        let real = [row.fluent_bit, row.vector];
        let agrees = real.into_iter().flatten().all(|real| real.fits(row.ours));
        let with_acks = row
            .vector_with_acks
            .is_none_or(|real| real.fits(row.ours_with_acks));
        let is_same = agrees && with_acks;
        assert_eq!(is_same, row.why.is_empty(), "{:?}", row.case);
    }
}

#[test]
fn each_case_stands_once() {
    for (at, row) in ROWS.iter().enumerate() {
        assert!(ROWS[..at].iter().all(|other| other.case != row.case));
    }
}

#[test]
fn no_answer_of_ours_is_ours_alone_without_the_documents() {
    // Rows in which ours is like neither of the two.
    let alone: Vec<Case> = ROWS
        .iter()
        .filter(|row| is_alone(row))
        .map(|row| row.case)
        .collect();
    assert_eq!(
        alone,
        [Case::Basic, Case::NestedFields],
        "a row more needs a document more"
    );
}

fn is_alone(row: &Row) -> bool {
    let real: Vec<Answer> = [row.fluent_bit, row.vector].into_iter().flatten().collect();
    !real.is_empty() && !real.iter().any(|real| real.fits(row.ours))
}
