//! The function around [`Relay`]: its settings, its secrets and its metrics.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use aws::SecretsManager;
use serde_json::value::RawValue;
use settings::Function;
use triggers::HttpRequest;

use crate::{AccessKeys, Relay};

/// Time reserved at the end of an invocation for dead letters, metrics and the response.
const RESERVE: Duration = Duration::from_secs(3);

/// The longest a delivery takes: Firehose waits for three minutes and then sends again.
const LONGEST: Duration = Duration::from_secs(170);

/// Answers invocations.
pub struct Service {
    relay: Relay,
    function: String,
}

impl Service {
    /// A service that answers as `function`, configured by the environment.
    ///
    /// # Errors
    /// A setting is missing or not valid, or a secret cannot be read.
    pub async fn start(function: String) -> Result<Self> {
        let settings = runtime::settings(Function::FirehoseRelay)?;
        let name = settings.delivery.relay_key_secret.as_deref();
        let name = name.context("RELAY_KEY_SECRET is not set")?;
        let secret = SecretsManager::new(&aws::sdk_config().await, name);
        let opened = AccessKeys::load(secret).await;
        let keys = runtime::opened_secret("RELAY_KEY_SECRET", opened);
        let client = runtime::delivery_client(&settings, &function).await;
        let (keys, client) = runtime::both(keys, client)?;
        Ok(Self {
            relay: Relay::new(keys, client),
            function,
        })
    }

    /// The response to one invocation, ready before its `deadline`.
    ///
    /// # Errors
    /// The event is not a request to the function's URL.
    pub async fn invoke(&mut self, event: &str, deadline: Instant) -> Result<Box<RawValue>> {
        let call = HttpRequest::parse(event)?;
        let until = runtime::before(deadline, RESERVE).min(Instant::now() + LONGEST);
        let (answer, metrics) = self.relay.answer(&call, until).await;
        if let Some(metrics) = metrics {
            metrics.report(&self.function);
        }
        Ok(answer.response(runtime::metrics::now_ms()))
    }
}
