//! The requests of all cases, sent to the loopback collector.

use std::io::Write as _;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use reqwest::{Client, RequestBuilder};
use serde_json::Value;
use testkit::collector::{Collector, CollectorOptions};

use crate::recorded_responses::Response;

/// A request to a collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    Health,
    HealthVersioned,
    Event,
    ShortPath,
    VersionedPath,
    Concatenated,
    LineByLine,
    Array,
    Gzip,
    GzipMembers,
    PlainAsGzip,
    Deflate,
    NoToken,
    WrongToken,
    Bearer,
    Basic,
    TokenInQuery,
    Empty,
    NoEvent,
    BlankEvent,
    NullEvent,
    BrokenSecond,
    WordAsTime,
    NestedFields,
    UnknownIndex,
    WrongContentType,
    NoContentType,
    RawWithoutChannel,
    AckPoll,
    FiveMegabytes,
}

const TOKEN: &str = "11111111-2222-3333-4444-555555555555";
const ONE: &str = r#"{"event":"a"}"#;

/// A collector and its client.
pub(crate) struct Fixture {
    pub(crate) collector: Collector,
    http: Client,
}

impl Fixture {
    pub(crate) async fn start(acks: bool) -> Self {
        let mut options = CollectorOptions::new(TOKEN);
        options.acks = acks;
        Self {
            collector: Collector::start(options).await.unwrap(),
            http: client(),
        }
    }

    /// The response, and the number of objects that are indexed after it.
    pub(crate) async fn send(&self, case: Case) -> (Response, usize) {
        let response = self.request(case).send().await.unwrap();
        let status = response.status().as_u16();
        let body = response.bytes().await.unwrap();
        let reply: Value = serde_json::from_slice(&body).unwrap_or_default();
        let number = |name: &str| reply.get(name).and_then(Value::as_u64);
        let response = Response {
            status,
            code: number("code").map(|code| code.try_into().unwrap()),
            number: number("invalid-event-number").map(|number| number.try_into().unwrap()),
        };
        (response, self.collector.events().len())
    }

    /// A request with the token.
    pub(crate) fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> RequestBuilder {
        self.anonymous(path, body)
            .header("Authorization", format!("Splunk {TOKEN}"))
    }

    fn anonymous(&self, path: &str, body: impl Into<reqwest::Body>) -> RequestBuilder {
        let url = format!("http://{}/services/collector{path}", self.collector.addr());
        self.http.post(url).body(body)
    }

    fn get(&self, path: &str) -> RequestBuilder {
        let url = format!("http://{}/services/collector{path}", self.collector.addr());
        self.http.get(url)
    }

    fn encoded(&self, body: Vec<u8>, encoding: &str) -> RequestBuilder {
        self.post("/event", body)
            .header("Content-Encoding", encoding)
    }

    fn authorized(&self, value: String) -> RequestBuilder {
        self.anonymous("/event", ONE).header("Authorization", value)
    }

    fn request(&self, case: Case) -> RequestBuilder {
        let event = |body: &'static str| self.post("/event", body);
        match case {
            Case::Health => self.get("/health"),
            Case::HealthVersioned => self.get("/health/1.0"),
            Case::Event => event(ONE).header("Content-Type", "application/json"),
            Case::ShortPath => self.post("", ONE),
            Case::VersionedPath => self.post("/event/1.0", ONE),
            Case::Concatenated => event(r#"{"event":"a"}{"event":"b"}"#),
            Case::LineByLine => event("{\"event\":\"a\"}\n{\"event\":\"b\"}\n"),
            Case::Array => event(r#"[{"event":"a"},{"event":"b"}]"#),
            Case::Gzip => self.encoded(gzip(ONE), "gzip"),
            Case::GzipMembers => self.encoded([gzip(ONE), gzip(ONE)].concat(), "gzip"),
            Case::PlainAsGzip => self.encoded(ONE.into(), "gzip"),
            Case::Deflate => self.encoded(deflated(ONE), "deflate"),
            Case::NoToken => self.anonymous("/event", ONE),
            Case::WrongToken => self.authorized("Splunk wrong".to_owned()),
            Case::Bearer => self.authorized(format!("Bearer {TOKEN}")),
            Case::Basic => self.anonymous("/event", ONE).basic_auth("x", Some(TOKEN)),
            Case::TokenInQuery => self.anonymous(&format!("/event?token={TOKEN}"), ONE),
            Case::Empty => event(""),
            Case::NoEvent => event(r#"{"host":"h"}"#),
            Case::BlankEvent => event(r#"{"event":""}"#),
            Case::NullEvent => event(r#"{"event":null}"#),
            Case::BrokenSecond => event(r#"{"event":"a"}{"event":"#),
            Case::WordAsTime => event(r#"{"event":"a","time":"abc"}"#),
            Case::NestedFields => event(r#"{"event":"a","fields":{"a":{"b":1}}}"#),
            Case::UnknownIndex => event(r#"{"event":"a","index":"nowhere"}"#),
            Case::WrongContentType => event(ONE).header("Content-Type", "text/html"),
            Case::NoContentType => self.post("/event", ONE.as_bytes()),
            Case::RawWithoutChannel => self.post("/raw", "a line"),
            Case::AckPoll => self.post("/ack", r#"{"acks":[0]}"#),
            Case::FiveMegabytes => {
                let object = format!(r#"{{"event":"{}"}}"#, "x".repeat(5 << 20));
                self.post("/event", object)
            }
        }
    }
}

fn client() -> Client {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let builder = Client::builder().no_proxy().tls_backend_preconfigured(tls);
    builder.build().unwrap()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn deflated(text: &str) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}
