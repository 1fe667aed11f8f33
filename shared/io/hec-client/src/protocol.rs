//! How a request looks on the wire, and what its reply means, by protocol.

use std::io::Write as _;
use std::ops::Range;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use hec::{BatchFormat, EventBatch, LogEntry, ResponseClass};
use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, COOKIE, HeaderValue};
use reqwest::{Client, RequestBuilder, Url};
use serde::Serialize;
use settings::{BatchForm, DeliverySettings, SinkKind};

use crate::cookies::Cookies;
use crate::http::ClientError;
use crate::logs_reply::is_success;
use crate::token::Token;

/// Names the channel of a request (Splunk, "About HTTP Event Collector Indexer Acknowledgment").
const CHANNEL: &str = "X-Splunk-Request-Channel";

/// The protocol of one collector.
pub(crate) enum Protocol {
    Hec {
        events: Url,
        /// Where acknowledgments are polled, if they are asked for.
        acks: Option<Url>,
        batch: BatchFormat,
        gzip: bool,
    },
    Logs {
        url: Url,
        organization: Option<String>,
    },
}

#[derive(Serialize)]
struct Logs {
    logs: Vec<LogEntry>,
}

impl Protocol {
    pub(crate) fn new(settings: &DeliverySettings) -> Result<Self, ClientError> {
        match settings.sink {
            SinkKind::Hec => {
                let mut events = parse(settings.hec_url.as_deref(), "HEC_URL")?;
                if matches!(events.path(), "" | "/") {
                    events.set_path("/services/collector/event");
                }
                Ok(Self::Hec {
                    acks: settings.acks.then(|| ack_url(&events)),
                    events,
                    batch: match settings.batch {
                        BatchForm::Concatenated => BatchFormat::Concatenated,
                        BatchForm::Array => BatchFormat::Array,
                        BatchForm::Single => BatchFormat::Single,
                    },
                    gzip: settings.profile.accepts_gzip(),
                })
            }
            SinkKind::Logs => {
                let mut url = parse(settings.logs_url.as_deref(), "LOGS_URL")?;
                let path = format!("{}/v1/logs", url.path().trim_end_matches('/'));
                url.set_path(&path);
                Ok(Self::Logs {
                    url,
                    organization: settings.logs_organization.clone(),
                })
            }
        }
    }

    /// The setting with the collector's URL.
    pub(crate) fn url_setting(&self) -> &'static str {
        match self {
            Self::Hec { .. } => "HEC_URL",
            Self::Logs { .. } => "LOGS_URL",
        }
    }

    pub(crate) fn is_tls(&self) -> bool {
        let (Self::Hec { events: url, .. } | Self::Logs { url, .. }) = self;
        url.scheme() == "https"
    }

    /// Whether a request counts as accepted only when its acknowledgment arrives.
    pub(crate) fn has_acks(&self) -> bool {
        matches!(self, Self::Hec { acks: Some(_), .. })
    }

    /// The requests that `objects` take, of at most `max_bytes` each.
    pub(crate) fn batches(&self, objects: &EventBatch, max_bytes: usize) -> Vec<Range<usize>> {
        match self {
            Self::Hec { batch, .. } => objects.batches(*batch, max_bytes),
            // The event becomes a string, its attributes come besides.
            Self::Logs { .. } => objects.batches(BatchFormat::Array, max_bytes / 3 * 2),
        }
    }

    /// The body of a request with the objects in `range`.
    pub(crate) fn body(&self, objects: &EventBatch, range: Range<usize>) -> Bytes {
        match self {
            Self::Hec { batch, gzip, .. } => {
                let body = objects.body(range, *batch);
                Bytes::from(if *gzip { compressed(&body) } else { body })
            }
            Self::Logs { .. } => {
                let entries = range.map(|at| LogEntry::from_hec_object(objects.lines(at..at + 1)));
                let logs = entries.collect();
                serde_json::to_vec(&Logs { logs })
                    .expect("texts and values can be written")
                    .into()
            }
        }
    }

    /// A request with this body. `channel` is used if acknowledgments are asked for.
    pub(crate) fn request(
        &self,
        http: &Client,
        token: &Token,
        channel: &str,
        body: Bytes,
    ) -> RequestBuilder {
        let (url, scheme) = match self {
            Self::Hec { events, .. } => (events, "Splunk"),
            Self::Logs { url, .. } => (url, "Bearer"),
        };
        let mut request = http
            .post(url.clone())
            .header(AUTHORIZATION, authorization(scheme, token))
            .header(CONTENT_TYPE, "application/json")
            .body(body);
        match self {
            Self::Hec { acks, gzip, .. } => {
                if *gzip {
                    request = request.header(CONTENT_ENCODING, "gzip");
                }
                if acks.is_some() {
                    request = request.header(CHANNEL, channel);
                }
            }
            Self::Logs { organization, .. } => {
                if let Some(organization) = organization {
                    request = request.header("X-Organization-Id", organization);
                }
            }
        }
        request
    }

    /// The path at which acknowledgments are polled.
    pub(crate) fn ack_path(&self) -> &str {
        self.acks().path()
    }

    /// # Panics
    /// Acknowledgments are not requested.
    fn acks(&self) -> &Url {
        let Self::Hec {
            acks: Some(url), ..
        } = self
        else {
            unreachable!("only a request with a channel waits for its acknowledgment");
        };
        url
    }

    /// The poll for the acknowledgment `id` of the request on `channel`.
    ///
    /// # Panics
    /// Acknowledgments are not requested.
    pub(crate) fn poll(
        &self,
        http: &Client,
        token: &Token,
        (channel, id): (&str, u64),
        cookies: &Cookies,
    ) -> RequestBuilder {
        let mut url = self.acks().clone();
        url.query_pairs_mut()
            .clear()
            .append_pair("channel", channel);
        let mut poll = http
            .post(url)
            .header(AUTHORIZATION, authorization("Splunk", token))
            .header(CONTENT_TYPE, "application/json")
            .header(CHANNEL, channel)
            .body(format!("{{\"acks\":[{}]}}", id));
        if let Some(cookies) = cookies.header() {
            poll = poll.header(COOKIE, cookies);
        }
        poll
    }

    /// What the reply to a request with so many objects means.
    pub(crate) fn classify(&self, status: u16, body: &[u8], objects: usize) -> ResponseClass {
        match (self, status) {
            (Self::Hec { .. }, _) => ResponseClass::from_response(status, body, objects),
            (Self::Logs { .. }, 200..300) if is_success(body) => {
                ResponseClass::Accepted { ack_id: None }
            }
            // A page for signing in, or a complaint.
            (Self::Logs { .. }, 200..300) => ResponseClass::Busy { indexed: 0 },
            (Self::Logs { .. }, 400 | 422) => ResponseClass::BadRequestWithoutCode,
            (Self::Logs { .. }, _) => ResponseClass::from_response(status, b"", objects),
        }
    }
}

/// The acknowledgment endpoint next to the event endpoint, also below a path of a proxy.
fn ack_url(events: &Url) -> Url {
    let path = events.path();
    let prefix = path.find("/services/collector").unwrap_or(0);
    let mut url = events.clone();
    url.set_path(&format!("{}/services/collector/ack", &path[..prefix]));
    url
}

fn authorization(scheme: &str, token: &Token) -> HeaderValue {
    let value = HeaderValue::from_str(&format!("{scheme} {}", token.expose()));
    let mut value = value.expect("a token is printable ASCII");
    value.set_sensitive(true);
    value
}

fn parse(url: Option<&str>, name: &'static str) -> Result<Url, ClientError> {
    let url = url.and_then(|url| Url::parse(url).ok());
    url.ok_or(ClientError::Url(name))
}

/// Level 1: records repeat themselves so much that more effort gains little.
fn compressed(body: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::with_capacity(body.len() / 8), Compression::fast());
    let written = gzip.write_all(body).and_then(|()| gzip.finish());
    written.expect("writing into memory cannot fail")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_host_with_letters_beyond_ascii_is_encoded() {
        let url = super::parse(Some("https://hec.m\u{fc}nchen.example:8088"), "HEC_URL").ok();
        let host = url.as_ref().and_then(|url| url.host_str());
        assert_eq!(host, Some("hec.xn--mnchen-3ya.example"));
    }
}
