//! One request of a round, sent until its result is final.

use std::ops::Range;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use hec::Verdict;
use tracing::{debug, info};

use super::{Outcome, Run};
use crate::acknowledgment::{Accepted, Channel, Waited};
use crate::hear::{Heard, hear};
use crate::sink::Fault;
use crate::token::Token;

/// How many successes of one request may be no replies of a collector: what indexes and answers
/// otherwise would be sent the same for ever.
const MOST_STRANGE: usize = 3;

/// How often one request is sent again as soon as the collector does not know it. Later it is sent
/// again when the time for its acknowledgment is over: behind a load balancer that is not sticky,
/// each repetition is likely to be a duplicate.
const MOST_UNKNOWN: usize = 3;

/// What the attempts of one request have in common.
struct Attempts {
    count: u64,
    /// The bound of the next random pause.
    bound: Duration,
    token_refreshed: bool,
    strange: usize,
    unknown: usize,
    /// The last reply, for people.
    last: String,
}

impl Run<'_> {
    /// Sends the objects in `range` in one request, repeatedly while that may help. Objects that
    /// are indexed on the way leave the range.
    pub(super) async fn request(&self, range: &mut Range<usize>) -> Outcome {
        let mut attempts = Attempts {
            count: 0,
            bound: self.sink.patience.first_pause,
            token_refreshed: false,
            strange: 0,
            unknown: 0,
            last: "no time is left".to_owned(),
        };
        loop {
            self.hold_back().await;
            let Some(time) = self.time_left().filter(|_| !self.is_stopped()) else {
                return self.stop(Fault::Unavailable(attempts.last));
            };
            self.count(&mut attempts);
            let token = self.sink.token.current().await;
            let channel = Channel::new();
            let body = self.sink.protocol.body(self.objects, range.clone());
            let request = (self.sink.protocol).request(&self.sink.http, &token, &channel, body);
            let time = time.min(self.sink.patience.request);
            let heard = hear(&self.sink.protocol, request, time, range.len()).await;
            let outcome = match heard.verdict {
                Verdict::Accepted { ack_id } if self.sink.protocol.has_acks() => {
                    let cookies = heard.cookies;
                    let accepted = ack_id.map(|id| Accepted {
                        channel,
                        id,
                        cookies,
                    });
                    self.acknowledged(accepted, token, &mut attempts).await
                }
                Verdict::Accepted { .. } => Some(Outcome::Accepted),
                Verdict::Refused { object, code } => Some(Outcome::Refused { object, code }),
                Verdict::TooMuch => Some(Outcome::TooMuch),
                Verdict::Unexplained => Some(Outcome::Unexplained),
                Verdict::Misconfigured { .. } => Some(self.stop(Fault::Misconfigured(heard.note))),
                Verdict::Unauthorized => self.unauthorized(&token, &mut attempts, heard.note).await,
                Verdict::Busy { indexed } => self.busy(range, indexed, heard, &mut attempts).await,
            };
            if let Some(Outcome::Accepted) = outcome {
                // Published Logs Insights queries look for these words.
                info!("sent {} events, HTTP 200", range.len());
            }
            if let Some(outcome) = outcome {
                return outcome;
            }
        }
    }

    fn count(&self, attempts: &mut Attempts) {
        attempts.count += 1;
        self.requests.fetch_add(1, Relaxed);
        if attempts.count > 1 {
            self.retries.fetch_add(1, Relaxed);
        }
    }

    /// Waits for the acknowledgment of an accepted request; nothing if it is to be sent again.
    async fn acknowledged(
        &self,
        accepted: Option<Accepted>,
        token: Arc<Token>,
        attempts: &mut Attempts,
    ) -> Option<Outcome> {
        let Some(accepted) = accepted else {
            let note = "its reply has no ackId, so that indexer acknowledgment is off there";
            return Some(self.stop(Fault::Misconfigured(note.to_owned())));
        };
        let trusts_unknown = attempts.unknown < MOST_UNKNOWN;
        let latest = Instant::now() + self.sink.patience.acknowledgement;
        let end = latest.min(self.until);
        match accepted.wait(self.sink, token, trusts_unknown, end).await {
            Waited::Indexed => Some(Outcome::Accepted),
            Waited::Unknown(note) => {
                attempts.unknown += 1;
                let unacknowledged = Fault::Unacknowledged(note.clone());
                self.pause(Duration::ZERO, note, unacknowledged, attempts)
                    .await
            }
            Waited::TimedOut(note) if end == self.until || self.is_stopped() => {
                Some(self.stop(Fault::Unacknowledged(note)))
            }
            Waited::TimedOut(note) => {
                debug!(reason = note, "not acknowledged; the events are sent again");
                attempts.last = note;
                None
            }
        }
    }

    /// Reads the token again, once for each request.
    async fn unauthorized(
        &self,
        token: &Token,
        attempts: &mut Attempts,
        note: String,
    ) -> Option<Outcome> {
        let time = self.time_left().unwrap_or_default();
        if attempts.token_refreshed || !self.sink.token.reread_within(token, time).await {
            return Some(self.stop(Fault::Unauthorized(note)));
        }
        attempts.token_refreshed = true;
        info!("the token was read again");
        None
    }

    /// Waits before the next attempt; nothing if there is to be one.
    async fn busy(
        &self,
        range: &mut Range<usize>,
        indexed: usize,
        heard: Heard,
        attempts: &mut Attempts,
    ) -> Option<Outcome> {
        if heard.is_no_reply {
            attempts.strange += 1;
        }
        if attempts.strange == MOST_STRANGE {
            return Some(self.stop(Fault::Misconfigured(heard.note)));
        }
        if let Some(pause) = heard.retry_after {
            self.ask_later(pause);
        }
        let least = heard.retry_after.unwrap_or_default();
        let is_split = indexed > 0 && self.sink.protocol.has_acks();
        if !is_split {
            range.start += indexed;
        }
        let unavailable = Fault::Unavailable(heard.note.clone());
        let outcome = self.pause(least, heard.note, unavailable, attempts).await;
        match outcome {
            None if is_split => Some(Outcome::Split { accepted: indexed }),
            outcome => outcome,
        }
    }

    /// Waits at least this long, and a random time if that is longer. If no time is left
    /// afterwards, the round ends with `fault`.
    async fn pause(
        &self,
        least: Duration,
        note: String,
        fault: Fault,
        attempts: &mut Attempts,
    ) -> Option<Outcome> {
        // A collector that asks for no pause is given a random one too.
        let jitter = attempts.bound.mul_f64(fastrand::f64());
        let pause = least.max(jitter);
        attempts.bound = (attempts.bound * 2).min(self.sink.patience.longest_pause);
        debug!(reason = note, "the request is sent again");
        let has_time = self.time_left().is_some_and(|time| time > pause);
        if !has_time || self.is_stopped() {
            return Some(self.stop(fault));
        }
        // Nothing to wait for once another request ends the round.
        let _ended = tokio::time::timeout(pause, self.stopped.notified()).await;
        attempts.last = note;
        None
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

    fn time_left(&self) -> Option<Duration> {
        let left = self.until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }
}
