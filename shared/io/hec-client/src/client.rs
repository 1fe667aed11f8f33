//! A client of one HEC collector.

use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use hec::EventBatch;
use reqwest::{Certificate, Client};
use settings::DeliverySettings;
use tokio::sync::watch;

use crate::ca_file::load_ca_file;
use crate::http::{self, ClientError};
use crate::protocol::Protocol;
use crate::report::DeliveryReport;
use crate::run;
use crate::token_cache::TokenCache;

/// Pauses and time limits.
#[derive(Debug, Clone, Copy)]
pub struct RetryPolicy {
    /// The bound of the first random pause after a transient failure; each next one doubles.
    pub first_pause: Duration,
    /// The bound of any random pause.
    pub longest_pause: Duration,
    /// The time limit of one request, connecting and reply included.
    pub request: Duration,
    /// From a reply to its indexer acknowledgment. The events are sent again afterwards.
    pub acknowledgment: Duration,
    /// The time limit of requests under way after the delivery is stopped.
    pub stop: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            first_pause: Duration::from_millis(200),
            longest_pause: Duration::from_secs(20),
            request: Duration::from_secs(30),
            // Splunk indexers were seen to acknowledge their last batches after some two minutes.
            acknowledgment: Duration::from_secs(300),
            stop: Duration::from_secs(10),
        }
    }
}

/// Sends objects to one collector. Keeps its connections from call to call.
pub struct HecClient {
    pub(crate) http: Client,
    pub(crate) protocol: Protocol,
    pub(crate) token: TokenCache,
    pub(crate) retry_policy: RetryPolicy,
    /// The number of the next probe. Kept between deliveries, so that each probes elsewhere.
    pub(crate) probe: AtomicUsize,
    max_bytes: usize,
    /// Turns true when sending is to stop.
    stop: Option<watch::Receiver<bool>>,
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

impl HecClient {
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
            retry_policy: RetryPolicy::default(),
            probe: AtomicUsize::new(0),
            max_bytes: settings.max_bytes,
            stop: None,
        })
    }

    /// Checks `settings` as [`HecClient::new`] does, as far as they are a matter of configuration: the
    /// URL and the file of `HEC_CA_FILE`.
    ///
    /// # Errors
    /// One of them cannot be used; [`ClientError::setting`] names it.
    pub fn check(settings: &DeliverySettings) -> Result<(), ClientError> {
        connection(settings).map(drop)
    }

    /// The same, but it stops sending when `stop` turns true: no request is sent any more, and those
    /// under way get [`RetryPolicy::stop`].
    #[must_use]
    pub fn with_stop(self, stop: watch::Receiver<bool>) -> Self {
        Self {
            stop: Some(stop),
            ..self
        }
    }

    /// The same client with this policy.
    #[must_use]
    pub fn with_retry_policy(self, retry_policy: RetryPolicy) -> Self {
        Self {
            retry_policy,
            ..self
        }
    }

    /// Sends all `objects`, in several requests at once, and tries again what may pass until
    /// shortly before `until`.
    pub async fn send(&self, objects: &EventBatch, until: Instant) -> DeliveryReport {
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
