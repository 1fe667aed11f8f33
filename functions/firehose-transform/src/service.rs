//! The function around [`Transform`]: its mask key, its stream and its metrics.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use delivery::{MaskKeyCache, Secrets};
use pipeline::{Finished, Rules};
use serde_json::value::RawValue;
use settings::{Masking, Settings};
use tokio::sync::Mutex;
use tracing::warn;

use crate::Transform;
use crate::stream::OwnStream;

/// Answers invocations one after the other.
pub struct Service {
    state: Mutex<State>,
    stream: OwnStream,
    function: String,
}

struct State {
    transform: Transform,
    key: Option<MaskKeyCache>,
}

impl Service {
    /// Ready to answer by `settings` and `rules`; the mask key is fetched where `settings` need one.
    ///
    /// # Errors
    /// The key cannot be had: without it nothing may leave.
    pub async fn start(settings: Settings, rules: Rules) -> Result<Self> {
        let (key_cache, key) = match &settings.masking {
            Masking::Hmac {
                key_secret: Some(name),
                ..
            } => {
                let secrets = Secrets::new(&delivery::sdk_config().await);
                let (cache, key) = MaskKeyCache::open(secrets, name)
                    .await
                    .context("MASK_KEY_SECRET")?;
                (Some(cache), Some(key))
            }
            _ => (None, None),
        };
        let function = std::env::var("AWS_LAMBDA_FUNCTION_NAME")
            .unwrap_or_else(|_| "firehose-transform".into());
        let state = State {
            transform: Transform::new(settings, key.as_ref(), rules),
            key: key_cache,
        };
        Ok(Self {
            state: Mutex::new(state),
            stream: OwnStream::default(),
            function,
        })
    }

    /// The response to one invocation, given the epoch milliseconds of its deadline.
    ///
    /// # Errors
    /// The event is no transformation request; Firehose tries again and then keeps the records.
    pub async fn invoke(&self, event: &str, deadline_ms: u64) -> Result<Box<RawValue>> {
        let mut state = self.state.lock().await;
        let State { transform, key } = &mut *state;
        if let Some(cache) = key {
            match cache.refresh().await {
                Ok(Some(key)) => transform.rekey(&key),
                Ok(None) => {}
                Err(error) => warn!(%error, "keeping the mask key that was read before"),
            }
        }
        let remaining = Duration::from_millis(deadline_ms.saturating_sub(now_ms()));
        let finished = transform
            .invoke(event, &self.stream, Instant::now() + remaining)
            .await?;
        self.emit(&finished);
        let response = String::from_utf8(finished.response).context("the response is not UTF-8")?;
        RawValue::from_string(response).context("the response is not JSON")
    }

    fn emit(&self, finished: &Finished) {
        let now = now_ms();
        let mut freshness: BTreeMap<&'static str, Vec<i64>> = BTreeMap::new();
        for (path, event_time) in &finished.event_times {
            let age = i64::try_from(now)
                .unwrap_or(i64::MAX)
                .saturating_sub(event_time.saturating_mul(1000));
            freshness.entry(path.name()).or_default().push(age);
        }
        if let Err(error) = telemetry::emit(&self.function, now, &finished.counters, &freshness) {
            warn!(%error, "metrics could not be written");
        }
    }
}

fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
