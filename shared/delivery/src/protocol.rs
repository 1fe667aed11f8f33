//! How a request looks on the wire, and what its reply means, by protocol.

use std::io::Write as _;
use std::ops::Range;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use hec::{Batch, LogEntry, Objects, Verdict};
use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, RequestBuilder, Url};
use serde::Serialize;
use settings::{BatchForm, DeliverySettings, SinkKind};

use crate::http::ClientError;
use crate::token::Token;

/// The protocol of one collector.
pub(crate) enum Protocol {
    Hec {
        events: Url,
        acks: Option<Acks>,
        batch: Batch,
        gzip: bool,
    },
    Logs {
        url: Url,
        organization: Option<String>,
    },
}

/// Indexer acknowledgement.
pub(crate) struct Acks {
    pub(crate) url: Url,
    pub(crate) channel: String,
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
                    acks: settings.acks.then(|| Acks::new(&events)),
                    events,
                    batch: match settings.batch {
                        BatchForm::Concatenated => Batch::Concatenated,
                        BatchForm::Array => Batch::Array,
                        BatchForm::Single => Batch::Single,
                    },
                    gzip: settings.gzip,
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

    pub(crate) fn is_tls(&self) -> bool {
        let (Self::Hec { events: url, .. } | Self::Logs { url, .. }) = self;
        url.scheme() == "https"
    }

    pub(crate) fn acks(&self) -> Option<&Acks> {
        match self {
            Self::Hec { acks, .. } => acks.as_ref(),
            Self::Logs { .. } => None,
        }
    }

    /// The requests that `objects` take, of at most `max_bytes` each.
    pub(crate) fn batches(&self, objects: &Objects, max_bytes: usize) -> Vec<Range<usize>> {
        match self {
            Self::Hec { batch, .. } => objects.batches(*batch, max_bytes),
            // The event becomes a string, its attributes come besides.
            Self::Logs { .. } => objects.batches(Batch::Array, max_bytes / 3 * 2),
        }
    }

    /// The body of a request with the objects in `range`.
    pub(crate) fn body(&self, objects: &Objects, range: Range<usize>) -> Bytes {
        match self {
            Self::Hec { batch, gzip, .. } => {
                let body = objects.body(range, *batch);
                Bytes::from(if *gzip { compressed(&body) } else { body })
            }
            Self::Logs { .. } => {
                let entries = range.map(|at| LogEntry::of(objects.lines(at..at + 1)));
                let logs = entries.collect();
                serde_json::to_vec(&Logs { logs })
                    .expect("texts and values can be written")
                    .into()
            }
        }
    }

    /// A request with this body.
    pub(crate) fn request(&self, http: &Client, token: &Token, body: Bytes) -> RequestBuilder {
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
                if let Some(acks) = acks {
                    request = request.header("X-Splunk-Request-Channel", &acks.channel);
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

    /// What the reply to a request with so many objects means.
    pub(crate) fn verdict(&self, status: u16, body: &[u8], objects: usize) -> Verdict {
        match (self, status) {
            (Self::Hec { .. }, _) => Verdict::read(status, body, objects),
            (Self::Logs { .. }, 200..300) if is_consent(body) => Verdict::Accepted { ack_id: None },
            // A page for signing in, or a complaint.
            (Self::Logs { .. }, 200..300) => Verdict::Busy { indexed: 0 },
            (Self::Logs { .. }, 400 | 422) => Verdict::Unexplained,
            (Self::Logs { .. }, _) => Verdict::read(status, b"", objects),
        }
    }
}

impl Acks {
    fn new(events: &Url) -> Self {
        let channel = uuid();
        let mut url = events.clone();
        // Beside the events, also where a proxy puts the collector below a path of its own.
        let path = events.path();
        let above = path.find("/services/collector").unwrap_or(0);
        url.set_path(&format!("{}/services/collector/ack", &path[..above]));
        url.set_query(Some(&format!("channel={channel}")));
        Self { url, channel }
    }

    /// The question whether the request with this id is indexed.
    pub(crate) fn question(&self, http: &Client, token: &Token, id: u64) -> RequestBuilder {
        http.post(self.url.clone())
            .header(AUTHORIZATION, authorization("Splunk", token))
            .header("X-Splunk-Request-Channel", &self.channel)
            .body(format!("{{\"acks\":[{id}]}}"))
    }
}

/// Whether the body of a success says nothing else: it is empty, or a JSON object that names no
/// error and nothing rejected.
fn is_consent(body: &[u8]) -> bool {
    if body.trim_ascii().is_empty() {
        return true;
    }
    let Ok(serde_json::Value::Object(reply)) = serde_json::from_slice(body) else {
        return false;
    };
    let is_nothing = |value: &serde_json::Value| match value {
        serde_json::Value::Null | serde_json::Value::Bool(false) => true,
        serde_json::Value::Number(number) => number.as_f64() == Some(0.0),
        serde_json::Value::String(text) => text.is_empty(),
        serde_json::Value::Array(values) => values.is_empty(),
        serde_json::Value::Object(members) => members.is_empty(),
        serde_json::Value::Bool(true) => false,
    };
    reply.iter().all(|(name, value)| {
        let name = name.to_lowercase();
        let complains = ["error", "reject", "fail", "partialsuccess"]
            .iter()
            .any(|word| name.contains(word));
        !complains || is_nothing(value)
    })
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

/// A version-4 UUID. What it names is no secret.
pub(crate) fn uuid() -> String {
    let random = (fastrand::u128(..) & !(0xf << 76) & !(0b11 << 62)) | (4 << 76) | (0b10 << 62);
    let hex = format!("{random:032x}");
    [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ]
    .join("-")
}
