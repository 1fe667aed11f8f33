//! What the client makes of the real servers' answers.

use hec::ResponseClass;

use crate::ask::Case;
use crate::recorded_responses::{Answer, ROWS, Row};

/// What is to be done with the objects.
#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Done,
    /// One object is known to be bad.
    CutOut(usize),
    /// Fewer at once.
    Halve,
    /// Nothing until somebody changes a setting; nothing is lost.
    Hold,
    /// The same again.
    Again,
}

fn kind(answer: Answer, objects: usize) -> Kind {
    let mut body = String::new();
    if let Some(code) = answer.code {
        body = format!(r#"{{"text":"whatever","code":{code}}}"#);
    }
    if let Some(number) = answer.number {
        body.insert_str(
            body.len() - 1,
            &format!(r#","invalid-event-number":{number}"#),
        );
    }
    match ResponseClass::from_response(answer.status, body.as_bytes(), objects) {
        ResponseClass::Accepted { .. } => Kind::Done,
        ResponseClass::Rejected { object, .. } => Kind::CutOut(object),
        ResponseClass::Bisect | ResponseClass::BadRequestWithoutCode => Kind::Halve,
        ResponseClass::Unauthorized | ResponseClass::Misconfigured { .. } => Kind::Hold,
        ResponseClass::Busy { .. } => Kind::Again,
    }
}

/// What both servers answered.
fn real(row: &Row) -> Vec<Answer> {
    let all = [row.fluent_bit, row.vector, row.vector_with_acks];
    all.into_iter()
        .flatten()
        // A success was written down by its status alone.
        .map(|answer| match answer.status {
            200 => Answer {
                code: answer.code.or(Some(0)),
                ..answer
            },
            _ => answer,
        })
        .collect()
}

#[test]
fn the_real_answers_are_read_sensibly() {
    for row in ROWS {
        for answer in real(row) {
            let expected = match (row.case, answer.status, answer.code) {
                // Not asked by the client, and no success to it.
                (Case::Health | Case::HealthVersioned | Case::AckQuestion, ..) => continue,
                (_, 200, _) => Kind::Done,
                (_, 401 | 403 | 415, _) => Kind::Hold,
                (_, _, Some(5 | 10 | 14)) => Kind::Hold,
                (Case::BrokenSecond, ..) => Kind::CutOut(1),
                // It may be about one of the objects, which is not named.
                (Case::GzipMembers | Case::Array | Case::Deflate, ..) => Kind::Halve,
                (Case::PlainAsGzip, ..) => Kind::Halve,
                (_, _, Some(6 | 12 | 13)) => Kind::CutOut(0),
                other => panic!("nothing is expected of {other:?}"),
            };
            let objects = match expected {
                Kind::CutOut(0) => 1,
                _ => 2,
            };
            assert_eq!(kind(answer, objects), expected, "{:?} {answer:?}", row.case);
        }
    }
}

#[test]
fn health_is_no_success() {
    for row in ROWS.iter().filter(|row| row.case == Case::Health) {
        for answer in real(row) {
            assert_eq!(kind(answer, 1), Kind::Again, "{answer:?}");
        }
    }
}

#[test]
fn an_answer_of_ours_is_never_a_success_that_indexed_nothing() {
    for row in ROWS {
        if kind(row.ours, 2) == Kind::Done {
            assert!(row.events > 0, "{:?}", row.case);
        }
    }
}
