//! A client before a collector on loopback.

use std::collections::HashMap;
use std::time::Duration;

use hec::EventBatch;
use hec_client::{HecClient, RetryPolicy, Token, TokenCache};
use settings::DeliverySettings;
use testkit::collector::{Collector, CollectorOptions};

pub(crate) const TOKEN: &str = "11111111-2222-3333-4444-555555555555";

/// A collector with these changes, and a client that has its URL, its token and these settings.
pub(crate) async fn pair(
    change: impl FnOnce(&mut CollectorOptions),
    pairs: &[(&str, &str)],
) -> (Collector, HecClient) {
    let mut options = CollectorOptions::new(TOKEN);
    change(&mut options);
    let collector = Collector::start(options).await.unwrap();
    let client = client(&settings(&collector.url(), pairs));
    (collector, client)
}

/// Settings of delivery to `url`, uncompressed unless `pairs` tell otherwise.
pub(crate) fn settings(url: &str, pairs: &[(&str, &str)]) -> DeliverySettings {
    let mut raw = HashMap::from([
        ("MASK_MODE", "off"),
        ("HEC_PROFILE", "generic"),
        ("HEC_URL", url),
        ("LOGS_URL", url),
    ]);
    raw.extend(pairs.iter().copied());
    let resolved = settings::resolve(&raw.into_iter().collect()).unwrap();
    resolved.delivery
}

/// A client with these `settings` and the fixed [`TOKEN`].
pub(crate) fn client(settings: &DeliverySettings) -> HecClient {
    let token = Token::parse(TOKEN.as_bytes(), "a test").unwrap();
    let client = HecClient::new(settings, TokenCache::fixed(token)).unwrap();
    client.with_retry_policy(retry_policy())
}

/// Pauses of a few milliseconds, and all the time for everything else.
pub(crate) fn retry_policy() -> RetryPolicy {
    RetryPolicy {
        first_pause: Duration::from_millis(1),
        longest_pause: Duration::from_millis(4),
        request: Duration::from_secs(20),
        acknowledgment: Duration::from_secs(20),
        stop: Duration::from_secs(20),
    }
}

/// So many objects, each unlike the others.
pub(crate) fn objects(count: usize) -> EventBatch {
    of((0..count).map(|number| format!(r#"{{"time":{number},"event":{{"n":{number}}}}}"#)))
}

/// These objects.
pub(crate) fn of<T: AsRef<str>>(lines: impl IntoIterator<Item = T>) -> EventBatch {
    let mut objects = EventBatch::default();
    for line in lines {
        objects.push(line.as_ref().as_bytes());
    }
    objects
}
