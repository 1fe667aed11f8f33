//! The Splunk destination: posts, acknowledgments, retries.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, RETRY_AFTER};
use reqwest::{RequestBuilder, Url};
use serde::Deserialize;
use tokio::time::Instant;

/// The destination of transformed records.
#[derive(Clone)]
pub struct SplunkDestination {
    /// `http://` or `https://`; with an empty path the event endpoint is appended.
    pub url: String,
    /// The HEC token.
    pub token: String,
    /// Whether records are delivered only when the indexer has acknowledged them.
    pub acks: bool,
    /// Whether bodies are compressed.
    pub gzip: bool,
}

impl fmt::Debug for SplunkDestination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SplunkDestination")
            .field("url", &self.url)
            .field("acks", &self.acks)
            .field("gzip", &self.gzip)
            .finish_non_exhaustive()
    }
}

/// Retries of a delivery.
#[derive(Clone, Copy, Debug)]
pub struct RetryPolicy {
    /// Maximum number of posts of one body, including the first (default 6).
    pub attempts: u32,
    /// Maximum pause before the second post (default 50 ms). It doubles with each post; the actual
    /// pause is random below it.
    pub first_pause: Duration,
    /// Maximum pause, including `Retry-After` (default 5 s).
    pub longest_pause: Duration,
    /// Time limit for an acknowledgment, after which the body is posted again (default 10 s).
    pub ack_timeout: Duration,
    /// Time limit for one request (default 60 s).
    pub request_timeout: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 6,
            first_pause: Duration::from_millis(50),
            longest_pause: Duration::from_secs(5),
            ack_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(60),
        }
    }
}

/// A destination that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DestinationError {
    /// The URL is not valid, or is neither http nor https.
    #[error("the destination's URL is not an http or https URL")]
    Url,
    /// The client cannot be built: TLS roots cannot be loaded.
    #[error("the HTTP client cannot be set up")]
    Client(#[source] reqwest::Error),
}

/// Why a body was not delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Undelivered {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) attempts: u32,
}

/// One post that failed.
struct Rejected {
    code: &'static str,
    message: String,
    transient: bool,
    pause: Option<Duration>,
}

#[derive(Default, Deserialize)]
struct HecReply {
    code: Option<u32>,
    #[serde(rename = "ackId")]
    ack_id: Option<u64>,
}

#[derive(Deserialize)]
struct AckReply {
    acks: std::collections::HashMap<String, bool>,
}

/// A version-4 UUID.
pub(super) fn uuid() -> String {
    let random = (fastrand::u128(..) & !(0xf << 76) & !(0b11 << 62)) | (4 << 76) | (0b10 << 62);
    let hex = format!("{random:032x}");
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    parts.join("-")
}

/// A client for the scheme of `url`. Trust roots are loaded for https only, because that takes
/// milliseconds.
pub(crate) fn http_client(url: &str) -> Result<reqwest::Client, reqwest::Error> {
    let provider = rustls::crypto::ring::default_provider();
    let builder = reqwest::Client::builder().no_proxy();
    if url.starts_with("https:") {
        // Fails only if another part of the process has installed a provider.
        let _already = provider.install_default();
        return builder.build();
    }
    let no_roots = rustls::ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .expect("ring has cipher suites for the default versions")
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    builder.tls_backend_preconfigured(no_roots).build()
}

/// A destination in use.
pub(super) struct Destination {
    client: reqwest::Client,
    events: Url,
    acks: Url,
    authorization: String,
    channel: String,
    settings: SplunkDestination,
    retry: RetryPolicy,
}

impl Destination {
    pub(super) fn new(
        settings: SplunkDestination,
        retry: RetryPolicy,
    ) -> Result<Self, DestinationError> {
        let mut events = Url::parse(&settings.url).map_err(|_| DestinationError::Url)?;
        if !matches!(events.scheme(), "http" | "https") {
            return Err(DestinationError::Url);
        }
        if matches!(events.path(), "" | "/") {
            events.set_path("/services/collector/event");
        }
        let channel = uuid();
        let mut acks = events.clone();
        acks.set_path("/services/collector/ack");
        acks.set_query(Some(&format!("channel={channel}")));
        Ok(Self {
            client: http_client(events.as_str()).map_err(DestinationError::Client)?,
            authorization: format!("Splunk {}", settings.token),
            events,
            acks,
            channel,
            settings,
            retry,
        })
    }

    /// Returns when `body` is delivered; calls `posted` for every post.
    pub(super) async fn deliver(&self, body: Bytes, posted: impl Fn()) -> Result<(), Undelivered> {
        let sent = if self.settings.gzip {
            Bytes::from(crate::trail::gzip(&body))
        } else {
            body
        };
        let mut attempts = 0;
        loop {
            attempts += 1;
            posted();
            let refused = match self.attempt(sent.clone()).await {
                Ok(()) => return Ok(()),
                Err(refused) => refused,
            };
            if !refused.transient || attempts >= self.retry.attempts {
                return Err(Undelivered {
                    code: refused.code,
                    message: refused.message,
                    attempts,
                });
            }
            tokio::time::sleep(self.pause(attempts, refused.pause)).await;
        }
    }

    /// The pause that the collector requested, else a random one below a doubling limit.
    fn pause(&self, attempts: u32, asked: Option<Duration>) -> Duration {
        let bound = self.retry.first_pause * 2_u32.saturating_pow(attempts.min(16) - 1);
        let jittered = bound.min(self.retry.longest_pause).mul_f64(fastrand::f64());
        asked.unwrap_or(jittered).min(self.retry.longest_pause)
    }

    async fn attempt(&self, body: Bytes) -> Result<(), Rejected> {
        let mut request = self.request(&self.events).body(body);
        request = request.header("X-Splunk-Request-Channel", &self.channel);
        if self.settings.gzip {
            request = request.header(CONTENT_ENCODING, "gzip");
        }
        let reply = self.reply(request).await?;
        match (self.settings.acks, reply.ack_id) {
            (false, _) => Ok(()),
            (true, Some(id)) => self.acknowledged(id).await,
            (true, None) => Err(Rejected::permanent(
                "Splunk.DisabledAck",
                "the reply has no ackId: indexer acknowledgment is off",
            )),
        }
    }

    fn request(&self, url: &Url) -> RequestBuilder {
        self.client
            .post(url.clone())
            .timeout(self.retry.request_timeout)
            .header(AUTHORIZATION, &self.authorization)
    }

    /// The reply to a post that was accepted.
    async fn reply(&self, request: RequestBuilder) -> Result<HecReply, Rejected> {
        let response = request
            .send()
            .await
            .map_err(|error| Rejected::network(&error))?;
        let status = response.status();
        let header = response.headers().get(RETRY_AFTER);
        let pause = header
            .and_then(|value| value.to_str().ok()?.parse().ok())
            .map(Duration::from_secs);
        let body = response
            .bytes()
            .await
            .map_err(|error| Rejected::network(&error))?;
        let reply: Option<HecReply> = serde_json::from_slice(&body).ok();
        let code = reply.as_ref().and_then(|reply| reply.code);
        // 24 and 25 accept the data and warn about a queue that is nearly full.
        if let (200, Some(0 | 24 | 25)) = (status.as_u16(), code) {
            return Ok(reply.unwrap_or_default());
        }
        Err(Rejected::reply(status.as_u16(), code, pause))
    }

    /// Returns once the id is reported as indexed.
    async fn acknowledged(&self, id: u64) -> Result<(), Rejected> {
        let deadline = Instant::now() + self.retry.ack_timeout;
        let mut pause = Duration::from_millis(5);
        loop {
            let query = format!("{{\"acks\":[{id}]}}");
            // A failed poll does not show whether the data is indexed: poll again until the deadline.
            if let Ok(response) = self.request(&self.acks).body(query).send().await
                && let Ok(body) = response.bytes().await
                && let Ok(reply) = serde_json::from_slice::<AckReply>(&body)
                && reply.acks.get(&id.to_string()) == Some(&true)
            {
                return Ok(());
            }
            if Instant::now() + pause > deadline {
                let message = "no acknowledgment within the timeout";
                return Err(Rejected::transient("Splunk.AckTimeout", message));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(1));
        }
    }
}

impl Rejected {
    fn transient(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            transient: true,
            pause: None,
        }
    }

    fn permanent(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            transient: false,
            ..Self::transient(code, message)
        }
    }

    fn network(error: &reqwest::Error) -> Self {
        let (code, message) = match (error.is_timeout(), error.is_connect()) {
            (true, _) => ("Splunk.ConnectionTimeout", "the request timed out"),
            (_, true) => (
                "Splunk.ConnectionTimeout",
                "the connection could not be made",
            ),
            _ => (
                "Splunk.ConnectionClosed",
                "the connection closed before the reply",
            ),
        };
        Self::transient(code, message)
    }

    /// A reply that does not accept the data.
    fn reply(status: u16, code: Option<u32>, pause: Option<Duration>) -> Self {
        let message = match code {
            Some(code) => format!("HTTP {status}, code {code}"),
            None => format!("HTTP {status} without a HEC reply"),
        };
        match (status, code) {
            (_, Some(1)) => Self::permanent("Splunk.DisabledToken", message),
            (_, Some(2..=4)) | (401 | 403, _) => Self::permanent("Splunk.InvalidToken", message),
            (_, Some(7)) => Self::permanent("Splunk.InvalidIndex", message),
            (200 | 408 | 429 | 500.., _) => Self {
                pause,
                ..Self::transient("Splunk.ServerError", message)
            },
            _ => Self::permanent("Splunk.InvalidDataFormat", message),
        }
    }
}
