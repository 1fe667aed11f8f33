//! The measured responses, and the expected ones of the testkit.

use crate::requests::Case;

/// One request and the responses to it.
pub(crate) struct Row {
    pub(crate) case: Case,
    pub(crate) testkit: Response,
    pub(crate) testkit_with_acks: Response,
    /// Number of objects that the testkit has indexed, without acknowledgment.
    pub(crate) events: usize,
    pub(crate) fluent_bit: Option<Response>,
    pub(crate) vector: Option<Response>,
    pub(crate) vector_with_acks: Option<Response>,
    /// Why the testkit differs from one of them; empty if it does not.
    pub(crate) why: &'static str,
}

/// Status, code and `invalid-event-number`. `None` of a real server was not recorded and matches any
/// value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) code: Option<u32>,
    pub(crate) number: Option<usize>,
}

impl Response {
    /// Whether a real server's response has the same recorded parts as `testkit`.
    pub(crate) fn matches(self, testkit: Self) -> bool {
        self.status == testkit.status
            && self.code.is_none_or(|code| testkit.code == Some(code))
            && self
                .number
                .is_none_or(|number| testkit.number == Some(number))
    }
}

const fn status(status: u16) -> Response {
    Response {
        status,
        code: None,
        number: None,
    }
}

const fn code(status: u16, code: u32) -> Response {
    Response {
        status,
        code: Some(code),
        number: None,
    }
}

const fn at(status: u16, code: u32, number: usize) -> Response {
    Response {
        status,
        code: Some(code),
        number: Some(number),
    }
}

const OK: Response = code(200, 0);
const NO_CHANNEL: Response = code(400, 10);

/// Accepted by all; with acknowledgment it requires a channel.
const fn taken(case: Case, events: usize) -> Row {
    Row {
        case,
        testkit: OK,
        testkit_with_acks: NO_CHANNEL,
        events,
        fluent_bit: Some(status(200)),
        vector: Some(status(200)),
        vector_with_acks: Some(NO_CHANNEL),
        why: "",
    }
}

/// The same response with and without acknowledgment; nothing is indexed.
const fn turned_away(case: Case, testkit: Response, fluent_bit: Response, vector: Response) -> Row {
    Row {
        case,
        testkit,
        testkit_with_acks: testkit,
        events: 0,
        fluent_bit: Some(fluent_bit),
        vector: Some(vector),
        vector_with_acks: Some(vector),
        why: "",
    }
}

/// A response to the content, which is not read without a channel.
const fn row(case: Case, testkit: Response, fluent_bit: Response, vector: Response) -> Row {
    Row {
        vector_with_acks: None,
        testkit_with_acks: NO_CHANNEL,
        ..turned_away(case, testkit, fluent_bit, vector)
    }
}

const DOCUMENTED: &str = "Splunk's table of codes has it so, and Vector with it";

pub(crate) const ROWS: &[Row] = &[
    Row {
        why: "17 is the documented code of a healthy collector; Vector returns it too",
        ..turned_away(Case::Health, code(200, 17), code(200, 200), code(200, 17))
    },
    Row {
        why: "the versioned path is documented; Fluent Bit does not have it",
        ..turned_away(
            Case::HealthVersioned,
            code(200, 17),
            status(400),
            status(200),
        )
    },
    taken(Case::Event, 1),
    taken(Case::ShortPath, 1),
    taken(Case::VersionedPath, 1),
    taken(Case::Concatenated, 2),
    taken(Case::LineByLine, 2),
    Row {
        events: 2,
        why: "Splunk and Fluent Bit were observed to accept arrays; HEC_BATCH=array depends on it",
        ..row(Case::Array, OK, status(200), code(400, 12))
    },
    Row {
        vector_with_acks: None,
        ..taken(Case::Gzip, 1)
    },
    Row {
        events: 2,
        why: "consecutive members are one gzip stream (RFC 1952); Vector reads both",
        ..row(Case::GzipMembers, OK, code(400, 6), status(200))
    },
    Row {
        why: "a body that cannot be inflated is not valid data; Vector rejects it too, without a code",
        ..row(Case::PlainAsGzip, at(400, 6, 0), status(200), status(400))
    },
    Row {
        // The channel is checked first.
        testkit_with_acks: NO_CHANNEL,
        why: "Splunk supports gzip only; Vector responds like this",
        ..turned_away(Case::Deflate, status(415), code(400, 6), status(415))
    },
    turned_away(Case::NoToken, code(401, 2), code(401, 2), code(401, 2)),
    Row {
        why: "4 is the documented code of an unknown token; Fluent Bit returns it too",
        ..turned_away(Case::WrongToken, code(403, 4), code(403, 4), code(401, 3))
    },
    turned_away(Case::Bearer, code(401, 3), status(401), status(401)),
    Row {
        testkit_with_acks: NO_CHANNEL,
        events: 1,
        why: "Splunk documents Basic with the token as its password; neither of the two supports it",
        ..turned_away(Case::Basic, OK, status(401), status(401))
    },
    turned_away(Case::TokenInQuery, code(401, 2), status(401), status(401)),
    Row {
        vector_with_acks: Some(NO_CHANNEL),
        ..row(Case::Empty, code(400, 5), code(400, 5), code(400, 5))
    },
    Row {
        why: DOCUMENTED,
        ..row(Case::NoEvent, at(400, 12, 0), status(200), at(400, 12, 0))
    },
    Row {
        why: DOCUMENTED,
        ..row(
            Case::BlankEvent,
            at(400, 13, 0),
            status(200),
            at(400, 13, 0),
        )
    },
    Row {
        why: DOCUMENTED,
        ..row(Case::NullEvent, at(400, 12, 0), status(200), at(400, 12, 0))
    },
    Row {
        // All of them index the objects before the malformed one.
        events: 1,
        why: DOCUMENTED,
        ..row(
            Case::BrokenSecond,
            at(400, 6, 1),
            status(200),
            at(400, 6, 1),
        )
    },
    Row {
        why: DOCUMENTED,
        ..row(Case::WordAsTime, at(400, 6, 0), status(200), code(400, 6))
    },
    Row {
        why: "Splunk documents 15 for nested fields; neither of the two checks them",
        ..row(Case::NestedFields, at(400, 15, 0), status(200), status(200))
    },
    Row {
        vector_with_acks: None,
        ..taken(Case::UnknownIndex, 1)
    },
    Row {
        vector_with_acks: None,
        ..taken(Case::WrongContentType, 1)
    },
    Row {
        vector_with_acks: None,
        ..taken(Case::NoContentType, 1)
    },
    Row {
        events: 1,
        why: "only acknowledgment requires a channel; Vector always requires one",
        vector_with_acks: Some(NO_CHANNEL),
        ..row(Case::RawWithoutChannel, OK, status(200), NO_CHANNEL)
    },
    // Fluent Bit does not have this path, and responds with 400.
    row(Case::AckPoll, code(400, 14), status(400), code(400, 14)),
    Row {
        // A connection that was reset is not a response.
        fluent_bit: None,
        vector_with_acks: None,
        ..taken(Case::FiveMegabytes, 1)
    },
];
