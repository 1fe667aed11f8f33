//! The class of the real servers' responses.

use hec::ResponseClass;

use crate::recorded_responses::{ROWS, Response, Row};
use crate::requests::Case;

/// What the client does with the objects.
#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Done,
    /// This object is rejected.
    Reject(usize),
    /// Send fewer objects.
    Bisect,
    /// Stop until a setting is changed; nothing is lost.
    Stop,
    /// Send the same request again.
    Retry,
}

fn kind(response: Response, objects: usize) -> Kind {
    let mut body = String::new();
    if let Some(code) = response.code {
        body = format!(r#"{{"text":"any","code":{code}}}"#);
    }
    if let Some(number) = response.number {
        body.insert_str(
            body.len() - 1,
            &format!(r#","invalid-event-number":{number}"#),
        );
    }
    match ResponseClass::from_response(response.status, body.as_bytes(), objects) {
        ResponseClass::Accepted { .. } => Kind::Done,
        ResponseClass::Rejected { object, .. } => Kind::Reject(object),
        ResponseClass::Bisect | ResponseClass::BadRequestWithoutCode => Kind::Bisect,
        ResponseClass::Unauthorized | ResponseClass::Misconfigured { .. } => Kind::Stop,
        ResponseClass::Busy { .. } => Kind::Retry,
    }
}

/// The responses of both servers.
fn real(row: &Row) -> Vec<Response> {
    let all = [row.fluent_bit, row.vector, row.vector_with_acks];
    all.into_iter()
        .flatten()
        // Only the status of a success was recorded.
        .map(|response| match response.status {
            200 => Response {
                code: response.code.or(Some(0)),
                ..response
            },
            _ => response,
        })
        .collect()
}

#[test]
fn the_real_responses_have_the_right_class() {
    for row in ROWS {
        for response in real(row) {
            let expected = match (row.case, response.status, response.code) {
                // The client does not send these, or they are not a success.
                (Case::Health | Case::HealthVersioned | Case::AckPoll, ..) => continue,
                (_, 200, _) => Kind::Done,
                (_, 401 | 403 | 415, _) => Kind::Stop,
                (_, _, Some(5 | 10 | 14)) => Kind::Stop,
                (Case::BrokenSecond, ..) => Kind::Reject(1),
                // One of the objects may be rejected, which is not named.
                (Case::GzipMembers | Case::Array | Case::Deflate, ..) => Kind::Bisect,
                (Case::PlainAsGzip, ..) => Kind::Bisect,
                (_, _, Some(6 | 12 | 13)) => Kind::Reject(0),
                other => panic!("no class is expected for {other:?}"),
            };
            let objects = match expected {
                Kind::Reject(0) => 1,
                _ => 2,
            };
            assert_eq!(
                kind(response, objects),
                expected,
                "{:?} {response:?}",
                row.case
            );
        }
    }
}

#[test]
fn health_is_not_a_success() {
    for row in ROWS.iter().filter(|row| row.case == Case::Health) {
        for response in real(row) {
            assert_eq!(kind(response, 1), Kind::Retry, "{response:?}");
        }
    }
}

#[test]
fn a_success_of_the_testkit_has_indexed_something() {
    for row in ROWS {
        if kind(row.testkit, 2) == Kind::Done {
            assert!(row.events > 0, "{:?}", row.case);
        }
    }
}
