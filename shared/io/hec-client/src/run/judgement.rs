//! What is asked next in a round, and what a 400 without a HEC code is about: an object, or a
//! setting.
//!
//! Such a 400 tells neither. What the collector takes, or refuses by a code, tells: it works, so
//! that those objects are bad which draw it alone. That evidence wears off, since a gateway may
//! turn in the middle of a round.

use std::ops::Range;

use tracing::warn;

use super::Outcome;
use super::waiting::{Waiting, halves};
use crate::report::RejectedEvent;

/// Why an object is refused that alone draws a 400 without a code.
const HTTP_400: &str = "http-400";

/// Unexplained replies in a row that are one too many: of batches, to go on with batches; of
/// single objects, to believe what was taken before.
const MANY: usize = 3;

/// EventBatch that are asked alone before a round is given up in which something was taken. More
/// than [`MANY`], since a round that ends leaves what is good as well.
const MOST_PROBES: usize = 12;

/// EventBatch of a batch that spares one for the end of a round that had doubts.
const SPARING: usize = 8;

/// The judgement of one round.
pub(super) struct Judgement {
    waiting: Waiting,
    /// EventBatch before a refused one are accepted in a reply without an acknowledgment id: with
    /// acknowledgments they are sent again, in a request of their own.
    has_acks: bool,
    /// Requests under way.
    under_way: usize,
    /// The collector has told in this round that it takes what is right. What it told in an
    /// earlier one does not count: something before it may have changed since.
    has_evidence: bool,
    /// A batch was unexplained in this round.
    had_doubts: bool,
    /// Unexplained batches since the last evidence.
    doubts: usize,
    /// EventBatch whose neighbours were taken, kept so that the end of the round can have evidence.
    spare: Vec<Range<usize>>,
    /// EventBatch that alone drew a 400 without a code, as they were heard of.
    struck: Vec<usize>,
    /// How many of them, from the first on, are bad for certain.
    confirmed: usize,
    refused: Vec<RejectedEvent>,
    left: Vec<Range<usize>>,
}

/// What a round does next.
pub(super) enum Next {
    Ask(Piece),
    /// What is under way may tell.
    Wait,
    /// Everything is asked.
    Done,
    /// Nothing tells that any request will ever be taken.
    Unexplained,
}

/// EventBatch of one request.
pub(super) struct Piece {
    pub(super) range: Range<usize>,
    /// How many objects were struck when it was asked.
    asked_at: usize,
    first: usize,
    /// The object behind the range is spared where the range is taken.
    is_sparing: bool,
}

/// What became of the objects that are not accepted.
pub(super) struct Verdicts {
    pub(super) refused: Vec<RejectedEvent>,
    pub(super) left: Vec<Range<usize>>,
    /// Something is left since it is not known whether it is bad.
    pub(super) is_unexplained: bool,
    /// The number of the next probe.
    pub(super) probe: usize,
}

impl Judgement {
    /// A round that sends `batches`; its first probe has the number `probe`.
    pub(super) fn new(
        batches: impl IntoIterator<Item = Range<usize>>,
        probe: usize,
        has_acks: bool,
    ) -> Self {
        Self {
            has_acks,
            waiting: Waiting::new(batches, probe),
            under_way: 0,
            has_evidence: false,
            had_doubts: false,
            doubts: 0,
            spare: Vec::new(),
            struck: Vec::new(),
            confirmed: 0,
            refused: Vec::new(),
            left: Vec::new(),
        }
    }

    /// What to do next. Who is told to ask tells what came of it with [`Self::told`].
    pub(super) fn next(&mut self) -> Next {
        let is_at_end = self.waiting.is_empty();
        let has_hope = self.goes_in_order() || self.strikes() < self.most_strikes();
        let range = if is_at_end || !has_hope {
            // What is under way may put more objects here, or bring evidence.
            if self.under_way > 0 {
                return Next::Wait;
            }
            self.spare.pop()
        } else if self.goes_in_order() {
            self.waiting.pop_first()
        } else {
            self.waiting.take_probe()
        };
        match range {
            Some(range) => Next::Ask(self.ask(range)),
            None if is_at_end => Next::Done,
            None => Next::Unexplained,
        }
    }

    fn ask(&mut self, mut range: Range<usize>) -> Piece {
        self.under_way += 1;
        let is_sparing = self.had_doubts && self.spare.is_empty() && range.len() >= SPARING;
        if is_sparing {
            range.end -= 1;
        }
        Piece {
            first: range.start,
            range,
            asked_at: self.struck.len(),
            is_sparing,
        }
    }

    /// Takes what came of a request for `piece`, of which no longer is what was indexed on the
    /// way.
    pub(super) fn told(&mut self, piece: Piece, outcome: &Outcome) {
        self.under_way -= 1;
        let mut range = piece.range;
        let has_told = matches!(
            outcome,
            Outcome::Accepted | Outcome::Refused { .. } | Outcome::Split { .. }
        );
        if has_told || range.start > piece.first {
            self.evidence(piece.asked_at);
        }
        if piece.is_sparing {
            range.end += 1;
        }
        match *outcome {
            Outcome::Accepted if piece.is_sparing => self.spare.push(range.end - 1..range.end),
            Outcome::Accepted => {}
            Outcome::Stopped => self.left.push(range),
            Outcome::Refused { object, code } => {
                let at = range.start + object;
                self.refuse(at, word(code));
                let before = if self.has_acks {
                    range.start..at
                } else {
                    at..at
                };
                self.waiting
                    .push_first([before, at + 1..range.end].into_iter());
            }
            Outcome::Split { accepted } => {
                let at = range.start + accepted;
                let parts = [range.start..at, at..range.end];
                self.waiting.push_first(parts.into_iter());
            }
            Outcome::TooMuch if range.len() == 1 => self.refuse(range.start, "too-large"),
            Outcome::TooMuch => self.waiting.push_first(halves(&range).into_iter()),
            Outcome::Unexplained if range.len() == 1 => self.struck.push(range.start),
            Outcome::Unexplained => self.doubt(&range),
        }
    }

    /// Takes that a batch drew a 400 without a code.
    fn doubt(&mut self, range: &Range<usize>) {
        self.had_doubts = true;
        if self.is_fresh() {
            return self.waiting.push_first(halves(range).into_iter());
        }
        self.doubts += 1;
        // Behind the others, of which one may be taken.
        self.waiting.push_last(halves(range));
    }

    /// What became of everything, once nothing is under way; `is_stopped` where a fault ended the
    /// round.
    pub(super) fn end(mut self, is_stopped: bool) -> Verdicts {
        if self.is_fresh() && !is_stopped {
            self.confirmed = self.struck.len();
        }
        let struck = std::mem::take(&mut self.struck);
        let (bad, aside) = struck.split_at(self.confirmed);
        for object in bad {
            self.refuse(*object, HTTP_400);
        }
        let probe = self.waiting.probe;
        let left = aside.iter().map(|object| *object..object + 1);
        self.left
            .extend(left.chain(self.waiting.into_pieces()).chain(self.spare));
        self.left.retain(|range| !range.is_empty());
        self.left.sort_by_key(|range| range.start);
        self.refused.sort_by_key(|event| event.number);
        Verdicts {
            refused: self.refused,
            left: self.left,
            is_unexplained: !aside.is_empty(),
            probe,
        }
    }

    /// The collector works, or did when it was asked: those objects are bad which were struck
    /// before. Of those that were struck meanwhile it tells nothing.
    fn evidence(&mut self, asked_at: usize) {
        self.has_evidence = true;
        self.doubts = 0;
        self.confirmed = self.confirmed.max(asked_at);
    }

    /// Single objects that drew a 400 without a code since the last evidence.
    fn strikes(&self) -> usize {
        self.struck.len() - self.confirmed
    }

    /// Whether the collector is known to take what is right.
    fn is_fresh(&self) -> bool {
        self.has_evidence && self.strikes() < MANY
    }

    fn goes_in_order(&self) -> bool {
        let is_undoubted = !self.has_evidence && self.strikes() == 0 && self.doubts < MANY;
        self.is_fresh() || is_undoubted
    }

    fn most_strikes(&self) -> usize {
        if self.has_evidence { MOST_PROBES } else { MANY }
    }

    fn refuse(&mut self, object: usize, why: &'static str) {
        warn!(why, "the collector refuses an event for good");
        self.refused.push(RejectedEvent {
            number: object,
            reason: why,
        });
    }
}

fn word(code: u32) -> &'static str {
    match code {
        6 => "hec-6",
        12 => "hec-12",
        13 => "hec-13",
        15 => "hec-15",
        _ => "hec",
    }
}
