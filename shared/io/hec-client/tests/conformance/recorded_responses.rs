//! What was measured, and what ours is to answer.

use crate::ask::Case;

/// One question, and the answers to it.
pub(crate) struct Row {
    pub(crate) case: Case,
    pub(crate) ours: Answer,
    pub(crate) ours_with_acks: Answer,
    /// EventBatch that ours has indexed, without acknowledgment.
    pub(crate) events: usize,
    pub(crate) fluent_bit: Option<Answer>,
    pub(crate) vector: Option<Answer>,
    pub(crate) vector_with_acks: Option<Answer>,
    /// Why ours differs from one of them; empty where it does not.
    pub(crate) why: &'static str,
}

/// Status, code and `invalid-event-number`. Of a real server a code that was not written down is
/// nothing, and nothing fits everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) code: Option<u32>,
    pub(crate) number: Option<usize>,
}

impl Answer {
    /// Whether a real server's answer is the same as `ours`, as far as it was written down.
    pub(crate) fn fits(self, ours: Self) -> bool {
        self.status == ours.status
            && self.code.is_none_or(|code| ours.code == Some(code))
            && self.number.is_none_or(|number| ours.number == Some(number))
    }
}

const fn status(status: u16) -> Answer {
    Answer {
        status,
        code: None,
        number: None,
    }
}

const fn code(status: u16, code: u32) -> Answer {
    Answer {
        status,
        code: Some(code),
        number: None,
    }
}

const fn at(status: u16, code: u32, number: usize) -> Answer {
    Answer {
        status,
        code: Some(code),
        number: Some(number),
    }
}

const OK: Answer = code(200, 0);
const NO_CHANNEL: Answer = code(400, 10);

/// All of them take it; with acknowledgment it needs a channel.
const fn taken(case: Case, events: usize) -> Row {
    Row {
        case,
        ours: OK,
        ours_with_acks: NO_CHANNEL,
        events,
        fluent_bit: Some(status(200)),
        vector: Some(status(200)),
        vector_with_acks: Some(NO_CHANNEL),
        why: "",
    }
}

/// The same answer with and without acknowledgment, nothing indexed.
const fn turned_away(case: Case, ours: Answer, fluent_bit: Answer, vector: Answer) -> Row {
    Row {
        case,
        ours,
        ours_with_acks: ours,
        events: 0,
        fluent_bit: Some(fluent_bit),
        vector: Some(vector),
        vector_with_acks: Some(vector),
        why: "",
    }
}

/// An answer to the content, which is not looked at without a channel.
const fn judged(case: Case, ours: Answer, fluent_bit: Answer, vector: Answer) -> Row {
    Row {
        vector_with_acks: None,
        ours_with_acks: NO_CHANNEL,
        ..turned_away(case, ours, fluent_bit, vector)
    }
}

const DOCUMENTED: &str = "Splunk's table of codes has it so, and Vector with it";

pub(crate) const ROWS: &[Row] = &[
    Row {
        why: "17 is the documented code of a healthy collector; Vector gives it too",
        ..turned_away(Case::Health, code(200, 17), code(200, 200), code(200, 17))
    },
    Row {
        why: "the versioned path is documented; Fluent Bit has none",
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
        why: "Splunk was seen to take arrays, and Fluent Bit does; HEC_BATCH=array relies on it",
        ..judged(Case::Array, OK, status(200), code(400, 12))
    },
    Row {
        vector_with_acks: None,
        ..taken(Case::Gzip, 1)
    },
    Row {
        events: 2,
        why: "members one after the other are one gzip stream (RFC 1952); Vector reads both",
        ..judged(Case::GzipMembers, OK, code(400, 6), status(200))
    },
    Row {
        why: "what cannot be inflated is no valid data; Vector refuses it too, in no words",
        ..judged(Case::PlainAsGzip, at(400, 6, 0), status(200), status(400))
    },
    Row {
        // The channel is looked at first.
        ours_with_acks: NO_CHANNEL,
        why: "Splunk knows gzip alone; Vector answers so",
        ..turned_away(Case::Deflate, status(415), code(400, 6), status(415))
    },
    turned_away(Case::NoToken, code(401, 2), code(401, 2), code(401, 2)),
    Row {
        why: "4 is the documented code of a token nobody knows; Fluent Bit gives it too",
        ..turned_away(Case::WrongToken, code(403, 4), code(403, 4), code(401, 3))
    },
    turned_away(Case::Bearer, code(401, 3), status(401), status(401)),
    Row {
        ours_with_acks: NO_CHANNEL,
        events: 1,
        why: "Splunk documents Basic with the token as its password; neither of the two has it",
        ..turned_away(Case::Basic, OK, status(401), status(401))
    },
    turned_away(Case::TokenInQuery, code(401, 2), status(401), status(401)),
    Row {
        vector_with_acks: Some(NO_CHANNEL),
        ..judged(Case::Empty, code(400, 5), code(400, 5), code(400, 5))
    },
    Row {
        why: DOCUMENTED,
        ..judged(Case::NoEvent, at(400, 12, 0), status(200), at(400, 12, 0))
    },
    Row {
        why: DOCUMENTED,
        ..judged(
            Case::BlankEvent,
            at(400, 13, 0),
            status(200),
            at(400, 13, 0),
        )
    },
    Row {
        why: DOCUMENTED,
        ..judged(Case::NullEvent, at(400, 12, 0), status(200), at(400, 12, 0))
    },
    Row {
        // What stands before the broken one is kept, by all of them.
        events: 1,
        why: DOCUMENTED,
        ..judged(
            Case::BrokenSecond,
            at(400, 6, 1),
            status(200),
            at(400, 6, 1),
        )
    },
    Row {
        why: DOCUMENTED,
        ..judged(Case::WordAsTime, at(400, 6, 0), status(200), code(400, 6))
    },
    Row {
        why: "Splunk documents 15 for nested fields; neither of the two looks into them",
        ..judged(Case::NestedFields, at(400, 15, 0), status(200), status(200))
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
        why: "only acknowledgment needs a channel; Vector wants one always",
        vector_with_acks: Some(NO_CHANNEL),
        ..judged(Case::RawWithoutChannel, OK, status(200), NO_CHANNEL)
    },
    // Fluent Bit has no such path, and answers 400 all the same.
    judged(Case::AckQuestion, code(400, 14), status(400), code(400, 14)),
    Row {
        // A connection that was reset is no answer.
        fluent_bit: None,
        vector_with_acks: None,
        ..taken(Case::FiveMegabytes, 1)
    },
];
