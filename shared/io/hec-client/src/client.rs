//! A client of one HEC collector.

use std::time::Instant;

use hec::EventBatch;
use reqwest::Certificate;
use settings::DeliverySettings;
use tokio::sync::watch;

use crate::ca_file::load_ca_file;
use crate::collector::Collector;
use crate::http::{self, ClientError};
use crate::protocol::Protocol;
use crate::report::DeliveryReport;
use crate::retry_policy::RetryPolicy;
use crate::run;
use crate::token_cache::TokenCache;

/// Sends events to one collector, and reuses its connections between deliveries.
pub struct HecClient {
    collector: Collector,
    max_bytes: usize,
    /// Turns true when sending is to stop.
    stop: Option<watch::Receiver<bool>>,
}

/// The protocol, and the certificate authorities trusted in addition to the system's.
fn connection(settings: &DeliverySettings) -> Result<(Protocol, Vec<Certificate>), ClientError> {
    let protocol = Protocol::new(settings)?;
    let authorities = match &settings.ca_file {
        Some(path) => load_ca_file(path)?,
        None => Vec::new(),
    };
    Ok((protocol, authorities))
}

impl HecClient {
    /// A client with complete `settings`.
    ///
    /// # Errors
    /// The URL cannot be parsed, the file of `HEC_CA_FILE` cannot be used, or TLS cannot be set
    /// up.
    pub fn new(settings: &DeliverySettings, token: TokenCache) -> Result<Self, ClientError> {
        let (protocol, authorities) = connection(settings)?;
        let collector = Collector {
            http: http::client(protocol.is_tls(), authorities)?,
            protocol,
            token,
            retry_policy: RetryPolicy::default(),
        };
        Ok(Self {
            collector,
            max_bytes: settings.max_bytes,
            stop: None,
        })
    }

    /// Checks the URL and the file of `HEC_CA_FILE` as [`HecClient::new`] does.
    ///
    /// # Errors
    /// One of them cannot be used; [`ClientError::setting`] names it.
    pub fn check(settings: &DeliverySettings) -> Result<(), ClientError> {
        connection(settings).map(drop)
    }

    /// The same client, but it stops sending when `stop` turns true: no request is started any
    /// more, and those under way get [`RetryPolicy::stop`].
    #[must_use]
    pub fn with_stop(self, stop: watch::Receiver<bool>) -> Self {
        Self {
            stop: Some(stop),
            ..self
        }
    }

    /// The same client with this policy.
    #[must_use]
    pub fn with_retry_policy(mut self, retry_policy: RetryPolicy) -> Self {
        self.collector.retry_policy = retry_policy;
        self
    }

    /// Sends all `objects`, in several concurrent requests, and retries transient failures until
    /// shortly before `until`.
    pub async fn send(&self, objects: &EventBatch, until: Instant) -> DeliveryReport {
        let batches = self.collector.protocol.batches(objects, self.max_bytes);
        run::run(&self.collector, objects, batches, until, self.stop.clone()).await
    }
}
