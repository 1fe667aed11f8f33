//! The function: what an event asks for, done and answered.

mod object;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use delivery::{Queue, S3, Why};
use forwarding::{Started, Tally, before};
use serde_json::{Value, json};
use settings::Function;
use tracing::{error, warn};

use crate::batch::{BatchJob, TaskEnd};
use crate::event::{Found, Invocation, Message};

use object::Outcome;

/// What is left of an invocation for putting back what is not done, and answering.
const RESERVE: Duration = Duration::from_secs(5);

/// What is left of a short one.
const SHORT_RESERVE: Duration = Duration::from_millis(500);

/// What a message that continues an object is given to reach its queue.
const SENDING: Duration = Duration::from_secs(3);

/// Seconds until something is tried again that failed for the collector.
const LATER: i32 = 30;

/// Answers invocations one after the other.
pub struct Service {
    started: Started,
    s3: S3,
    queue: Queue,
    function: String,
}

impl Service {
    /// Ready to answer as `function`, by the environment.
    ///
    /// # Errors
    /// Settings, rules, key or token that do not work.
    pub async fn start(function: String) -> Result<Self> {
        let config = delivery::sdk_config().await;
        Ok(Self {
            started: forwarding::start(Function::S3Forwarder, &function).await?,
            s3: S3::new(&config),
            queue: Queue::new(&config),
            function,
        })
    }

    /// The answer to one invocation, found before its `deadline`.
    ///
    /// # Errors
    /// The event is of no known form; or, where nobody else keeps what is not done, something is
    /// not done.
    pub async fn invoke(&mut self, event: &str, deadline: Instant) -> Result<Value> {
        self.started.refresh().await;
        let mut tally = Tally::default();
        let remaining = deadline.saturating_duration_since(Instant::now());
        let reserve = if remaining > RESERVE * 4 {
            RESERVE
        } else {
            SHORT_RESERVE
        };
        let until = before(deadline, reserve);
        let answer = match Invocation::parse(event) {
            Ok(Invocation::Queue(messages)) => self.messages(messages, until, &mut tally).await,
            Ok(Invocation::Direct(found)) => self.direct(found, until, &mut tally).await,
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
            let is_done = match message.found {
                Ok(found) => self.message(&message.queue, found, until, tally).await,
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

    /// Whether the message is done with: its objects are, or messages continue them. Records of no
    /// known form get messages of their own, so that nothing else comes again with them.
    async fn message(
        &mut self,
        queue: &str,
        found: Found,
        until: Instant,
        tally: &mut Tally,
    ) -> bool {
        let count = found.tasks.len();
        let mut rests = Vec::new();
        let mut has_progress = false;
        for task in found.tasks {
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
        // The queue's own count of attempts ends a message that never gets anywhere.
        if !has_progress && !rests.is_empty() && rests.len() == count {
            return false;
        }
        let continued = rests
            .iter()
            .map(|rest| serde_json::to_string(rest).expect("a task is JSON"));
        let alone = found.unknown.into_iter().map(|unknown| {
            error!(reason = %unknown.why, "a record of a message goes back to its queue alone");
            tally.counters.records_failed += 1;
            unknown.body
        });
        let bodies: Vec<String> = continued.chain(alone).collect();
        let delay = if Instant::now() >= until { 0 } else { LATER };
        self.put_back(queue, bodies, delay).await
    }

    /// Puts messages on the queue that stand for what is not done of another. Returns whether all
    /// are there.
    async fn put_back(&self, queue: &str, bodies: Vec<String>, delay: i32) -> bool {
        for body in bodies {
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
    async fn direct(&mut self, found: Found, until: Instant, tally: &mut Tally) -> Result<Value> {
        let mut undone = Vec::new();
        for task in found.tasks {
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
        tally.counters.records_failed += found.unknown.len() as u64;
        undone.extend(found.unknown.iter().map(|unknown| unknown.why.to_string()));
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
}
