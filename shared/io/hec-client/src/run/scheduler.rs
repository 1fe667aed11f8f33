//! Which events are sent next, and the isolation of those that the collector rejects.
//!
//! A reply with a HEC code names the rejected event. A 400 without a code comes from something in
//! front of the collector, and says neither which event is bad nor whether a setting is wrong. It is
//! resolved by bisection:
//!
//! 1. A batch with such a reply is halved. The first half is sent next, the second one after all
//!    other pending batches, so that the search soon looks everywhere.
//! 2. A single event with such a reply is a suspect.
//! 3. An accepted request proves that the settings work: all suspects so far are rejected. At the
//!    end of a run in which anything was accepted, the remaining ones are rejected as well.
//! 4. After [`MAX_BAD_REQUESTS`] such replies without an accepted request in between, the run stops,
//!    and the suspects stay undelivered: something in front of the collector rejects everything.
//!
//! So nothing becomes a suspect's dead letter in a run in which nothing was accepted. `b` batches
//! with `k` bad events among `n` take at most `b + 2k⌈log2 n⌉` requests. If a gateway starts to
//! reject everything during a run, fewer than [`MAX_BAD_REQUESTS`] good events become dead letters.

use std::collections::VecDeque;
use std::ops::Range;

use tracing::warn;

use super::request::{Outcome, Sent};
use crate::report::RejectedEvent;

/// The reason of events that receive a 400 without a HEC code.
const HTTP_400: &str = "http-400";

/// Replies of 400 without a HEC code, without an accepted request in between, that stop a run:
/// enough to reach single events in several places of a batch.
const MAX_BAD_REQUESTS: usize = 32;

/// The events of one run that are not accepted.
pub(super) struct BatchScheduler {
    /// Events before a rejected one have no acknowledgment: they are sent again.
    has_acks: bool,
    pending: VecDeque<Range<usize>>,
    has_accepted: bool,
    /// Replies of 400 without a code since the last accepted request.
    bad_requests: usize,
    /// Events that alone received such a reply since the last accepted request.
    suspects: Vec<usize>,
    rejected: Vec<RejectedEvent>,
    undelivered: Vec<Range<usize>>,
}

/// What happened to the events that are not accepted; both lists are in order.
pub(super) struct Verdict {
    pub(super) rejected: Vec<RejectedEvent>,
    pub(super) undelivered: Vec<Range<usize>>,
    /// Suspects are among the undelivered events.
    pub(super) has_suspects: bool,
}

impl BatchScheduler {
    pub(super) fn new(batches: Vec<Range<usize>>, has_acks: bool) -> Self {
        Self {
            has_acks,
            pending: batches.into(),
            has_accepted: false,
            bad_requests: 0,
            suspects: Vec::new(),
            rejected: Vec::new(),
            undelivered: Vec::new(),
        }
    }

    /// The events of the next request; [`Self::record`] receives its outcome.
    pub(super) fn next(&mut self) -> Option<Range<usize>> {
        self.pending.pop_front()
    }

    /// Whether nothing indicates that another request will be accepted.
    pub(super) fn is_out_of_budget(&self) -> bool {
        self.bad_requests >= MAX_BAD_REQUESTS
    }

    /// Records how a request ended.
    pub(super) fn record(&mut self, sent: Sent) {
        let range = sent.remaining;
        if sent.has_accepted {
            self.confirm();
        }
        match sent.outcome {
            Outcome::Accepted => self.confirm(),
            Outcome::Stopped => self.undelivered.push(range),
            Outcome::Rejected { object, code } => {
                let at = range.start + object;
                if object > 0 && !self.has_acks {
                    self.confirm();
                }
                self.reject(at, reason(code));
                self.push_first(at + 1..range.end);
                if self.has_acks {
                    self.push_first(range.start..at);
                }
            }
            Outcome::Split { accepted } => self.split(&range, range.start + accepted),
            Outcome::TooLarge if range.len() == 1 => self.reject(range.start, "too-large"),
            Outcome::TooLarge => self.split(&range, middle(&range)),
            Outcome::BadRequestWithoutCode => {
                self.bad_requests += 1;
                if range.len() == 1 {
                    self.suspects.push(range.start);
                } else {
                    self.push_first(range.start..middle(&range));
                    self.pending.push_back(middle(&range)..range.end);
                }
            }
        }
    }

    /// What happened to all events, once no request is under way. A run that `is_stopped` leaves
    /// its suspects undelivered.
    pub(super) fn finish(mut self, is_stopped: bool) -> Verdict {
        if self.has_accepted && !is_stopped {
            self.confirm();
        }
        let has_suspects = !self.suspects.is_empty();
        let suspects = self.suspects.into_iter().map(|event| event..event + 1);
        let mut undelivered = self.undelivered;
        undelivered.extend(suspects.chain(self.pending));
        undelivered.sort_by_key(|range| range.start);
        self.rejected.sort_by_key(|event| event.number);
        Verdict {
            rejected: self.rejected,
            undelivered,
            has_suspects,
        }
    }

    /// Records that the collector accepts events: the suspects are bad.
    fn confirm(&mut self) {
        self.has_accepted = true;
        self.bad_requests = 0;
        for event in std::mem::take(&mut self.suspects) {
            self.reject(event, HTTP_400);
        }
    }

    fn reject(&mut self, number: usize, reason: &'static str) {
        warn!(reason, "the collector permanently rejects an event");
        self.rejected.push(RejectedEvent { number, reason });
    }

    fn split(&mut self, range: &Range<usize>, at: usize) {
        self.push_first(at..range.end);
        self.push_first(range.start..at);
    }

    fn push_first(&mut self, range: Range<usize>) {
        if !range.is_empty() {
            self.pending.push_front(range);
        }
    }
}

fn middle(range: &Range<usize>) -> usize {
    range.start + range.len() / 2
}

fn reason(code: u32) -> &'static str {
    match code {
        6 => "hec-6",
        12 => "hec-12",
        13 => "hec-13",
        15 => "hec-15",
        _ => "hec",
    }
}
