//! The transformation of one invocation, with its mask key, its stream and its metrics.

use std::time::Instant;

use anyhow::{Context, Result};
use aws::StreamWriter;
use runtime::RotatingMaskKey;
use runtime::transform::Transformer;
use serde_json::value::RawValue;
use settings::Function;

/// Answers invocations one after the other.
pub(crate) struct Service {
    transformer: Transformer,
    key: Option<RotatingMaskKey>,
    stream: StreamWriter,
    function: String,
}

impl Service {
    /// A service that answers as `function`, configured by the environment.
    ///
    /// # Errors
    /// Settings, rules or mask key are missing or not valid: nothing may be sent without the key.
    pub(crate) async fn start(function: String) -> Result<Self> {
        let (settings, rules) = runtime::settings_and_rules(Function::FirehoseTransform)?;
        let key = RotatingMaskKey::open(&settings.masking).await?;
        let (key, first) = key.unzip();
        Ok(Self {
            transformer: Transformer::new(settings, first.as_ref(), rules),
            key,
            stream: StreamWriter::default(),
            function,
        })
    }

    /// The response to one invocation, ready before its `deadline`.
    ///
    /// # Errors
    /// The event is not a transformation request. Firehose tries again, and then keeps the records
    /// under `processing-failed/`.
    pub(crate) async fn invoke(&mut self, event: &str, deadline: Instant) -> Result<Box<RawValue>> {
        if let Some(key) = &mut self.key
            && let Some(key) = key.refresh().await
        {
            self.transformer.rekey(&key);
        }
        let result = self
            .transformer
            .invoke(event, &self.stream, deadline)
            .await?;
        let times = result.event_times.iter();
        let times = times.map(|(path, time)| (path.name(), *time));
        runtime::metrics::report(&self.function, &result.counters, times);
        let response = String::from_utf8(result.response).context("the response is not UTF-8")?;
        RawValue::from_string(response).context("the response is not JSON")
    }
}
