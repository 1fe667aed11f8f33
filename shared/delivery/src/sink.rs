//! The collector as it is talked to.

use std::ops::Range;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream;
use hec::Objects;
use reqwest::Client;
use settings::DeliverySettings;
use thiserror::Error;

use crate::http::{self, ClientError};
use crate::protocol::Protocol;
use crate::run::Run;
use crate::token::TokenCache;

/// Requests that are under way at the same time.
const PARALLEL: usize = 4;

/// How long is waited for what.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// The bound of the first random pause after a reply that may pass; each next one doubles.
    pub first_pause: Duration,
    /// The bound of any random pause.
    pub longest_pause: Duration,
    /// One request, connecting and reply included.
    pub request: Duration,
    /// From a reply to its indexer acknowledgement.
    pub acknowledgement: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first_pause: Duration::from_millis(200),
            longest_pause: Duration::from_secs(20),
            request: Duration::from_secs(30),
            // Splunk indexers were seen to acknowledge their last batches after some two minutes.
            acknowledgement: Duration::from_secs(300),
        }
    }
}

/// Sends objects to one collector. Keeps its connections from call to call.
pub struct Sink {
    pub(crate) http: Client,
    pub(crate) protocol: Protocol,
    pub(crate) token: TokenCache,
    pub(crate) patience: Patience,
    max_bytes: usize,
}

/// An object that the collector will never take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// Its place among the objects that were given.
    pub object: usize,
    /// Why, as a word for a key: `hec-6`, `too-large`, `http-400`.
    pub why: &'static str,
}

/// Why sending stopped before its end.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// The collector did not take the objects in time.
    #[error("the collector did not take the events in time: {0}")]
    Unavailable(String),
    /// The token is refused, also after it was read again.
    #[error(
        "the collector refuses the token ({0}): put the right one into the secret of SECRET_NAME"
    )]
    Unauthorized(String),
    /// Nothing will be taken until a setting changes, here or at the collector.
    #[error(
        "the collector refuses every request ({0}): check HEC_URL, HEC_PROFILE, HEC_INDEX and the token's settings there"
    )]
    Misconfigured(String),
    /// The collector took the objects and did not acknowledge that they are indexed.
    #[error("the collector took the events and did not acknowledge them in time")]
    Unacknowledged,
}

impl Fault {
    /// Whether somebody has to change something before events flow again.
    pub fn is_configuration(&self) -> bool {
        matches!(self, Self::Unauthorized(_) | Self::Misconfigured(_))
    }
}

/// What became of the objects: each is accepted, refused or left.
#[derive(Debug, Default)]
pub struct Sent {
    /// How many the collector took.
    pub accepted: usize,
    /// Those it never will, in order.
    pub refused: Vec<Refusal>,
    /// Those that were not taken and may be later, in order.
    pub left: Vec<Range<usize>>,
    /// Why objects are left.
    pub fault: Option<Fault>,
    /// Requests with objects.
    pub requests: u64,
    /// Of those, repeated ones.
    pub retries: u64,
}

impl Sink {
    /// A sink by `settings`, which are complete.
    ///
    /// # Errors
    /// The URL cannot be read, or TLS cannot be set up.
    pub fn new(settings: &DeliverySettings, token: TokenCache) -> Result<Self, ClientError> {
        let protocol = Protocol::new(settings)?;
        Ok(Self {
            http: http::client(protocol.is_tls())?,
            protocol,
            token,
            patience: Patience::default(),
            max_bytes: settings.max_bytes,
        })
    }

    /// The same with this patience.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// Sends all `objects`, in several requests at once, and tries again what may pass until
    /// shortly before `until`.
    pub async fn send(&self, objects: &Objects, until: Instant) -> Sent {
        let run = Run::new(self, objects, until);
        let batches = self.protocol.batches(objects, self.max_bytes);
        let sending = stream::iter(batches).map(|range| run.batch(range));
        let parts: Vec<_> = sending.buffer_unordered(PARALLEL).collect().await;
        let mut sent = Sent::default();
        for part in parts.into_iter().chain([run.judge_aside()]) {
            sent.refused.extend(part.refused);
            sent.left
                .extend(part.left.into_iter().filter(|range| !range.is_empty()));
        }
        sent.refused.sort_by_key(|refusal| refusal.object);
        sent.left.sort_by_key(|range| range.start);
        let left: usize = sent.left.iter().map(Range::len).sum();
        sent.accepted = objects.len() - sent.refused.len() - left;
        (sent.fault, sent.requests, sent.retries) = run.end();
        sent
    }
}
