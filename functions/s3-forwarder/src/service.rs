//! The function: what an event asks for, done and answered.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use delivery::{ObjectError, Queue, S3, Why};
use forwarding::{Started, Tally, now_ms, work_until};
use serde_json::{Value, json};
use tracing::{error, info, warn};

use crate::batch::{BatchJob, TaskEnd};
use crate::event::{Invocation, Message};
use crate::forward::{End, Forward};
use crate::inflate::{Broken, Chunks};
use crate::task::Task;

/// What is left of an invocation for putting back what is not done, and answering.
const RESERVE: Duration = Duration::from_secs(5);

/// What is left of a short one.
const SHORT_RESERVE: Duration = Duration::from_millis(500);

/// What a message that continues an object is given to reach its queue.
const SENDING: Duration = Duration::from_secs(3);

/// Seconds until something is tried again that failed for the collector.
const LATER: i32 = 30;

/// Requests whose bytes are gathered before they are sent together.
const GATHERED: usize = 4;

/// The most bytes that are gathered.
const MOST_GATHERED: usize = 4_000_000;

/// Answers invocations one after the other.
pub struct Service {
    started: Started,
    s3: S3,
    queue: Queue,
    function: String,
}

/// How one task ended.
enum Outcome {
    Done(&'static str),
    /// To be done later, and whether it got any farther.
    Left {
        rest: Box<Task>,
        reason: String,
        has_progress: bool,
    },
    Failed(ObjectError),
}

impl Service {
    /// Ready to answer by the environment.
    ///
    /// # Errors
    /// Settings, rules, key or token that do not work.
    pub async fn start() -> Result<Self> {
        let function =
            std::env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(|_| "s3-forwarder".into());
        let config = delivery::sdk_config().await;
        Ok(Self {
            started: forwarding::start(&function).await?,
            s3: S3::new(&config),
            queue: Queue::new(&config),
            function,
        })
    }

    /// The answer to one invocation, given the epoch milliseconds of its deadline.
    ///
    /// # Errors
    /// The event is of no known form; or, where nobody else keeps what is not done, something is
    /// not done.
    pub async fn invoke(&mut self, event: &str, deadline_ms: u64) -> Result<Value> {
        self.started.refresh().await;
        let mut tally = Tally::default();
        let remaining = Duration::from_millis(deadline_ms.saturating_sub(now_ms()));
        let reserve = if remaining > RESERVE * 4 {
            RESERVE
        } else {
            SHORT_RESERVE
        };
        let until = work_until(deadline_ms, reserve);
        let answer = match Invocation::parse(event) {
            Ok(Invocation::Queue(messages)) => self.messages(messages, until, &mut tally).await,
            Ok(Invocation::Direct(tasks)) => self.direct(tasks, until, &mut tally).await,
            Ok(Invocation::Batch(job)) => self.batch(&job, until, &mut tally).await,
            Err(unknown) => {
                tally.counters.records_failed += 1;
                Err(unknown.into())
            }
        };
        tally.report(&self.function);
        answer
    }

    /// Partial batch response: messages that are not done stay on their queue.
    async fn messages(
        &mut self,
        messages: Vec<Message>,
        until: Instant,
        tally: &mut Tally,
    ) -> Result<Value> {
        let mut failures = Vec::new();
        for message in messages {
            let is_done = match message.tasks {
                Ok(tasks) => self.message(&message.queue, tasks, until, tally).await,
                Err(unknown) => {
                    error!(message = message.id, reason = %unknown, "a message goes back to its queue");
                    tally.counters.records_failed += 1;
                    false
                }
            };
            if !is_done {
                failures.push(json!({ "itemIdentifier": message.id }));
            }
        }
        Ok(json!({ "batchItemFailures": failures }))
    }

    /// Whether the message is done with: its objects are, or messages continue them.
    async fn message(
        &mut self,
        queue: &str,
        tasks: Vec<Task>,
        until: Instant,
        tally: &mut Tally,
    ) -> bool {
        let count = tasks.len();
        let mut rests = Vec::new();
        let mut has_progress = false;
        for task in tasks {
            match self.task(&task, until, tally).await {
                Outcome::Done(_) => {}
                Outcome::Left {
                    rest,
                    reason,
                    has_progress: more,
                } => {
                    warn!(object = %rest.object(), next_record = rest.next_record, reason, "an object is to be continued");
                    has_progress |= more;
                    rests.push(*rest);
                }
                Outcome::Failed(error) => {
                    error!(%error, "an object cannot be read");
                    rests.push(task);
                }
            }
        }
        if rests.is_empty() {
            return true;
        }
        // The queue's own count of attempts ends a message that never gets anywhere.
        if !has_progress && rests.len() == count {
            return false;
        }
        let delay = if Instant::now() >= until { 0 } else { LATER };
        for rest in &rests {
            let body = serde_json::to_string(rest).expect("a task is JSON");
            // As long as the reserve at least, since the alternative is to send events twice.
            let sending = tokio::time::timeout(SENDING, self.queue.send(queue, body, delay)).await;
            let sent = match sending {
                Ok(sent) => sent.map_err(|error| error.to_string()),
                Err(_) => Err("no answer in time".to_owned()),
            };
            if let Err(reason) = sent {
                error!(
                    reason,
                    "the whole message goes back, so that some events come twice"
                );
                return false;
            }
        }
        true
    }

    /// All of the objects, or an error, so that the caller tries again.
    async fn direct(
        &mut self,
        tasks: Vec<Task>,
        until: Instant,
        tally: &mut Tally,
    ) -> Result<Value> {
        let mut undone = Vec::new();
        for task in tasks {
            match self.task(&task, until, tally).await {
                Outcome::Done(_) => {}
                Outcome::Left { rest, reason, .. } => undone.push(format!(
                    "{} from record {}: {reason}",
                    rest.object(),
                    rest.next_record
                )),
                Outcome::Failed(error) => undone.push(error.to_string()),
            }
        }
        if !undone.is_empty() {
            bail!("objects are not forwarded: {}", undone.join("; "));
        }
        Ok(Value::Null)
    }

    async fn batch(&mut self, job: &BatchJob, until: Instant, tally: &mut Tally) -> Result<Value> {
        let mut ends = Vec::new();
        for (_, task) in &job.tasks {
            let end = match task {
                Err(unknown) => (TaskEnd::PermanentFailure, unknown.to_string()),
                Ok(task) => match self.task(task, until, tally).await {
                    Outcome::Done(what) => (TaskEnd::Succeeded, what.to_owned()),
                    Outcome::Left { reason, .. } => (TaskEnd::TemporaryFailure, reason),
                    Outcome::Failed(error) if error.why == Why::Unavailable => {
                        (TaskEnd::TemporaryFailure, error.to_string())
                    }
                    Outcome::Failed(error) => (TaskEnd::PermanentFailure, error.to_string()),
                },
            };
            ends.push(end);
        }
        serde_json::to_value(job.answer(ends)).context("the answer is not JSON")
    }

    /// Forwards one object.
    async fn task(&mut self, task: &Task, until: Instant, tally: &mut Tally) -> Outcome {
        if Instant::now() >= until {
            return Outcome::Left {
                rest: Box::new(task.clone()),
                reason: "there is no time to begin it".to_owned(),
                has_progress: false,
            };
        }
        let (task, body) = match tokio::time::timeout_at(until.into(), self.open(task)).await {
            Ok(Ok(opened)) => opened,
            Ok(Err(error)) => return Outcome::Failed(error),
            Err(_) => {
                return Outcome::Left {
                    rest: Box::new(task.clone()),
                    reason: "S3 did not answer in time".to_owned(),
                    has_progress: false,
                };
            }
        };
        let settings = &self.started.settings.delivery;
        let mut forward = Forward {
            encoder: &mut self.started.encoder,
            outbox: &self.started.outbox,
            tally,
            only_over_bytes: settings.only_over_bytes,
            flush_bytes: (settings.max_bytes * GATHERED).min(settings.max_bytes.max(MOST_GATHERED)),
            until,
            is_replay: false,
        };
        match forward.object(&task, body).await {
            End::Done => Outcome::Done("forwarded"),
            End::Foreign => Outcome::Done("skipped: no CloudTrail log file"),
            End::Left(rest, reason) => {
                let has_progress =
                    rest.next_record > task.next_record || rest.delivered != task.delivered;
                Outcome::Left {
                    rest,
                    reason,
                    has_progress,
                }
            }
        }
    }

    /// The object's bytes, under the one key or the other.
    async fn open(&self, task: &Task) -> Result<(Task, Body), ObjectError> {
        let first = self.s3.get(&task.object()).await;
        match (first, &task.other_key) {
            (Ok(body), _) => Ok((task.clone(), Body(body))),
            (Err(error), Some(key)) if error.why == Why::Missing => {
                info!("the key is tried decoded");
                let other = Task {
                    key: key.clone(),
                    other_key: None,
                    ..task.clone()
                };
                let body = self.s3.get(&other.object()).await;
                Ok((other, Body(body?)))
            }
            (Err(error), _) => Err(error),
        }
    }
}

/// The body of an object in S3.
struct Body(delivery::ByteStream);

impl Chunks for Body {
    async fn next(&mut self) -> Option<Result<Bytes, Broken>> {
        let chunk = self.0.next().await?;
        Some(chunk.map_err(|error| Broken(error.to_string())))
    }
}
