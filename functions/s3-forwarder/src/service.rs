//! Forwards the objects of an invocation, and responds in the form that the trigger expects.

mod object;
mod queue;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use aws::{S3, Sqs};
use runtime::{InvocationMetrics, before};
use serde_json::Value;
use settings::Function;
use triggers::{BatchJob, Content, ObjectTask, TaskResult, Trigger, TriggerError};

use object::{ObjectService, Outcome};
use queue::QueueService;

/// Time reserved at the end of an invocation for continuations and the response.
const RESERVE: Duration = Duration::from_secs(5);

/// The same for a short invocation.
const SHORT_RESERVE: Duration = Duration::from_millis(500);

/// Answers invocations one after the other.
pub(crate) struct Service {
    objects: ObjectService,
    sqs: Sqs,
    function: String,
}

impl Service {
    /// A service that answers as `function`, configured by the environment.
    ///
    /// # Errors
    /// Settings, rules, key or token are missing or not valid.
    pub(crate) async fn start(function: String) -> Result<Self> {
        let config = aws::sdk_config().await;
        let context = runtime::start(Function::S3Forwarder, &function).await?;
        Ok(Self {
            objects: ObjectService::new(context, S3::new(&config)),
            sqs: Sqs::new(&config),
            function,
        })
    }

    /// The response to one invocation, ready before its `deadline`.
    ///
    /// # Errors
    /// The event has an unknown format, or something is not delivered that only the caller can send
    /// again.
    pub(crate) async fn invoke(&mut self, event: &str, deadline: Instant) -> Result<Value> {
        self.objects.context.refresh().await;
        let mut metrics = InvocationMetrics::default();
        let remaining = deadline.saturating_duration_since(Instant::now());
        let reserve = if remaining > RESERVE * 4 {
            RESERVE
        } else {
            SHORT_RESERVE
        };
        let until = before(deadline, reserve);
        let response = self.respond(event, until, &mut metrics).await;
        metrics.report(&self.function);
        response
    }

    async fn respond(
        &mut self,
        event: &str,
        until: Instant,
        metrics: &mut InvocationMetrics,
    ) -> Result<Value> {
        let unknown = |error: TriggerError, metrics: &mut InvocationMetrics| {
            metrics.counters.records_failed += 1;
            Err(error.into())
        };
        if let Some(job) = BatchJob::parse(event) {
            return match job {
                Ok(job) => self.batch(&job, until, metrics).await,
                Err(error) => unknown(error, metrics),
            };
        }
        match Trigger::parse(event) {
            Ok(Trigger::Queue(messages)) => {
                let mut queue = QueueService {
                    objects: &mut self.objects,
                    sqs: &self.sqs,
                };
                queue.messages(messages, until, metrics).await
            }
            Ok(Trigger::Direct(content)) => self.direct(content, until, metrics).await,
            Err(error) => unknown(error, metrics),
        }
    }

    /// Forwards every record of the objects. `ONLY_OVER_BYTES` does not apply, because a direct
    /// invocation requests these objects.
    ///
    /// # Errors
    /// Something is not delivered; the caller must invoke the function again.
    async fn direct(
        &mut self,
        content: Content<ObjectTask>,
        until: Instant,
        metrics: &mut InvocationMetrics,
    ) -> Result<Value> {
        let mut failures = Vec::new();
        for task in content.payloads {
            match self.objects.task(&task, None, until, metrics).await {
                Outcome::Done(_) => {}
                Outcome::Remaining {
                    remaining, reason, ..
                } => failures.push(format!(
                    "{remaining} from record {}: {reason}",
                    remaining.next_record
                )),
                Outcome::Failed { reason, .. } => failures.push(reason),
            }
        }
        metrics.counters.records_failed += content.unparsed.len() as u64;
        failures.extend(
            content
                .unparsed
                .iter()
                .map(|unparsed| unparsed.error.to_string()),
        );
        if !failures.is_empty() {
            bail!("objects are not forwarded: {}", failures.join("; "));
        }
        Ok(Value::Null)
    }

    /// Forwards every record of the objects. `ONLY_OVER_BYTES` does not apply, because a job over an
    /// archive sends what the collector does not have. The result of each task states how many events
    /// were sent, filtered and quarantined.
    async fn batch(
        &mut self,
        job: &BatchJob,
        until: Instant,
        metrics: &mut InvocationMetrics,
    ) -> Result<Value> {
        let mut results = Vec::new();
        for (_, task) in &job.tasks {
            let result = match task {
                Err(unknown) => (TaskResult::PermanentFailure, unknown.to_string()),
                Ok(task) => match self.objects.task(task, None, until, metrics).await {
                    Outcome::Done(summary) => (TaskResult::Succeeded, summary),
                    Outcome::Remaining {
                        summary, reason, ..
                    } => (TaskResult::TemporaryFailure, format!("{summary}; {reason}")),
                    Outcome::Failed {
                        reason,
                        transient: true,
                    } => (TaskResult::TemporaryFailure, reason),
                    Outcome::Failed { reason, .. } => (TaskResult::PermanentFailure, reason),
                },
            };
            results.push(result);
        }
        serde_json::to_value(job.response(results)).context("the response is not JSON")
    }
}
