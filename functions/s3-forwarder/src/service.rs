//! The function: what an event asks for, done and answered.

mod object;
mod queue;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use aws::{S3, Sqs};
use runtime::{ForwarderContext, InvocationMetrics, before};
use serde_json::Value;
use settings::Function;

use crate::batch::{BatchJob, TaskEnd};
use crate::event::{Found, Invocation};

use object::Outcome;

/// What is left of an invocation for sending continuations, and for the answer.
const RESERVE: Duration = Duration::from_secs(5);

/// What is left of a short one.
const SHORT_RESERVE: Duration = Duration::from_millis(500);

/// Answers invocations one after the other.
pub struct Service {
    context: ForwarderContext,
    s3: S3,
    queue: Sqs,
    function: String,
}

impl Service {
    /// A service that answers as `function`, configured by the environment.
    ///
    /// # Errors
    /// Settings, rules, key or token are missing or not valid.
    pub async fn start(function: String) -> Result<Self> {
        let config = aws::sdk_config().await;
        Ok(Self {
            context: runtime::start(Function::S3Forwarder, &function).await?,
            s3: S3::new(&config),
            queue: Sqs::new(&config),
            function,
        })
    }

    /// The answer to one invocation, ready before its `deadline`.
    ///
    /// # Errors
    /// The form of the event is not known, or something is not delivered that only the caller
    /// can send again.
    pub async fn invoke(&mut self, event: &str, deadline: Instant) -> Result<Value> {
        self.context.refresh().await;
        let mut metrics = InvocationMetrics::default();
        let remaining = deadline.saturating_duration_since(Instant::now());
        let reserve = if remaining > RESERVE * 4 {
            RESERVE
        } else {
            SHORT_RESERVE
        };
        let until = before(deadline, reserve);
        let answer = match Invocation::parse(event) {
            Ok(Invocation::Queue(messages)) => self.messages(messages, until, &mut metrics).await,
            Ok(Invocation::Direct(found)) => self.direct(found, until, &mut metrics).await,
            Ok(Invocation::Batch(job)) => self.batch(&job, until, &mut metrics).await,
            Err(unknown) => {
                metrics.counters.records_failed += 1;
                Err(unknown.into())
            }
        };
        metrics.report(&self.function);
        answer
    }

    /// Forwards every record of the objects, whatever `ONLY_OVER_BYTES` says: no queue is involved,
    /// so that somebody asks for these objects.
    ///
    /// # Errors
    /// Something is not delivered; the caller has to invoke again.
    async fn direct(
        &mut self,
        found: Found,
        until: Instant,
        metrics: &mut InvocationMetrics,
    ) -> Result<Value> {
        let mut undone = Vec::new();
        for task in found.tasks {
            match self.task(&task, None, until, metrics).await {
                Outcome::Done(_) => {}
                Outcome::Left {
                    remaining, reason, ..
                } => undone.push(format!(
                    "{} from record {}: {reason}",
                    remaining.object(),
                    remaining.next_record
                )),
                Outcome::Failed { reason, .. } => undone.push(reason),
            }
        }
        metrics.counters.records_failed += found.unknown.len() as u64;
        undone.extend(found.unknown.iter().map(|unknown| unknown.why.to_string()));
        if !undone.is_empty() {
            bail!("objects are not forwarded: {}", undone.join("; "));
        }
        Ok(Value::Null)
    }

    /// Forwards every record of the objects, whatever `ONLY_OVER_BYTES` says: a job over an archive
    /// is there to send what the collector does not have. Each task's result says how many events
    /// were sent, filtered and quarantined.
    async fn batch(
        &mut self,
        job: &BatchJob,
        until: Instant,
        metrics: &mut InvocationMetrics,
    ) -> Result<Value> {
        let mut ends = Vec::new();
        for (_, task) in &job.tasks {
            let end = match task {
                Err(unknown) => (TaskEnd::PermanentFailure, unknown.to_string()),
                Ok(task) => match self.task(task, None, until, metrics).await {
                    Outcome::Done(summary) => (TaskEnd::Succeeded, summary),
                    Outcome::Left {
                        summary, reason, ..
                    } => (TaskEnd::TemporaryFailure, format!("{summary}; {reason}")),
                    Outcome::Failed {
                        reason,
                        transient: true,
                    } => (TaskEnd::TemporaryFailure, reason),
                    Outcome::Failed { reason, .. } => (TaskEnd::PermanentFailure, reason),
                },
            };
            ends.push(end);
        }
        serde_json::to_value(job.answer(ends)).context("the answer is not JSON")
    }
}
