//! The loopback collector compared with two real servers, case by case.
//!
//! The responses of Fluent Bit 5.1.1 (`in_splunk`) and Vector 0.58.0 (`splunk_hec`) are in
//! [`recorded_responses`]. Where they differ from each other or from Splunk's documentation, the
//! loopback collector responds as documented, and the row states why.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod acks;
mod recorded_responses;
mod requests;
mod response_classes;

use recorded_responses::{ROWS, Response, Row};
use requests::{Case, Fixture};

#[tokio::test]
async fn the_testkit_responds_like_the_real_servers_or_as_documented() {
    for row in ROWS {
        for (acks, expected) in [(false, row.testkit), (true, row.testkit_with_acks)] {
            let fixture = Fixture::start(acks).await;
            let (response, events) = fixture.send(row.case).await;
            assert_eq!(response, expected, "{:?}, acks: {acks}", row.case);
            if !acks {
                assert_eq!(events, row.events, "{:?}", row.case);
            }
        }
    }
}

#[test]
fn every_difference_has_a_reason() {
    for row in ROWS {
        let real = [row.fluent_bit, row.vector];
        let agrees = real
            .into_iter()
            .flatten()
            .all(|real| real.matches(row.testkit));
        let with_acks = row
            .vector_with_acks
            .is_none_or(|real| real.matches(row.testkit_with_acks));
        let is_same = agrees && with_acks;
        assert_eq!(is_same, row.why.is_empty(), "{:?}", row.case);
    }
}

#[test]
fn each_case_has_one_row() {
    for (at, row) in ROWS.iter().enumerate() {
        assert!(ROWS[..at].iter().all(|other| other.case != row.case));
    }
}

#[test]
fn responses_unlike_both_servers_are_documented() {
    // Rows in which the testkit responds like neither server.
    let alone: Vec<Case> = ROWS
        .iter()
        .filter(|row| is_alone(row))
        .map(|row| row.case)
        .collect();
    assert_eq!(
        alone,
        [Case::Basic, Case::NestedFields],
        "another row needs documentation"
    );
}

fn is_alone(row: &Row) -> bool {
    let real: Vec<Response> = [row.fluent_bit, row.vector].into_iter().flatten().collect();
    !real.is_empty() && !real.iter().any(|real| real.matches(row.testkit))
}
