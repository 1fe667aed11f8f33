//! Waiting for the indexer acknowledgment of one request.
//!
//! An acknowledgment id does not identify a request. Collectors count ids from 0 in each channel,
//! keep them in memory, and count from 0 again after a restart, so that on a shared channel a
//! request that waits for id k can be told `true` for the k-th request after the restart. Hence
//! every HTTP request, retries included, has a channel of its own ([`Channel::new`]):
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

use crate::client::HecClient;
use crate::connection::ConnectionError;
use crate::cookies::Cookies;
use crate::response::{note_of, read};
use crate::token::Token;
use crate::uuid::uuid;

/// The first pause between two polls; each next one doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// The longest pause between two polls. Splunk's own senders poll every ten seconds.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// The channel of one HTTP request.
pub(crate) struct Channel {
    /// A random UUID.
    pub(crate) id: String,
}

/// How a wait for an acknowledgment ended.
pub(crate) enum Waited {
    /// The request is indexed.
    Indexed,
    /// The collector does not know the request, as its last reply says. It is to be sent again.
    Unknown(String),
    /// The time is over; the last reply.
    TimedOut(String),
}

/// A request that was accepted and waits for its acknowledgment.
pub(crate) struct Accepted {
    pub(crate) channel: Channel,
    /// The id that the collector gave the request on the channel.
    pub(crate) id: u64,
    /// Lead back to the server that accepted it.
    pub(crate) cookies: Cookies,
}

impl Channel {
    pub(crate) fn new() -> Self {
        Self { id: uuid() }
    }
}

impl Accepted {
    /// Polls until the request is indexed, until the collector does not know it (unless
    /// `trusts_unknown` is false), or until shortly before `end`.
    pub(crate) async fn wait(
        mut self,
        sink: &HecClient,
        mut token: Arc<Token>,
        trusts_unknown: bool,
        end: Instant,
    ) -> Waited {
        let mut pause = FIRST_PAUSE;
        let mut last = None;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let time = left.min(sink.retry_policy.request);
            let (status, note) = match self.poll(sink, &token, time).await {
                Ok((status, note)) => (status, last.insert(note).clone()),
                Err(note) => (AckStatus::Pending, last.clone().unwrap_or(note)),
            };
            match status {
                AckStatus::Indexed => return Waited::Indexed,
                AckStatus::Unknown if trusts_unknown => return Waited::Unknown(note),
                AckStatus::Unauthorized => {
                    // Rotated meanwhile. Without another token, sending again reports the fault.
                    if !sink.token.refresh(&token, left).await {
                        return Waited::Unknown(note);
                    }
                    token = sink.token.current().await;
                }
                AckStatus::Pending | AckStatus::Unknown => {}
            }
            let left = end.saturating_duration_since(Instant::now());
            if left < FIRST_PAUSE {
                return Waited::TimedOut(note);
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
        sink: &HecClient,
        token: &Token,
        time: Duration,
    ) -> Result<(AckStatus, String), String> {
        let poll = sink.protocol.poll(&sink.http, token, self);
        let without_reply = |error: reqwest::Error| {
            let error = ConnectionError::new(&error, sink.protocol.is_tls());
            error.message(sink.protocol.url_setting())
        };
        let response = poll.timeout(time).send().await.map_err(without_reply)?;
        let status = response.status().as_u16();
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
