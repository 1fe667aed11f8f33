//! Delivers the requests of a delivery stream to a collector.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use aws::{AccessKeyCache, SecretsManager};
use firehose::http_endpoint::{
    DeliveredCache, EndpointError, EndpointRequest, EndpointResponse, header_id,
};
use hec::EventBatch;
use hec_client::DeliveryClient;
use runtime::{InvocationMetrics, before, deliver};
use serde_json::value::RawValue;
use settings::Function;
use tracing::warn;
use triggers::HttpRequest;

/// Time reserved at the end of an invocation for dead letters, metrics and the response.
const RESERVE: Duration = Duration::from_secs(3);

/// The maximum time of a delivery: Firehose repeats a request after three minutes.
const MAX_DELIVERY_TIME: Duration = Duration::from_secs(170);

/// Answers invocations one after the other.
pub struct Service {
    keys: AccessKeyCache,
    client: DeliveryClient,
    delivered: DeliveredCache,
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
        let opened = AccessKeyCache::load(secret).await;
        let keys = runtime::opened_secret("RELAY_KEY_SECRET", opened);
        let client = runtime::delivery_client(&settings, &function).await;
        let (keys, client) = runtime::both(keys, client)?;
        Ok(Self::new(keys, client, function))
    }

    /// A service that delivers requests with one of the access `keys` through `client`.
    pub fn new(keys: AccessKeyCache, client: DeliveryClient, function: String) -> Self {
        Self {
            keys,
            client,
            delivered: DeliveredCache::default(),
            function,
        }
    }

    /// The response to one invocation, ready before its `deadline`.
    ///
    /// # Errors
    /// The event is not a request to the function's URL.
    pub async fn invoke(&mut self, event: &str, deadline: Instant) -> Result<Box<RawValue>> {
        let request = HttpRequest::parse(event)?;
        let until = before(deadline, RESERVE).min(Instant::now() + MAX_DELIVERY_TIME);
        let (response, metrics) = self.respond(&request, until).await;
        if let Some(metrics) = metrics {
            metrics.report(&self.function);
        }
        Ok(response.to_json(runtime::metrics::now_ms()))
    }

    /// The response to `request`, ready before `until`, and the counters if the request is
    /// authenticated. The reason of a rejection is logged.
    pub async fn respond(
        &mut self,
        request: &HttpRequest,
        until: Instant,
    ) -> (EndpointResponse, Option<InvocationMetrics>) {
        let mut request_id = header_id(request.header("x-amz-firehose-request-id")).to_owned();
        let mut metrics = InvocationMetrics::default();
        let result = self.relay(request, &mut request_id, until, &mut metrics);
        let error = result.await.err();
        if let Some(error) = &error {
            let (status, why) = (error.status(), error.to_string());
            warn!(request = request_id, status, why, "request is rejected");
        }
        let is_unauthenticated = error
            .as_ref()
            .is_some_and(EndpointError::is_unauthenticated);
        let response = EndpointResponse { request_id, error };
        (response, (!is_unauthenticated).then_some(metrics))
    }

    /// Delivers the events of `request`. Replaces `id` with the request's id once that is known.
    async fn relay(
        &mut self,
        request: &HttpRequest,
        id: &mut String,
        until: Instant,
        metrics: &mut InvocationMetrics,
    ) -> Result<(), EndpointError> {
        if request.method() != "POST" {
            return Err(EndpointError::Method);
        }
        let key = request.header("x-amz-firehose-access-key");
        if !self.keys.authorize(key).await {
            return Err(EndpointError::AccessKey);
        }
        let body = request.body().map_err(EndpointError::from);
        let parsed = body.and_then(|body| EndpointRequest::parse(&body));
        let parsed = parsed.inspect_err(|_| metrics.counters.records_failed += 1)?;
        *id = parsed.id(id)?;
        let objects = parsed.objects().inspect_err(|error| {
            if let EndpointError::Untransformed { failed, .. } = error {
                metrics.counters.records_failed += *failed as u64;
            }
        })?;
        let outstanding = self.delivered.outstanding(id, objects);
        let stream = request.header("x-amz-firehose-source-arn");
        self.deliver(&outstanding, stream, id, until, metrics).await
    }

    async fn deliver(
        &mut self,
        objects: &EventBatch,
        stream: &str,
        id: &str,
        until: Instant,
        metrics: &mut InvocationMetrics,
    ) -> Result<(), EndpointError> {
        if objects.is_empty() {
            return Ok(());
        }
        metrics.counters.events_in += objects.len() as u64;
        metrics.counters.bytes_out += objects.bytes_len() as u64;
        let input = origin(stream, id);
        let report = deliver(&self.client, objects, &input, until, metrics).await;
        self.delivered.insert(id, objects, &report.undelivered);
        if report.undelivered.is_empty() {
            return Ok(());
        }
        Err(EndpointError::Undelivered {
            undelivered: report.undelivered_count(),
            events: objects.len(),
            reason: report.reason(),
        })
    }
}

/// The origin of events in the metadata of dead letters: `<ARN of the stream> <request id>`.
fn origin(stream: &str, id: &str) -> String {
    // Metadata is an HTTP header; with other characters the dead letter could not be stored.
    let is_plain =
        (1..=512).contains(&stream.len()) && stream.bytes().all(|b| b.is_ascii_graphic());
    format!("{} {id}", if is_plain { stream } else { "firehose" })
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn an_origin_is_a_valid_header() {
        let arn = "arn:aws:firehose:us-east-1:111122223333:deliverystream/trail";
        assert_eq!(origin(arn, "a-1"), format!("{arn} a-1"));
        for odd in ["", "a\nb", "é", &"a".repeat(513)] {
            assert_eq!(origin(odd, "a-1"), "firehose a-1");
        }
    }
}
