//! One round of sending: requests, retries, halves.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hec::{Objects, Verdict};
use tokio::sync::Notify;
use tracing::{debug, info, warn};

use crate::acknowledgement::is_indexed;
use crate::hear::hear;
use crate::sink::{Fault, Refusal, Sink};
use crate::token::Token;

/// How many successes of one request may be no replies of a collector: what indexes and answers
/// otherwise would be sent the same for ever.
const MOST_STRANGE: usize = 3;

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
    /// The collector has told that it takes what is right.
    has_taken: AtomicBool,
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

impl<'s> Run<'s> {
    pub(crate) fn new(sink: &'s Sink, objects: &'s Objects, until: Instant) -> Self {
        Self {
            sink,
            objects,
            until,
            fault: Mutex::default(),
            stopped: Notify::new(),
            not_before: Mutex::default(),
            has_taken: AtomicBool::new(sink.has_taken.load(Relaxed)),
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
    /// both halves are answered so too, no request will ever be taken.
    async fn explain(&self, range: Range<usize>, waiting: &mut Vec<Piece>, part: &mut Part) {
        if self.has_taken.load(Relaxed) {
            // Others are taken, so that it is about objects of this range.
            let piece = Piece {
                range,
                is_suspect: true,
            };
            return self.settle(Outcome::Unexplained, piece, waiting, part);
        }
        let mut halves = halves(&range);
        let mut outcomes = Vec::new();
        if range.len() > 1 {
            for half in &mut halves {
                outcomes.push(self.request(half).await);
            }
        }
        let is_unexplained = |outcome: &Outcome| matches!(outcome, Outcome::Unexplained);
        if outcomes.iter().all(is_unexplained) {
            let note = "HTTP 400 without a HEC code";
            self.stop(Fault::Misconfigured(note.to_owned()));
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

    fn settle(&self, outcome: Outcome, piece: Piece, waiting: &mut Vec<Piece>, part: &mut Part) {
        let Piece { range, is_suspect } = piece;
        let mut refuse = |object, why| {
            warn!(why, "the collector refuses an event for good");
            part.refused.push(Refusal { object, why });
        };
        match outcome {
            Outcome::Accepted => {}
            Outcome::Stopped => part.left.push(range),
            Outcome::Refused { object, code } => {
                let object = range.start + object;
                refuse(object, word(code));
                waiting.push(Piece {
                    range: object + 1..range.end,
                    is_suspect,
                });
            }
            Outcome::TooMuch if range.len() == 1 => refuse(range.start, "too-large"),
            Outcome::Unexplained if range.len() == 1 => refuse(range.start, "http-400"),
            Outcome::TooMuch | Outcome::Unexplained => {
                let [first, second] = halves(&range);
                // The last one in is sent first.
                for range in [second, first] {
                    waiting.push(Piece { range, is_suspect });
                }
            }
        }
    }

    /// Sends the objects in `range` in one request, again and again while that may help. Objects
    /// that are indexed on the way leave the range.
    async fn request(&self, range: &mut Range<usize>) -> Outcome {
        let patience = self.sink.patience;
        let mut bound = patience.first_pause;
        let mut tries = 0_u64;
        let mut is_reread = false;
        let mut strange = 0;
        let mut last = "no time is left".to_owned();
        loop {
            self.hold_back().await;
            let Some(time) = self.time_left().filter(|_| !self.is_stopped()) else {
                return self.stop(Fault::Unavailable(last));
            };
            tries += 1;
            self.requests.fetch_add(1, Relaxed);
            if tries > 1 {
                self.retries.fetch_add(1, Relaxed);
            }
            let token = self.sink.token.current().await;
            let body = self.sink.protocol.body(self.objects, range.clone());
            let request = self.sink.protocol.request(&self.sink.http, &token, body);
            let time = time.min(patience.request);
            let heard = hear(&self.sink.protocol, request, time, range.len()).await;
            match heard.verdict {
                Verdict::Accepted { ack_id } => return self.accepted(range, ack_id, &token).await,
                Verdict::Refused { object, code } => {
                    self.has_taken.store(true, Relaxed);
                    return Outcome::Refused { object, code };
                }
                Verdict::TooMuch => return Outcome::TooMuch,
                Verdict::Unexplained => return Outcome::Unexplained,
                Verdict::Misconfigured { .. } => {
                    return self.stop(Fault::Misconfigured(heard.note));
                }
                Verdict::Unauthorized => {
                    if is_reread || !self.reread(&token).await {
                        return self.stop(Fault::Unauthorized(heard.note));
                    }
                    is_reread = true;
                    info!("the token was read again");
                }
                Verdict::Busy { indexed } => {
                    range.start += indexed;
                    if heard.is_no_reply {
                        strange += 1;
                    }
                    if strange == MOST_STRANGE {
                        return self.stop(Fault::Misconfigured(heard.note));
                    }
                    if let Some(pause) = heard.retry_after {
                        self.ask_later(pause);
                    }
                    // The random pause is the least: a collector that asks for none is spared too.
                    let jitter = bound.mul_f64(fastrand::f64());
                    let pause = heard.retry_after.unwrap_or_default().max(jitter);
                    bound = (bound * 2).min(patience.longest_pause);
                    debug!(reason = heard.note, "the collector is asked again");
                    let has_time = self.time_left().is_some_and(|time| time > pause);
                    if !has_time || self.is_stopped() {
                        return self.stop(Fault::Unavailable(heard.note));
                    }
                    // Nothing to wait for once another request ends the round.
                    let _ended = tokio::time::timeout(pause, self.stopped.notified()).await;
                    last = heard.note;
                }
            }
        }
    }

    async fn accepted(&self, range: &Range<usize>, ack_id: Option<u64>, token: &Token) -> Outcome {
        if let Some(acks) = self.sink.protocol.acks() {
            let Some(id) = ack_id else {
                let note = "its reply has no ackId, so that indexer acknowledgement is off there";
                return self.stop(Fault::Misconfigured(note.to_owned()));
            };
            let Sink { http, patience, .. } = self.sink;
            if !is_indexed((acks, id), (http, token), patience, self.until).await {
                return self.stop(Fault::Unacknowledged);
            }
        }
        self.has_taken.store(true, Relaxed);
        self.sink.has_taken.store(true, Relaxed);
        // Published Logs Insights queries look for these words.
        info!("sent {} events, HTTP 200", range.len());
        Outcome::Accepted
    }

    /// Waits until the collector wants to be asked, or the round or its time is over.
    async fn hold_back(&self) {
        let at = *self
            .not_before
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = at.map(|at| at.min(self.until))
            && !self.is_stopped()
        {
            let _ended = tokio::time::timeout_at(at.into(), self.stopped.notified()).await;
        }
    }

    fn ask_later(&self, pause: Duration) {
        let mut not_before = self
            .not_before
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *not_before = (*not_before).max(Instant::now().checked_add(pause));
    }

    /// Reads the token again, and returns whether there is another one now.
    async fn reread(&self, refused: &Token) -> bool {
        let time = self.time_left().unwrap_or_default();
        let reading = tokio::time::timeout(time, self.sink.token.reread(refused));
        reading.await.unwrap_or(false)
    }

    fn time_left(&self) -> Option<Duration> {
        let left = self.until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
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
