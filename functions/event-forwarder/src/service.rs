//! The function: the events of an invocation, delivered and answered.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use forwarding::{Started, Tally, before, deliver};
use hec::EventBatch;
use pipeline::Decompressor;
use serde_json::{Value, json};
use settings::Function;
use tracing::error;

use crate::encode::encode;
use crate::event::{Incoming, Text};

/// What is left of an invocation for the answer.
const RESERVE: Duration = Duration::from_secs(1);

/// Answers invocations one after the other.
pub struct Service {
    started: Started,
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
            started: forwarding::start(Function::EventForwarder, &function).await?,
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
        self.started.refresh().await;
        let mut tally = Tally::default();
        let until = before(deadline, RESERVE);
        let answer = match Incoming::parse(event) {
            Ok(Incoming::Queue(messages)) => {
                let messages = messages.into_iter().map(|(id, texts)| {
                    let texts = texts.map_err(|unknown| unknown.to_string());
                    (id, texts)
                });
                Ok(self.queue(messages.collect(), until, &mut tally).await)
            }
            Ok(Incoming::Direct(texts)) => self.direct(&texts, until, &mut tally).await,
            Err(unknown) => {
                tally.counters.records_failed += 1;
                Err(unknown.into())
            }
        };
        tally.report(&self.function);
        answer
    }

    /// Partial batch response: messages that are not delivered stay on their queue.
    async fn queue(
        &mut self,
        messages: Vec<(String, Result<Vec<Text>, String>)>,
        until: Instant,
        tally: &mut Tally,
    ) -> Value {
        let mut objects = EventBatch::default();
        let mut failed = Vec::new();
        let mut spans = Vec::new();
        for (id, texts) in messages {
            let first = objects.len();
            match texts.and_then(|texts| self.encode(&texts, &mut objects, tally)) {
                Ok(()) => spans.push((id, first..objects.len())),
                Err(reason) => {
                    error!(message = id, reason, "a message stays on its queue");
                    tally.counters.records_failed += 1;
                    failed.push(id);
                }
            }
        }
        let delivered = deliver(&self.started.outbox, &objects, "the queue", until, tally).await;
        for (id, mut span) in spans {
            if span.any(|at| delivered.is_left(at)) {
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
    async fn direct(&mut self, texts: &[Text], until: Instant, tally: &mut Tally) -> Result<Value> {
        let mut objects = EventBatch::default();
        if let Err(reason) = self.encode(texts, &mut objects, tally) {
            tally.counters.records_failed += 1;
            bail!("the event cannot be parsed: {reason}");
        }
        let outbox = &self.started.outbox;
        let delivered = deliver(outbox, &objects, "the event", until, tally).await;
        if delivered.left.is_empty() {
            return Ok(Value::Null);
        }
        let (left, all) = (delivered.left_count(), objects.len());
        let reason = delivered.reason.unwrap_or_default();
        bail!("{left} of {all} events are not delivered: {reason}");
    }

    fn encode(
        &mut self,
        texts: &[Text],
        objects: &mut EventBatch,
        tally: &mut Tally,
    ) -> Result<(), String> {
        let encoder = &mut self.started.encoder;
        encode(texts, &mut self.opener, encoder, objects, tally)
    }
}
