//! The function: the events of an invocation, delivered and answered.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use hec::EventBatch;
use pipeline::Decompressor;
use runtime::{ForwarderContext, InvocationMetrics, before, deliver};
use serde_json::{Value, json};
use settings::Function;
use tracing::error;

use crate::encode::encode;
use crate::event::{Incoming, Text};

/// What is left of an invocation for the answer.
const RESERVE: Duration = Duration::from_secs(1);

/// Answers invocations one after the other.
pub struct Service {
    context: ForwarderContext,
    opener: Decompressor,
    function: String,
}

impl Service {
    /// A service that answers as `function`, configured by the environment.
    ///
    /// # Errors
    /// Settings, rules, key or token are missing or not valid.
    pub async fn start(function: String) -> Result<Self> {
        Ok(Self {
            context: runtime::start(Function::EventForwarder, &function).await?,
            opener: Decompressor::default(),
            function,
        })
    }

    /// The answer to one invocation, ready before its `deadline`.
    ///
    /// # Errors
    /// The form of the event is not known, or something is not delivered that only the caller can
    /// send again.
    pub async fn invoke(&mut self, event: &str, deadline: Instant) -> Result<Value> {
        self.context.refresh().await;
        let mut metrics = InvocationMetrics::default();
        let until = before(deadline, RESERVE);
        let answer = match Incoming::parse(event) {
            Ok(Incoming::Queue(messages)) => {
                let messages = messages.into_iter().map(|(id, texts)| {
                    let texts = texts.map_err(|unknown| unknown.to_string());
                    (id, texts)
                });
                Ok(self.queue(messages.collect(), until, &mut metrics).await)
            }
            Ok(Incoming::Direct(texts)) => self.direct(&texts, until, &mut metrics).await,
            Err(unknown) => {
                metrics.counters.records_failed += 1;
                Err(unknown.into())
            }
        };
        metrics.report(&self.function);
        answer
    }

    /// Partial batch response: messages that are not delivered stay on their queue.
    async fn queue(
        &mut self,
        messages: Vec<(String, Result<Vec<Text>, String>)>,
        until: Instant,
        metrics: &mut InvocationMetrics,
    ) -> Value {
        let mut objects = EventBatch::default();
        let mut failed = Vec::new();
        let mut spans = Vec::new();
        for (id, texts) in messages {
            let first = objects.len();
            match texts.and_then(|texts| self.encode(&texts, &mut objects, metrics)) {
                Ok(()) => spans.push((id, first..objects.len())),
                Err(reason) => {
                    error!(message = id, reason, "a message stays on its queue");
                    metrics.counters.records_failed += 1;
                    failed.push(id);
                }
            }
        }
        let report = deliver(&self.context.client, &objects, "the queue", until, metrics).await;
        for (id, mut span) in spans {
            if span.any(|at| report.is_undelivered(at)) {
                failed.push(id);
            }
        }
        let failures = failed.iter().map(|id| json!({ "itemIdentifier": id }));
        json!({ "batchItemFailures": failures.collect::<Vec<_>>() })
    }

    /// Delivers everything, or fails. Such an event comes from an asynchronous invocation (a CloudWatch
    /// Logs subscription): Lambda invokes the function twice more, and then sends the event to the
    /// on-failure destination, from where `s3-forwarder` delivers it. Nothing has to be kept here,
    /// unmasked or masked. What the collector refuses permanently becomes a dead letter as on every
    /// route.
    ///
    /// # Errors
    /// Something is not delivered. Lambda repeats the whole event then, so that events that the
    /// collector accepted in this invocation are sent again.
    async fn direct(
        &mut self,
        texts: &[Text],
        until: Instant,
        metrics: &mut InvocationMetrics,
    ) -> Result<Value> {
        let mut objects = EventBatch::default();
        if let Err(reason) = self.encode(texts, &mut objects, metrics) {
            metrics.counters.records_failed += 1;
            bail!("the event cannot be parsed: {reason}");
        }
        let client = &self.context.client;
        let report = deliver(client, &objects, "the event", until, metrics).await;
        if report.undelivered.is_empty() {
            return Ok(Value::Null);
        }
        let (left, all) = (report.undelivered_count(), objects.len());
        let reason = report.reason();
        bail!("{left} of {all} events are not delivered: {reason}");
    }

    fn encode(
        &mut self,
        texts: &[Text],
        objects: &mut EventBatch,
        metrics: &mut InvocationMetrics,
    ) -> Result<(), String> {
        let encoder = &mut self.context.encoder;
        encode(texts, &mut self.opener, encoder, objects, metrics)
    }
}
