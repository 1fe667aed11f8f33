//! The meaning of a collector's response for the objects of a request.

use serde::Deserialize;

/// What to do after a response. Depends on status and code, never on the text, which differs between
/// collectors.
///
/// Codes: Splunk, "Troubleshoot HTTP Event Collector", possible error codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseClass {
    /// All objects are accepted.
    Accepted {
        /// `ackId`, the id to poll for if indexer acknowledgment is on.
        ack_id: Option<u64>,
    },
    /// The objects before this one are indexed, this one is rejected permanently, and those after it
    /// have to be sent again.
    Rejected {
        /// Counts from 0.
        object: usize,
        /// The code of the response.
        code: u32,
    },
    /// The request is too large, or has an invalid object that is not identified: send fewer objects.
    Bisect,
    /// A 400 without a HEC code, for example from a proxy before the collector.
    BadRequestWithoutCode,
    /// The same request may be accepted later.
    Busy {
        /// Number of objects that are indexed already.
        indexed: usize,
    },
    /// The token is wrong, disabled or missing.
    Unauthorized,
    /// No request is accepted until a setting changes, here or at the collector.
    Misconfigured {
        /// The code of the response, if it had one.
        code: Option<u32>,
    },
}

#[derive(Deserialize)]
struct Response {
    code: u32,
    #[serde(rename = "invalid-event-number")]
    invalid_event_number: Option<usize>,
    #[serde(rename = "ackId")]
    ack_id: Option<u64>,
}

impl ResponseClass {
    /// The class of a response to a request with `objects` objects, by its HTTP status and body.
    pub fn from_response(status: u16, body: &[u8], objects: usize) -> Self {
        // A derived struct would also accept an array.
        let is_object = body.trim_ascii_start().starts_with(b"{");
        let response: Option<Response> = serde_json::from_slice(body).ok().filter(|_| is_object);
        let Some(response) = response else {
            return Self::without_code(status);
        };
        // A number beyond the request is ignored.
        let number = response.invalid_event_number.filter(|n| *n < objects);
        let code = response.code;
        match (status, code) {
            (413, _) => Self::Bisect,
            (_, 8 | 9 | 18..=20 | 23 | 26 | 27) => Self::Busy {
                indexed: number.unwrap_or(0),
            },
            // Gateways use a `code` for their own errors too, with other meanings.
            (401 | 403 | 408 | 425 | 429 | 500.., _) => Self::without_code(status),
            (200, 0 | 24 | 25) => Self::Accepted {
                ack_id: response.ack_id,
            },
            (_, 1..=4 | 21 | 22) => Self::Unauthorized,
            // Some collectors return this for a whole request that is too large or truncated.
            (_, 6) if number.is_none_or(|n| n == 0) && objects > 1 => Self::Bisect,
            (_, 6 | 12 | 13 | 15) => match number {
                None if objects > 1 => Self::Bisect,
                number => Self::Rejected {
                    object: number.unwrap_or(0),
                    code,
                },
            },
            (_, 5 | 7 | 10 | 11 | 14 | 16 | 28) => Self::Misconfigured { code: Some(code) },
            (400, _) => Self::Misconfigured { code: Some(code) },
            _ => Self::without_code(status),
        }
    }

    /// The class of a status without a HEC response. Such a 200 is not from a collector: sign-in pages
    /// look like that.
    fn without_code(status: u16) -> Self {
        match status {
            413 => Self::Bisect,
            400 => Self::BadRequestWithoutCode,
            401 | 403 => Self::Unauthorized,
            200 | 408 | 425 | 429 | 500.. => Self::Busy { indexed: 0 },
            _ => Self::Misconfigured { code: None },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(status: u16, body: &str, objects: usize) -> ResponseClass {
        ResponseClass::from_response(status, body.as_bytes(), objects)
    }

    #[test]
    fn success_is_a_200_with_a_code_of_success() {
        let accepted = |ack_id| ResponseClass::Accepted { ack_id };
        assert_eq!(
            class(200, r#"{"text":"Success","code":0}"#, 3),
            accepted(None)
        );
        assert_eq!(class(200, r#"{"code":0,"ackId":7}"#, 3), accepted(Some(7)));
        for full in [24, 25] {
            assert_eq!(
                class(200, &format!(r#"{{"code":{full}}}"#), 1),
                accepted(None)
            );
        }
        for page in [
            "<html>sign in</html>",
            "",
            "{}",
            "[0,null,null]",
            "[]",
            r#"{"code":"0"}"#,
        ] {
            assert_eq!(
                class(200, page, 1),
                ResponseClass::Busy { indexed: 0 },
                "{page}"
            );
        }
    }

    #[test]
    fn a_rejected_object_is_identified() {
        for code in [6, 12, 13, 15] {
            let body = format!(r#"{{"code":{code},"invalid-event-number":2}}"#);
            assert_eq!(
                class(400, &body, 3),
                ResponseClass::Rejected { object: 2, code }
            );
            let alone = format!(r#"{{"code":{code}}}"#);
            assert_eq!(
                class(400, &alone, 1),
                ResponseClass::Rejected { object: 0, code }
            );
            assert_eq!(class(400, &alone, 2), ResponseClass::Bisect);
            assert_eq!(
                class(400, &body, 2),
                ResponseClass::Bisect,
                "there is no object 2"
            );
        }
        let first = r#"{"code":6,"invalid-event-number":0}"#;
        assert_eq!(class(400, first, 2), ResponseClass::Bisect);
        assert_eq!(
            class(400, first, 1),
            ResponseClass::Rejected { object: 0, code: 6 }
        );
        let first = r#"{"code":12,"invalid-event-number":0}"#;
        assert_eq!(
            class(400, first, 2),
            ResponseClass::Rejected {
                object: 0,
                code: 12
            }
        );
    }

    #[test]
    fn transient_and_permanent_errors_are_distinguished() {
        for (status, body, expected) in [
            (413, "<html>", ResponseClass::Bisect),
            (400, "<html>", ResponseClass::BadRequestWithoutCode),
            (400, "\"odd\"", ResponseClass::BadRequestWithoutCode),
            (503, r#"{"code":9}"#, ResponseClass::Busy { indexed: 0 }),
            (
                503,
                r#"{"code":9,"invalid-event-number":4}"#,
                ResponseClass::Busy { indexed: 4 },
            ),
            (429, r#"{"code":26}"#, ResponseClass::Busy { indexed: 0 }),
            (429, "", ResponseClass::Busy { indexed: 0 }),
            (502, "<html>", ResponseClass::Busy { indexed: 0 }),
            (408, "", ResponseClass::Busy { indexed: 0 }),
            (500, r#"{"code":8}"#, ResponseClass::Busy { indexed: 0 }),
            // Codes of gRPC gateways.
            (
                500,
                r#"{"code":13,"message":"internal"}"#,
                ResponseClass::Busy { indexed: 0 },
            ),
            (503, r#"{"code":14}"#, ResponseClass::Busy { indexed: 0 }),
            (401, r#"{"code":16}"#, ResponseClass::Unauthorized),
            (403, r#"{"code":7}"#, ResponseClass::Unauthorized),
            (
                404,
                r#"{"code":5}"#,
                ResponseClass::Misconfigured { code: Some(5) },
            ),
            (401, r#"{"code":3}"#, ResponseClass::Unauthorized),
            (403, r#"{"code":4}"#, ResponseClass::Unauthorized),
            (403, "", ResponseClass::Unauthorized),
            (
                400,
                r#"{"code":7,"invalid-event-number":1}"#,
                ResponseClass::Misconfigured { code: Some(7) },
            ),
            (
                400,
                r#"{"code":14}"#,
                ResponseClass::Misconfigured { code: Some(14) },
            ),
            (
                400,
                r#"{"code":99}"#,
                ResponseClass::Misconfigured { code: Some(99) },
            ),
            (404, "", ResponseClass::Misconfigured { code: None }),
            (302, "", ResponseClass::Misconfigured { code: None }),
            (415, "", ResponseClass::Misconfigured { code: None }),
        ] {
            assert_eq!(class(status, body, 5), expected, "{status} {body}");
        }
    }

    proptest::proptest! {
        /// For any response, the object is one of the request, and only a 200 accepts.
        #[test]
        fn no_response_identifies_an_object_that_was_not_sent(
            status in 100u16..600, code in 0u32..40, number in proptest::option::of(0usize..8), objects in 1usize..6,
        ) {
            let number = number.map_or_else(String::new, |n| format!(",\"invalid-event-number\":{n}"));
            let body = format!("{{\"code\":{code}{number}}}");
            match ResponseClass::from_response(status, body.as_bytes(), objects) {
                ResponseClass::Accepted { .. } => proptest::prop_assert_eq!(status, 200),
                ResponseClass::Rejected { object, .. } => proptest::prop_assert!(object < objects),
                ResponseClass::Busy { indexed } => proptest::prop_assert!(indexed < objects),
                _ => {}
            }
        }
    }
}
