//! The collector as it is talked to.

use std::ops::Range;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use hec::EventBatch;
use reqwest::{Certificate, Client};
use settings::DeliverySettings;
use thiserror::Error;
use tokio::sync::watch;

use crate::ca_file::load_ca_file;
use crate::http::{self, ClientError};
use crate::protocol::Protocol;
use crate::run;
use crate::token::TokenCache;

/// How long is waited for what.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// The bound of the first random pause after a reply that may pass; each next one doubles.
    pub first_pause: Duration,
    /// The bound of any random pause.
    pub longest_pause: Duration,
    /// One request, connecting and reply included.
    pub request: Duration,
    /// From a reply to its indexer acknowledgment. The events are sent again afterwards.
    pub acknowledgement: Duration,
    /// Requests under way, after sending was asked to stop.
    pub stop: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first_pause: Duration::from_millis(200),
            longest_pause: Duration::from_secs(20),
            request: Duration::from_secs(30),
            // Splunk indexers were seen to acknowledge their last batches after some two minutes.
            acknowledgement: Duration::from_secs(300),
            stop: Duration::from_secs(10),
        }
    }
}

/// Sends objects to one collector. Keeps its connections from call to call.
pub struct Sink {
    pub(crate) http: Client,
    pub(crate) protocol: Protocol,
    pub(crate) token: TokenCache,
    pub(crate) patience: Patience,
    /// The number of the next object that is asked alone to find out what is wrong. Kept from
    /// round to round, so that each looks elsewhere.
    pub(crate) probe: AtomicUsize,
    max_bytes: usize,
    /// Turns true when sending is to stop.
    stop: Option<watch::Receiver<bool>>,
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
    /// The collector did not accept the objects in time; what it replied last, or why there was no
    /// reply.
    #[error("the collector did not accept the events in time: {0}")]
    Unavailable(String),
    /// No connection succeeds until a setting changes, here or at the collector.
    #[error("no connection to the collector: {0}")]
    Connection(String),
    /// The token is rejected, also after it was read again.
    #[error("the collector rejects the token from {token} ({reply})")]
    Unauthorized {
        /// Status and code.
        reply: String,
        /// Where the token was read: a file or a secret.
        token: String,
    },
    /// No request is accepted until a setting changes, here or at the collector.
    #[error(
        "the collector rejects every request ({0}): check HEC_URL, HEC_PROFILE, HEC_INDEX and the token's settings there"
    )]
    Misconfigured(String),
    /// The collector, or what stands before it, answers 400 without a HEC code, and nothing tells
    /// whether a setting or the objects that are left are bad.
    #[error(
        "400 without a HEC code, and nothing else is taken: check HEC_URL, what stands before the collector, and whether it refuses these events"
    )]
    Unexplained,
    /// The collector accepted the objects and did not acknowledge in time that they are indexed;
    /// its last reply to a poll.
    #[error(
        "the collector accepted the events and did not acknowledge in time that they are indexed ({0})"
    )]
    Unacknowledged(String),
    /// Sending was asked to stop.
    #[error("sending was stopped")]
    Stopped,
}

impl Fault {
    /// Whether somebody has to change something before events flow again.
    pub fn is_configuration(&self) -> bool {
        matches!(
            self,
            Self::Connection(_)
                | Self::Unauthorized { .. }
                | Self::Misconfigured(_)
                | Self::Unexplained
        )
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

/// The protocol, and the certificate authorities that are trusted in addition to the system's.
fn connection(settings: &DeliverySettings) -> Result<(Protocol, Vec<Certificate>), ClientError> {
    let protocol = Protocol::new(settings)?;
    let authorities = match &settings.ca_file {
        Some(path) => load_ca_file(path)?,
        None => Vec::new(),
    };
    Ok((protocol, authorities))
}

impl Sink {
    /// A sink by `settings`, which are complete.
    ///
    /// # Errors
    /// The URL cannot be parsed, the file of `HEC_CA_FILE` cannot be used, or TLS cannot be set
    /// up.
    pub fn new(settings: &DeliverySettings, token: TokenCache) -> Result<Self, ClientError> {
        let (protocol, authorities) = connection(settings)?;
        Ok(Self {
            http: http::client(protocol.is_tls(), authorities)?,
            protocol,
            token,
            patience: Patience::default(),
            probe: AtomicUsize::new(0),
            max_bytes: settings.max_bytes,
            stop: None,
        })
    }

    /// Checks `settings` as [`Sink::new`] does, as far as they are a matter of configuration: the
    /// URL and the file of `HEC_CA_FILE`.
    ///
    /// # Errors
    /// One of them cannot be used; [`ClientError::setting`] names it.
    pub fn check(settings: &DeliverySettings) -> Result<(), ClientError> {
        connection(settings).map(drop)
    }

    /// The same, but it stops sending when `stop` turns true: no request is sent any more, and those
    /// under way get [`Patience::stop`].
    #[must_use]
    pub fn with_stop(self, stop: watch::Receiver<bool>) -> Self {
        Self {
            stop: Some(stop),
            ..self
        }
    }

    /// The same with this patience.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// Sends all `objects`, in several requests at once, and tries again what may pass until
    /// shortly before `until`.
    pub async fn send(&self, objects: &EventBatch, until: Instant) -> Sent {
        let batches = self.protocol.batches(objects, self.max_bytes);
        run::round(self, objects, batches, until).await
    }

    /// Waits until sending is to stop, without end if nothing can ask for that.
    pub(crate) async fn stop_requested(&self) {
        let stop = self.stop.clone();
        if let Some(mut stop) = stop
            && stop.wait_for(|is_requested| *is_requested).await.is_ok()
        {
            return;
        }
        std::future::pending().await
    }
}
