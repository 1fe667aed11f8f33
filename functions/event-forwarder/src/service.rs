//! The function: what an event brings, delivered and answered.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use delivery::Delivered;
use forwarding::{Started, Tally, before, deliver};
use hec::Objects;
use pipeline::Opener;
use serde_json::{Value, json};
use settings::Function;
use tracing::error;

use crate::encode::encode;
use crate::event::{Incoming, Text};

/// What is left of an invocation for answering.
const RESERVE: Duration = Duration::from_secs(1);

/// Answers invocations one after the other.
pub struct Service {
    started: Started,
    opener: Opener,
    function: String,
}

impl Service {
    /// Ready to answer as `function`, by the environment.
    ///
    /// # Errors
    /// Settings, rules, key or token that do not work.
    pub async fn start(function: String) -> Result<Self> {
        Ok(Self {
            started: forwarding::start(Function::EventForwarder, &function).await?,
            opener: Opener::default(),
            function,
        })
    }

    /// The answer to one invocation, found before its `deadline`.
    ///
    /// # Errors
    /// What nobody else keeps is neither delivered nor a dead letter.
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
        let mut objects = Objects::default();
        let mut failed = Vec::new();
        let mut spans = Vec::new();
        for (id, texts) in messages {
            let first = objects.len();
            match texts.and_then(|texts| self.encode(&texts, &mut objects, tally)) {
                Ok(()) => spans.push((id, first..objects.len())),
                Err(reason) => {
                    error!(message = id, reason, "a message goes back to its queue");
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

    /// Delivers all, or keeps as dead letters what is not delivered: nobody else does.
    async fn direct(&mut self, texts: &[Text], until: Instant, tally: &mut Tally) -> Result<Value> {
        let mut objects = Objects::default();
        if let Err(reason) = self.encode(texts, &mut objects, tally) {
            tally.counters.records_failed += 1;
            bail!("the event cannot be read: {reason}");
        }
        let outbox = &self.started.outbox;
        let delivered = deliver(outbox, &objects, "the event", until, tally).await;
        self.keep(&objects, &delivered, until, tally).await?;
        Ok(Value::Null)
    }

    async fn keep(
        &self,
        objects: &Objects,
        delivered: &Delivered,
        until: Instant,
        tally: &mut Tally,
    ) -> Result<()> {
        if delivered.left.is_empty() {
            return Ok(());
        }
        let reason = delivered.reason.clone().unwrap_or_default();
        let kept = self
            .started
            .outbox
            .keep_left(objects, delivered, "the event", until)
            .await;
        kept.with_context(|| {
            format!(
                "{} events are not delivered: {reason}",
                delivered.left_count()
            )
        })?;
        tally.kept(delivered.left_count());
        Ok(())
    }

    fn encode(
        &mut self,
        texts: &[Text],
        objects: &mut Objects,
        tally: &mut Tally,
    ) -> Result<(), String> {
        let encoder = &mut self.started.encoder;
        encode(texts, &mut self.opener, encoder, objects, tally)
    }
}
