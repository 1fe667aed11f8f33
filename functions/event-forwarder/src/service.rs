//! Delivers the events of an invocation, and responds in the form that the trigger expects.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use hec::EventBatch;
use pipeline::Route;
use runtime::{ForwarderContext, InputError, InvocationMetrics, before, deliver};
use serde_json::Value;
use settings::Function;
use tracing::error;
use triggers::{Content, EventText, QueueMessage, SqsBatchResponse, Trigger, TriggerError};

/// Time kept for the response at the end of an invocation.
const RESERVE: Duration = Duration::from_secs(1);

/// Answers invocations one after the other.
pub(crate) struct Service {
    context: ForwarderContext,
    function: String,
}

impl Service {
    /// A service that answers as `function`, configured by the environment.
    ///
    /// # Errors
    /// Settings, rules, key or token are missing or not valid.
    pub(crate) async fn start(function: String) -> Result<Self> {
        Ok(Self {
            context: runtime::start(Function::EventForwarder, &function).await?,
            function,
        })
    }

    /// The response to one invocation, ready before its `deadline`.
    ///
    /// # Errors
    /// The event has an unknown format, or something is not delivered that only the caller can send
    /// again.
    pub(crate) async fn invoke(&mut self, event: &str, deadline: Instant) -> Result<Value> {
        self.context.refresh().await;
        let mut metrics = InvocationMetrics::default();
        let until = before(deadline, RESERVE);
        let response = match Trigger::parse(event) {
            Ok(Trigger::Queue(messages)) => self.queue(messages, until, &mut metrics).await,
            Ok(Trigger::Direct(content)) => {
                self.direct(content.complete(), until, &mut metrics).await
            }
            Err(error) => self.direct(Err(error), until, &mut metrics).await,
        };
        metrics.report(&self.function);
        response
    }

    /// Partial batch response: messages that are not delivered stay on their queue.
    async fn queue(
        &mut self,
        messages: Vec<QueueMessage<EventText>>,
        until: Instant,
        metrics: &mut InvocationMetrics,
    ) -> Result<Value> {
        let mut objects = EventBatch::default();
        let mut response = SqsBatchResponse::default();
        let mut spans = Vec::new();
        for QueueMessage { id, content, .. } in messages {
            let first = objects.len();
            let texts = content.and_then(Content::complete);
            let texts = texts.map_err(|error| error.to_string());
            let added = texts.and_then(|texts| {
                let added = self.encode(&texts, &mut objects, metrics);
                added.map_err(|error| error.to_string())
            });
            match added {
                Ok(()) => spans.push((id, first..objects.len())),
                Err(reason) => {
                    error!(message = id, reason, "a message stays on its queue");
                    metrics.counters.records_failed += 1;
                    response.add_failure(id);
                }
            }
        }
        let report = deliver(&self.context.client, &objects, "the queue", until, metrics).await;
        for (id, mut span) in spans {
            if span.any(|at| report.is_undelivered(at)) {
                response.add_failure(id);
            }
        }
        serde_json::to_value(response).context("the response is not JSON")
    }

    /// Delivers everything, or fails. Such an event comes from an asynchronous invocation (a CloudWatch
    /// Logs subscription): Lambda invokes the function twice more, and then sends the event to the
    /// on-failure destination, from which `s3-forwarder` delivers it. Nothing has to be stored here,
    /// unmasked or masked. Permanently rejected events become dead letters, as on every route.
    ///
    /// # Errors
    /// The event cannot be parsed, or something is not delivered. Lambda then repeats the whole
    /// event, so that events that the collector accepted in this invocation are sent again.
    async fn direct(
        &mut self,
        texts: Result<Vec<EventText>, TriggerError>,
        until: Instant,
        metrics: &mut InvocationMetrics,
    ) -> Result<Value> {
        let texts = texts.inspect_err(|_| metrics.counters.records_failed += 1)?;
        let mut objects = EventBatch::default();
        if let Err(error) = self.encode(&texts, &mut objects, metrics) {
            metrics.counters.records_failed += 1;
            bail!("the event cannot be parsed: {error}");
        }
        let client = &self.context.client;
        let report = deliver(client, &objects, "the event", until, metrics).await;
        if report.undelivered.is_empty() {
            return Ok(Value::Null);
        }
        let (undelivered, all) = (report.undelivered_count(), objects.len());
        let reason = report.reason();
        bail!("{undelivered} of {all} events are not delivered: {reason}");
    }

    fn encode(
        &mut self,
        texts: &[EventText],
        objects: &mut EventBatch,
        metrics: &mut InvocationMetrics,
    ) -> Result<(), InputError> {
        let encoder = &mut self.context.encoder;
        encoder.add_all(texts, &Route::default(), objects, metrics)
    }
}
