//! One request of a round, until it has ended for good.

use std::ops::Range;
use std::sync::PoisonError;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use hec::Verdict;
use tracing::{debug, info};

use super::{Outcome, Run};
use crate::acknowledgement::is_indexed;
use crate::hear::hear;
use crate::sink::{Fault, Sink};
use crate::token::Token;

/// How many successes of one request may be no replies of a collector: what indexes and answers
/// otherwise would be sent the same for ever.
const MOST_STRANGE: usize = 3;

impl Run<'_> {
    /// Sends the objects in `range` in one request, again and again while that may help. Objects
    /// that are indexed on the way leave the range.
    pub(super) async fn request(&self, range: &mut Range<usize>) -> Outcome {
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
                Verdict::Refused { object, code } => return Outcome::Refused { object, code },
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
}
