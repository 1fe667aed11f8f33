//! One round of sending: halves, cut-outs, and when to stop.

mod request;

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use hec::Objects;
use tokio::sync::Notify;
use tracing::warn;

use crate::sink::{Fault, Refusal, Sink};

/// Why an object is refused that alone draws a 400 without a code.
const HTTP_400: &str = "http-400";

/// What all requests of a round share.
pub(crate) struct Run<'s> {
    sink: &'s Sink,
    objects: &'s Objects,
    until: Instant,
    fault: Mutex<Option<Fault>>,
    /// Tells of the fault.
    stopped: Notify,
    /// Before this, the collector does not want to be asked.
    not_before: Mutex<Option<Instant>>,
    /// The collector has told in this round that it takes what is right. What it told in an
    /// earlier one does not count: something before it may have changed since.
    has_taken: AtomicBool,
    /// Objects that drew a 400 without a code by themselves before anything was taken.
    aside: Mutex<Vec<usize>>,
    requests: AtomicU64,
    retries: AtomicU64,
}

/// What became of one batch.
#[derive(Default)]
pub(crate) struct Part {
    pub(crate) refused: Vec<Refusal>,
    pub(crate) left: Vec<Range<usize>>,
}

/// How a request ended for good.
enum Outcome {
    Accepted,
    Refused {
        object: usize,
        code: u32,
    },
    TooMuch,
    Unexplained,
    /// The round is over.
    Stopped,
}

/// Objects that are still to be sent, and whether it is known that one of them is bad.
struct Piece {
    range: Range<usize>,
    is_suspect: bool,
}

impl Part {
    fn refuse(&mut self, object: usize, why: &'static str) {
        warn!(why, "the collector refuses an event for good");
        self.refused.push(Refusal { object, why });
    }
}

impl<'s> Run<'s> {
    pub(crate) fn new(sink: &'s Sink, objects: &'s Objects, until: Instant) -> Self {
        Self {
            sink,
            objects,
            until,
            fault: Mutex::default(),
            stopped: Notify::new(),
            not_before: Mutex::default(),
            has_taken: AtomicBool::new(false),
            aside: Mutex::default(),
            requests: AtomicU64::new(0),
            retries: AtomicU64::new(0),
        }
    }

    /// Why the round stopped, its requests and repeated requests.
    pub(crate) fn end(self) -> (Option<Fault>, u64, u64) {
        let fault = self
            .fault
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        (fault, self.requests.into_inner(), self.retries.into_inner())
    }

    /// Sends the objects in `range`, which fit one request.
    pub(crate) async fn batch(&self, range: Range<usize>) -> Part {
        let mut part = Part::default();
        let mut waiting = vec![Piece {
            range,
            is_suspect: false,
        }];
        while let Some(mut piece) = waiting.pop() {
            if piece.range.is_empty() {
                continue;
            }
            let outcome = self.request(&mut piece.range).await;
            if matches!(outcome, Outcome::Unexplained) && !piece.is_suspect {
                self.explain(piece.range, &mut waiting, &mut part).await;
            } else {
                self.settle(outcome, piece, &mut waiting, &mut part);
            }
        }
        part
    }

    /// Finds out whether a 400 without a code is about an object or about all requests: where
    /// both halves are answered so too and nothing else is taken, no request will ever be.
    async fn explain(&self, range: Range<usize>, waiting: &mut Vec<Piece>, part: &mut Part) {
        if self.has_taken.load(Relaxed) {
            // Others are taken, so that it is about objects of this range.
            let piece = Piece {
                range,
                is_suspect: true,
            };
            return self.settle(Outcome::Unexplained, piece, waiting, part);
        }
        if range.len() == 1 {
            return self.put_aside(range.start);
        }
        let mut halves = halves(&range);
        let mut outcomes = Vec::new();
        for half in &mut halves {
            outcomes.push(self.request(half).await);
        }
        let is_unexplained = |outcome: &Outcome| matches!(outcome, Outcome::Unexplained);
        if outcomes.iter().all(is_unexplained) && !self.has_taken.load(Relaxed) {
            self.stop(all_unexplained());
            part.left.extend(halves);
            return;
        }
        // A half that was stopped tells nothing of the other.
        let is_about_objects = !outcomes.iter().any(|o| matches!(o, Outcome::Stopped));
        for (outcome, range) in outcomes.into_iter().zip(halves) {
            if is_unexplained(&outcome) && !is_about_objects {
                part.left.push(range);
                continue;
            }
            let piece = Piece {
                range,
                is_suspect: true,
            };
            self.settle(outcome, piece, waiting, part);
        }
    }

    /// Keeps an object that has no halves until the other requests tell. Two of these are what
    /// two halves are.
    fn put_aside(&self, object: usize) {
        let mut aside = self.aside();
        aside.push(object);
        if aside.len() > 1 {
            self.stop(all_unexplained());
        }
    }

    /// What becomes of the objects that were put aside, once all requests have ended.
    pub(crate) fn judge_aside(&self) -> Part {
        let mut part = Part::default();
        let aside = std::mem::take(&mut *self.aside());
        let is_about_objects = self.has_taken.load(Relaxed) && !self.is_stopped();
        for object in aside {
            if is_about_objects {
                part.refuse(object, HTTP_400);
            } else {
                self.stop(all_unexplained());
                part.left.push(object..object + 1);
            }
        }
        part
    }

    fn settle(&self, outcome: Outcome, piece: Piece, waiting: &mut Vec<Piece>, part: &mut Part) {
        let Piece { range, is_suspect } = piece;
        match outcome {
            Outcome::Accepted => {}
            Outcome::Stopped => part.left.push(range),
            Outcome::Refused { object, code } => {
                let object = range.start + object;
                part.refuse(object, word(code));
                waiting.push(Piece {
                    range: object + 1..range.end,
                    is_suspect,
                });
            }
            Outcome::TooMuch if range.len() == 1 => part.refuse(range.start, "too-large"),
            Outcome::Unexplained if range.len() == 1 => part.refuse(range.start, HTTP_400),
            Outcome::TooMuch | Outcome::Unexplained => {
                let [first, second] = halves(&range);
                // The last one in is sent first.
                for range in [second, first] {
                    waiting.push(Piece { range, is_suspect });
                }
            }
        }
    }

    fn aside(&self) -> MutexGuard<'_, Vec<usize>> {
        self.aside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_stopped(&self) -> bool {
        self.fault
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some()
    }

    /// Ends the round; the first reason stands.
    fn stop(&self, fault: Fault) -> Outcome {
        let mut known = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        known.get_or_insert(fault);
        self.stopped.notify_waiters();
        Outcome::Stopped
    }
}

fn all_unexplained() -> Fault {
    Fault::Misconfigured("HTTP 400 without a HEC code".to_owned())
}

fn halves(range: &Range<usize>) -> [Range<usize>; 2] {
    let middle = range.start + range.len() / 2;
    [range.start..middle, middle..range.end]
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
