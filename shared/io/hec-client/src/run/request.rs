//! One request of a round, sent until its result is final.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use hec::ResponseClass;
use tracing::{debug, info};

use super::{Outcome, Run};
use crate::acknowledgment::{Accepted, Channel, Waited};
use crate::client::HecClient;
use crate::connection::ConnectionError;
use crate::report::DeliveryError;
use crate::response::{HecResponse, send_request};
use crate::token::Token;

/// How many 200s that are not the reply of a collector one request may get: a server that indexes
/// and replies in its own way would receive the same events endlessly.
const MOST_FOREIGN: usize = 3;

/// How often one request is sent again as soon as the collector does not know it. Later it is sent
/// again when the time for its acknowledgment is over: behind a load balancer that is not sticky,
/// each repetition is likely to be a duplicate.
const MOST_UNKNOWN: usize = 3;

/// What the attempts of one request have in common.
pub(super) struct Attempts {
    count: u64,
    /// The bound of the next random pause.
    pub(super) bound: Duration,
    token_refreshed: bool,
    foreign: usize,
    unknown: usize,
    /// The last reply, for people.
    pub(super) last: String,
}

impl Run<'_> {
    /// Sends the objects in `range` in one request, repeatedly while that may help. EventBatch that
    /// are indexed on the way leave the range.
    pub(super) async fn request(&self, range: &mut Range<usize>) -> Outcome {
        let mut attempts = Attempts {
            count: 0,
            bound: self.sink.retry_policy.first_pause,
            token_refreshed: false,
            foreign: 0,
            unknown: 0,
            last: "no time is left".to_owned(),
        };
        loop {
            self.hold_back().await;
            let Some(time) = self.time_left().filter(|_| !self.is_stopped()) else {
                return self.stop(DeliveryError::Unavailable(attempts.last));
            };
            self.count(&mut attempts);
            let outcome = self.attempt(range, time, &mut attempts).await;
            if let Some(Outcome::Accepted) = outcome {
                // Published Logs Insights queries look for these words.
                info!("sent {} events, HTTP 200", range.len());
            }
            if let Some(outcome) = outcome {
                return outcome;
            }
        }
    }

    /// Sends the objects in `range` once; nothing if they are to be sent again.
    async fn attempt(
        &self,
        range: &mut Range<usize>,
        time: Duration,
        attempts: &mut Attempts,
    ) -> Option<Outcome> {
        let HecClient { http, protocol, .. } = self.sink;
        let token = self.sink.token.current().await;
        let channel = Channel::new();
        let body = protocol.body(self.objects, range.clone());
        let request = protocol.request(http, &token, &channel, body);
        let time = time.min(self.sink.retry_policy.request);
        let response = match send_request(protocol, request, time, range.len()).await {
            Ok(response) => response,
            Err(error) => return self.unanswered(&error, attempts).await,
        };
        match response.verdict {
            ResponseClass::Accepted { ack_id } if protocol.has_acks() => {
                let cookies = response.cookies;
                let accepted = ack_id.map(|id| Accepted {
                    channel,
                    id,
                    cookies,
                });
                self.acknowledged(accepted, token, attempts).await
            }
            ResponseClass::Accepted { .. } => Some(Outcome::Accepted),
            ResponseClass::Rejected { object, code } => Some(Outcome::Refused { object, code }),
            ResponseClass::Bisect => Some(Outcome::TooMuch),
            ResponseClass::BadRequestWithoutCode => Some(Outcome::Unexplained),
            ResponseClass::Misconfigured { .. } => {
                Some(self.stop(DeliveryError::Misconfigured(response.note)))
            }
            ResponseClass::Unauthorized => self.unauthorized(&token, attempts, response.note).await,
            ResponseClass::Busy { indexed } => self.busy(range, indexed, response, attempts).await,
        }
    }

    fn count(&self, attempts: &mut Attempts) {
        attempts.count += 1;
        self.requests.fetch_add(1, Relaxed);
        if attempts.count > 1 {
            self.retries.fetch_add(1, Relaxed);
        }
    }

    /// Waits before the next attempt, unless another one cannot succeed either.
    async fn unanswered(
        &self,
        error: &ConnectionError,
        attempts: &mut Attempts,
    ) -> Option<Outcome> {
        let note = error.message(self.sink.protocol.url_setting());
        if error.is_configuration() {
            return Some(self.stop(DeliveryError::Connection(note)));
        }
        let unavailable = DeliveryError::Unavailable(note.clone());
        self.pause(Duration::ZERO, note, unavailable, attempts)
            .await
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
            return Some(self.stop(DeliveryError::Misconfigured(note.to_owned())));
        };
        let trusts_unknown = attempts.unknown < MOST_UNKNOWN;
        let latest = Instant::now() + self.sink.retry_policy.acknowledgment;
        let end = latest.min(self.until);
        match accepted.wait(self.sink, token, trusts_unknown, end).await {
            Waited::Indexed => Some(Outcome::Accepted),
            Waited::Unknown(note) => {
                attempts.unknown += 1;
                let unacknowledged = DeliveryError::Unacknowledged(note.clone());
                self.pause(Duration::ZERO, note, unacknowledged, attempts)
                    .await
            }
            Waited::TimedOut(note) if end == self.until || self.is_stopped() => {
                Some(self.stop(DeliveryError::Unacknowledged(note)))
            }
            Waited::TimedOut(note) => {
                debug!(reason = note, "not acknowledged; the events are sent again");
                attempts.last = format!("not acknowledged: {note}");
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
        if attempts.token_refreshed || !self.sink.token.refresh(token, time).await {
            return Some(self.stop(DeliveryError::Unauthorized {
                reply: note,
                token: self.sink.token.location(),
            }));
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
        response: HecResponse,
        attempts: &mut Attempts,
    ) -> Option<Outcome> {
        if response.is_foreign {
            attempts.foreign += 1;
        }
        if attempts.foreign == MOST_FOREIGN {
            return Some(self.stop(DeliveryError::Misconfigured(response.note)));
        }
        if let Some(pause) = response.retry_after {
            self.ask_later(pause);
        }
        let least = response.retry_after.unwrap_or_default();
        let is_split = indexed > 0 && self.sink.protocol.has_acks();
        if !is_split {
            range.start += indexed;
        }
        let unavailable = DeliveryError::Unavailable(response.note.clone());
        let outcome = self
            .pause(least, response.note, unavailable, attempts)
            .await;
        match outcome {
            None if is_split => Some(Outcome::Split { accepted: indexed }),
            outcome => outcome,
        }
    }
}
