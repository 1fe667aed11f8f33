//! One request of a run, repeated until its result is final.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hec::ResponseClass;
use tracing::{debug, info};

use super::state::RunState;
use crate::acknowledgment::{Accepted, Waited, new_channel};
use crate::connection::ConnectionError;
use crate::report::DeliveryError;
use crate::response::{HecResponse, send_request};
use crate::token::Token;

/// 200 replies that are not a collector's, for one request: a server that indexes events and replies
/// in its own format would receive the same events endlessly.
const MAX_FOREIGN_REPLIES: usize = 3;

/// Repetitions of one request as soon as the collector does not know it. Later ones wait for the
/// time-out of the acknowledgment: behind a load balancer that is not sticky, each repetition is
/// likely to be a duplicate.
const MAX_UNKNOWN: usize = 3;

/// The final result of a request.
pub(super) enum Outcome {
    Accepted,
    Rejected {
        object: usize,
        code: u32,
    },
    TooLarge,
    /// The first events are indexed, without an acknowledgment.
    Split {
        accepted: usize,
    },
    BadRequestWithoutCode,
    /// The run is over.
    Stopped,
}

/// A request that was sent.
pub(super) struct Sent {
    pub(super) outcome: Outcome,
    /// The events that the outcome is about.
    pub(super) remaining: Range<usize>,
    /// Other events of the request, before these, were accepted.
    pub(super) has_accepted: bool,
}

/// What the attempts of one request have in common.
struct Request<'r> {
    run: &'r RunState<'r>,
    /// The events, without those that were accepted.
    range: Range<usize>,
    attempts: u64,
    /// The bound of the next random pause.
    pause_bound: Duration,
    token_refreshed: bool,
    foreign: usize,
    unknown: usize,
    /// The last reply, for people.
    last: String,
}

/// Sends the events in `range` in one request, repeated as long as that may help.
pub(super) async fn send(run: &RunState<'_>, range: Range<usize>) -> Sent {
    let first = range.start;
    let mut request = Request {
        run,
        range,
        attempts: 0,
        pause_bound: run.collector.retry_policy.first_pause,
        token_refreshed: false,
        foreign: 0,
        unknown: 0,
        last: "no time is left".to_owned(),
    };
    let outcome = tokio::select! {
        outcome = request.send() => outcome,
        () = run.stop_overdue() => Outcome::Stopped,
    };
    Sent {
        outcome,
        has_accepted: request.range.start > first,
        remaining: request.range,
    }
}

impl Request<'_> {
    async fn send(&mut self) -> Outcome {
        loop {
            self.run.wait_for_retry_after().await;
            let Some(time) = self.run.time_left() else {
                return self.stop(DeliveryError::Unavailable(self.last.clone()));
            };
            self.run.count(self.attempts > 0);
            self.attempts += 1;
            let outcome = self.attempt(time).await;
            if let Some(Outcome::Accepted) = outcome {
                // Published Logs Insights queries search for these words.
                info!("sent {} events, HTTP 200", self.range.len());
            }
            if let Some(outcome) = outcome {
                return outcome;
            }
        }
    }

    /// Sends the events once; `None` if they are to be sent again.
    async fn attempt(&mut self, time: Duration) -> Option<Outcome> {
        let collector = self.run.collector;
        let protocol = &collector.protocol;
        let token = collector.token.current().await;
        let channel = new_channel();
        let body = protocol.body(self.run.events, self.range.clone());
        let request = protocol.request(&collector.http, &token, &channel, body);
        let time = time.min(collector.retry_policy.request);
        let response = match send_request(protocol, request, time, self.range.len()).await {
            Ok(response) => response,
            Err(error) => return self.no_response(&error).await,
        };
        match response.class {
            ResponseClass::Accepted { ack_id } if protocol.has_acks() => {
                let accepted = ack_id.map(|id| Accepted::new(channel, id, response.cookies));
                self.acknowledged(accepted, token).await
            }
            ResponseClass::Accepted { .. } => Some(Outcome::Accepted),
            ResponseClass::Rejected { object, code } => Some(Outcome::Rejected { object, code }),
            ResponseClass::Bisect => Some(Outcome::TooLarge),
            ResponseClass::BadRequestWithoutCode => Some(Outcome::BadRequestWithoutCode),
            ResponseClass::Misconfigured { .. } => {
                Some(self.stop(DeliveryError::Misconfigured(response.note)))
            }
            ResponseClass::Unauthorized => self.unauthorized(&token, response.note).await,
            ResponseClass::Busy { indexed } => self.busy(indexed, response).await,
        }
    }

    /// Pauses before the next attempt, unless another one cannot succeed either.
    async fn no_response(&mut self, error: &ConnectionError) -> Option<Outcome> {
        let note = error.message(self.run.collector.protocol.url_setting());
        if error.is_configuration() {
            return Some(self.stop(DeliveryError::Connection(note)));
        }
        self.pause(Duration::ZERO, note, DeliveryError::Unavailable)
            .await
    }

    /// Waits for the acknowledgment of an accepted request; `None` if it is to be sent again.
    async fn acknowledged(
        &mut self,
        accepted: Option<Accepted>,
        token: Arc<Token>,
    ) -> Option<Outcome> {
        let Some(accepted) = accepted else {
            let note = "its reply has no ackId, so that indexer acknowledgment is off there";
            return Some(self.stop(DeliveryError::Misconfigured(note.to_owned())));
        };
        let run = self.run;
        let trusts_unknown = self.unknown < MAX_UNKNOWN;
        let latest = Instant::now() + run.collector.retry_policy.acknowledgment;
        let end = latest.min(run.until);
        let waited = tokio::select! {
            waited = accepted.wait(run.collector, token, trusts_unknown, end) => waited,
            () = run.stopped_for_long() => return Some(Outcome::Stopped),
        };
        match waited {
            Waited::Indexed => Some(Outcome::Accepted),
            Waited::Unknown(note) => {
                self.unknown += 1;
                self.pause(Duration::ZERO, note, DeliveryError::Unacknowledged)
                    .await
            }
            Waited::NoEndpoint { status, path } => {
                Some(self.stop(DeliveryError::NoAckEndpoint { status, path }))
            }
            Waited::TimedOut(note) if end == run.until || run.is_stopped() => {
                Some(self.stop(DeliveryError::Unacknowledged(note)))
            }
            Waited::TimedOut(note) => {
                debug!(reason = note, "not acknowledged; the events are sent again");
                self.last = format!("not acknowledged: {note}");
                None
            }
        }
    }

    /// Refreshes the token, once per request.
    async fn unauthorized(&mut self, token: &Token, note: String) -> Option<Outcome> {
        let tokens = &self.run.collector.token;
        let time = self.run.time_left().unwrap_or_default();
        if self.token_refreshed || !tokens.refresh(token, time).await {
            return Some(self.stop(DeliveryError::Unauthorized {
                reply: note,
                token: tokens.location(),
            }));
        }
        self.token_refreshed = true;
        info!("the token was refreshed");
        None
    }

    /// Pauses before the next attempt for what was not indexed.
    async fn busy(&mut self, indexed: usize, response: HecResponse) -> Option<Outcome> {
        self.foreign += usize::from(response.is_foreign);
        if self.foreign == MAX_FOREIGN_REPLIES {
            return Some(self.stop(DeliveryError::Misconfigured(response.note)));
        }
        if let Some(pause) = response.retry_after {
            self.run.set_retry_after(pause);
        }
        let is_split = indexed > 0 && self.run.collector.protocol.has_acks();
        if !is_split {
            self.range.start += indexed;
        }
        let least = response.retry_after.unwrap_or_default();
        let stopped = self
            .pause(least, response.note, DeliveryError::Unavailable)
            .await;
        let split = is_split.then_some(Outcome::Split { accepted: indexed });
        stopped.or(split)
    }

    /// Pauses at least this long, and a random time if that is longer (exponential backoff with
    /// full jitter). Without time for that, the run stops with an error of this kind.
    async fn pause(
        &mut self,
        least: Duration,
        note: String,
        error: impl FnOnce(String) -> DeliveryError,
    ) -> Option<Outcome> {
        let pause = least.max(self.pause_bound.mul_f64(fastrand::f64()));
        let longest = self.run.collector.retry_policy.longest_pause;
        self.pause_bound = (self.pause_bound * 2).min(longest);
        debug!(reason = note, "the request is sent again");
        if !self.run.pause(pause).await {
            return Some(self.stop(error(note)));
        }
        self.last = note;
        None
    }

    fn stop(&self, error: DeliveryError) -> Outcome {
        self.run.stop(error);
        Outcome::Stopped
    }
}
