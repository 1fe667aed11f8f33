//! Waiting for the indexer acknowledgment of one request.
//!
//! An acknowledgment id does not identify a request. Collectors count ids from 0 in each channel,
//! keep them in memory, and count from 0 again after a restart, so that on a shared channel a
//! request that waits for id k can be told `true` for the k-th request after the restart. Hence
//! every HTTP request, retries included, has a channel of its own ([`new_channel`]):
//!
//! - A channel carries one body only. Copies of it (a proxy that repeats a request) hold the same
//!   events, so that any id that turns `true` on the channel means that these events are indexed.
//! - After a restart, ids on the channel start at 0 again, but no other request uses it: an id can
//!   stay `false` or unknown, and never turns `true` for other events.
//! - A server that never saw the channel (a load balancer that is not sticky) answers `false` or an
//!   error. Both mean: not acknowledged, send again.
//!
//! Splunk allows a million channels. It drops those idle for ten minutes if `ackIdleCleanup` is
//! set (Splunk, "About HTTP Event Collector Indexer Acknowledgment", channel limits).

use std::sync::Arc;
use std::time::{Duration, Instant};

use hec::AckStatus;
use uuid::Uuid;

use crate::collector::Collector;
use crate::connection::ConnectionError;
use crate::cookies::Cookies;
use crate::response::{note_of, read};
use crate::token::Token;

/// The first pause between two polls; each next one doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// The longest pause between two polls. Splunk's own senders poll every ten seconds.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// The channel of one HTTP request: a random UUID.
pub(crate) fn new_channel() -> String {
    Uuid::new_v4().to_string()
}

/// How a wait for an acknowledgment ended.
pub(crate) enum Waited {
    /// The request is indexed.
    Indexed,
    /// The collector does not know the request, as its last reply says. It is to be sent again.
    Unknown(String),
    /// The time is over; the last reply.
    TimedOut(String),
    /// The time is over, and the last reply says that nothing at this path replies to polls: 404
    /// or 405.
    NoEndpoint { status: u16, path: String },
}

/// A request that was accepted and waits for its acknowledgment.
pub(crate) struct Accepted {
    channel: String,
    /// The id that the collector gave the request on the channel.
    id: u64,
    /// Lead back to the server that accepted it.
    cookies: Cookies,
    /// The status of the last reply to a poll.
    last_status: Option<u16>,
}

impl Accepted {
    /// The request on `channel` with this acknowledgment id, whose reply set these cookies.
    pub(crate) fn new(channel: String, id: u64, cookies: Cookies) -> Self {
        Self {
            channel,
            id,
            cookies,
            last_status: None,
        }
    }

    /// Polls until the request is indexed, until the collector does not know it (unless
    /// `trusts_unknown` is false), or until shortly before `end`.
    pub(crate) async fn wait(
        mut self,
        collector: &Collector,
        mut token: Arc<Token>,
        trusts_unknown: bool,
        end: Instant,
    ) -> Waited {
        let mut pause = FIRST_PAUSE;
        let mut last = None;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let time = left.min(collector.retry_policy.request);
            let (status, note) = match self.poll(collector, &token, time).await {
                Ok((status, note)) => (status, last.insert(note).clone()),
                Err(note) => (AckStatus::Pending, last.clone().unwrap_or(note)),
            };
            match status {
                AckStatus::Indexed => return Waited::Indexed,
                AckStatus::Unknown if trusts_unknown => return Waited::Unknown(note),
                AckStatus::Unauthorized => {
                    // Rotated meanwhile. Without another token, sending again reports the fault.
                    if !collector.token.refresh(&token, left).await {
                        return Waited::Unknown(note);
                    }
                    token = collector.token.current().await;
                }
                AckStatus::Pending | AckStatus::Unknown => {}
            }
            let left = end.saturating_duration_since(Instant::now());
            if left < FIRST_PAUSE {
                return match self.last_status {
                    Some(status @ (404 | 405)) => Waited::NoEndpoint {
                        status,
                        path: collector.protocol.ack_path().to_owned(),
                    },
                    _ => Waited::TimedOut(note),
                };
            }
            // Half of the time at most, so that a late acknowledgment is not missed.
            tokio::time::sleep(pause.min(left / 2)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// The reply to one poll, with a note for people.
    ///
    /// # Errors
    /// Why there is none.
    async fn poll(
        &mut self,
        collector: &Collector,
        token: &Token,
        time: Duration,
    ) -> Result<(AckStatus, String), String> {
        let poll = collector.protocol.poll(
            &collector.http,
            token,
            (&self.channel, self.id),
            &self.cookies,
        );
        let without_reply = |error: reqwest::Error| {
            let error = ConnectionError::new(&error, collector.protocol.is_tls());
            error.message(collector.protocol.url_setting())
        };
        let response = poll.timeout(time).send().await.map_err(without_reply)?;
        let status = response.status().as_u16();
        self.last_status = Some(status);
        self.cookies.store(response.headers());
        let body = read(response).await.map_err(without_reply)?;
        Ok(match AckStatus::from_response(status, &body, self.id) {
            AckStatus::Pending if status == 200 => {
                (AckStatus::Pending, "not indexed yet".to_owned())
            }
            known => (known, note_of(status, &body)),
        })
    }
}
