//! The function around [`Transform`]: its mask key, its stream and its metrics.

use std::time::Instant;

use anyhow::{Context, Result};
use aws::{MaskKeyCache, SecretsManager};
use hec_client::{EmptySecrets, SecretError};
use pipeline::Rules;
use serde_json::value::RawValue;
use settings::{Masking, Settings};
use tracing::warn;

use crate::Transform;
use crate::stream::OwnStream;

/// Answers invocations one after the other.
pub struct Service {
    transform: Transform,
    key: Option<MaskKeyCache>,
    stream: OwnStream,
    function: String,
}

impl Service {
    /// A service that answers as `function`, by `settings` and `rules`, with the mask key that
    /// `settings` need.
    ///
    /// # Errors
    /// The key cannot be read: without it nothing may leave.
    pub async fn start(function: String, settings: Settings, rules: Rules) -> Result<Self> {
        let (key_cache, key) = match &settings.masking {
            Masking::Hmac {
                key_secret: Some(name),
                ..
            } => {
                let secret = SecretsManager::new(&aws::sdk_config().await, name);
                let loaded = MaskKeyCache::load(secret).await;
                let (cache, key) = loaded.map_err(mask_key_error)?;
                (Some(cache), Some(key))
            }
            _ => (None, None),
        };
        Ok(Self {
            transform: Transform::new(settings, key.as_ref(), rules),
            key: key_cache,
            stream: OwnStream::default(),
            function,
        })
    }

    /// The response to one invocation, ready before its `deadline`.
    ///
    /// # Errors
    /// The event is not a transformation request. Firehose tries again, and then keeps the records
    /// under `processing-failed/`.
    pub async fn invoke(&mut self, event: &str, deadline: Instant) -> Result<Box<RawValue>> {
        if let Some(cache) = &mut self.key {
            match cache.refresh().await {
                Ok(Some(key)) => self.transform.rekey(&key),
                Ok(None) => {}
                Err(error) => {
                    warn!(%error, "the mask key is not refreshed: the previous one stays in use")
                }
            }
        }
        let finished = self.transform.invoke(event, &self.stream, deadline).await?;
        let times = finished.event_times.iter();
        let times = times.map(|(path, time)| (path.name(), *time));
        runtime::metrics::report(&self.function, &finished.counters, times);
        let response = String::from_utf8(finished.response).context("the response is not UTF-8")?;
        RawValue::from_string(response).context("the response is not JSON")
    }
}

/// The error of a start without its mask key: [`EmptySecrets`] if the secret has no value yet.
fn mask_key_error(error: SecretError) -> anyhow::Error {
    const SETTING: &str = "MASK_KEY_SECRET";
    match EmptySecrets::from_error(SETTING, &error) {
        Some(empty) => empty.into(),
        None => anyhow::Error::new(error).context(SETTING),
    }
}
