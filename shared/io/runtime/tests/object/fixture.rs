//! A collector, and objects that are forwarded to it.

use std::io::Write as _;
use std::time::{Duration, Instant};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use hec_client::{DeliveryClient, HecClient, RetryPolicy, Token, TokenCache};
use pipeline::{RecordPipeline, Rules};
use runtime::object::{ByteChunks, ObjectForwarder, ObjectOutcome, TruncatedBody};
use runtime::{Encoder, InvocationMetrics};
use settings::{RawSettings, Settings};
use testkit::collector::{Collector, CollectorOptions};
use triggers::ObjectTask;

pub(crate) const KEY: &str = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/01/01/file.json.gz";

/// Bytes in chunks of any size, which may end early.
pub(crate) struct Parts {
    pub(crate) parts: std::vec::IntoIter<Vec<u8>>,
    pub(crate) breaks: bool,
}

impl Parts {
    pub(crate) fn of(bytes: &[u8], size: usize) -> Self {
        let parts: Vec<Vec<u8>> = bytes.chunks(size).map(<[u8]>::to_vec).collect();
        Self {
            parts: parts.into_iter(),
            breaks: false,
        }
    }
}

impl ByteChunks for Parts {
    async fn next(&mut self) -> Option<Result<Bytes, TruncatedBody>> {
        match self.parts.next() {
            Some(part) => Some(Ok(part.into())),
            None => self.breaks.then(|| Err(TruncatedBody("reset".into()))),
        }
    }
}

pub(crate) fn record(number: usize) -> String {
    format!(
        r#"{{"eventVersion":"1.09","eventTime":"2026-01-01T00:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","eventID":"{number}","userIdentity":{{"type":"IAMUser","userName":"asha.rao"}},"requestParameters":{{"a":"{}"}}}}"#,
        "x".repeat(number % 700)
    )
}

pub(crate) fn file(records: &[String]) -> Vec<u8> {
    format!("{{\"Records\":[{}]}}", records.join(",")).into_bytes()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

pub(crate) struct Fixture {
    pub(crate) collector: Collector,
    encoder: Encoder,
    client: DeliveryClient,
    pub(crate) metrics: InvocationMetrics,
    settings: Settings,
}

impl Fixture {
    pub(crate) async fn new(more: &[(&str, &str)]) -> Self {
        let collector = Collector::start(CollectorOptions::new("t")).await.unwrap();
        let mut raw: RawSettings = more.iter().copied().collect();
        raw.set("HEC_URL", collector.url());
        raw.set("HEC_MAX_BYTES", "20000");
        let settings = settings::resolve(&raw).unwrap();
        let token = TokenCache::fixed(Token::parse(b"t", "x").unwrap());
        let policy = RetryPolicy {
            first_pause: Duration::from_millis(1),
            longest_pause: Duration::from_millis(5),
            ..RetryPolicy::default()
        };
        let client = HecClient::new(&settings.delivery, token)
            .unwrap()
            .with_retry_policy(policy);
        Self {
            collector,
            encoder: Encoder::new(RecordPipeline::new(&settings, None, Rules::none())),
            client: DeliveryClient::new(client, None, "test"),
            metrics: InvocationMetrics::default(),
            settings,
        }
    }

    pub(crate) async fn forward(
        &mut self,
        task: &ObjectTask,
        parts: Parts,
        time: Duration,
    ) -> ObjectOutcome {
        let mut forwarder = ObjectForwarder {
            encoder: &mut self.encoder,
            client: &self.client,
            metrics: &mut self.metrics,
            only_over_bytes: self.settings.delivery.only_over_bytes,
            flush_bytes: 60_000,
            until: Instant::now() + time,
            is_replay: false,
        };
        forwarder.forward(task, parts).await
    }

    /// The ids of the events at the collector, in order of their numbers.
    pub(crate) fn arrived(&self) -> Vec<usize> {
        let id = |object: &Vec<u8>| {
            let object: serde_json::Value = serde_json::from_slice(object).unwrap();
            object["event"]["eventID"]
                .as_str()
                .and_then(|id| id.parse().ok())
        };
        let mut all: Vec<usize> = self.collector.events().iter().filter_map(id).collect();
        all.sort_unstable();
        all
    }

    pub(crate) fn reconciles(&self) -> bool {
        self.metrics.counters.reconcile()
    }
}

pub(crate) fn task() -> ObjectTask {
    ObjectTask::new("logs", KEY.into(), None)
}

pub(crate) const LONG: Duration = Duration::from_secs(30);
