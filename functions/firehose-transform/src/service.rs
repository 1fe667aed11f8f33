//! The transformation of one invocation, with its mask key, its stream and its metrics.

use std::time::Instant;

use anyhow::{Context, Result};
use runtime::RotatingMaskKey;
use runtime::transform::Transformer;
use serde_json::value::RawValue;
use settings::Function;

use crate::stream::OwnStream;

/// Answers invocations one after the other.
pub(crate) struct Service {
    transformer: Transformer,
    key: RotatingMaskKey,
    stream: OwnStream,
    function: String,
}

impl Service {
    /// A service that answers as `function`, configured by the environment.
    ///
    /// # Errors
    /// Settings, rules or mask key are missing or not valid: nothing may be sent without the key.
    pub(crate) async fn start(function: String) -> Result<Self> {
        let (settings, rules) = runtime::settings_and_rules(Function::FirehoseTransform)?;
        let (key, first) = RotatingMaskKey::open(&settings.masking).await?;
        Ok(Self {
            transformer: Transformer::new(settings, first.as_ref(), rules),
            key,
            stream: OwnStream::default(),
            function,
        })
    }

    /// The response to one invocation, ready before its `deadline`.
    ///
    /// # Errors
    /// The event is not a transformation request. Firehose tries again, and then keeps the records
    /// under `processing-failed/`.
    pub(crate) async fn invoke(&mut self, event: &str, deadline: Instant) -> Result<Box<RawValue>> {
        if let Some(key) = self.key.refresh().await {
            self.transformer.rekey(&key);
        }
        let finished = self
            .transformer
            .invoke(event, &self.stream, deadline)
            .await?;
        let times = finished.event_times.iter();
        let times = times.map(|(path, time)| (path.name(), *time));
        runtime::metrics::report(&self.function, &finished.counters, times);
        let response = String::from_utf8(finished.response).context("the response is not UTF-8")?;
        RawValue::from_string(response).context("the response is not JSON")
    }
}
