//! The objects that an event is about.

use serde::Deserialize;
use serde_json::{Value, json};
use thiserror::Error;

use crate::batch::BatchJob;
use crate::key::form_decoded;
use crate::task::Task;

/// How deep messages may be nested: SNS in SQS, and one to spare.
const MAX_NESTED: usize = 4;

/// The work of one invocation.
#[derive(Debug)]
pub enum Invocation {
    /// Messages of a queue, each answered separately.
    Queue(Vec<Message>),
    /// An event that only the caller can send again.
    Direct(Found),
    /// Tasks of S3 Batch Operations.
    Batch(BatchJob),
}

/// One message of a queue.
#[derive(Debug)]
pub struct Message {
    /// `messageId`
    pub id: String,
    /// ARN of the queue.
    pub queue: String,
    /// Its content.
    pub found: Result<Found, UnknownEvent>,
}

/// The content of an event.
#[derive(Debug, Default)]
pub struct Found {
    /// Objects; none for test events and for events that are not about new objects.
    pub tasks: Vec<Task>,
    /// Records whose form is not known; never without an object.
    pub unknown: Vec<UnknownRecord>,
}

/// A record whose form is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRecord {
    /// A message with this record alone.
    pub body: String,
    /// What is wrong with it.
    pub why: UnknownEvent,
}

impl Found {
    fn of(tasks: Vec<Task>) -> Self {
        Self {
            tasks,
            unknown: Vec::new(),
        }
    }

    /// The content of `records`, each parsed separately.
    fn of_records(records: &[Value], nested: usize) -> Result<Self, UnknownEvent> {
        let mut found = Self::default();
        for one in records {
            match record(one, nested) {
                Ok(more) => {
                    found.tasks.extend(more.tasks);
                    found.unknown.extend(more.unknown);
                }
                Err(why) => found.unknown.push(UnknownRecord {
                    body: json!({ "Records": [one] }).to_string(),
                    why,
                }),
            }
        }
        match found.unknown.first() {
            // A message without a good part is not taken apart.
            Some(unknown) if found.tasks.is_empty() => Err(unknown.why),
            _ => Ok(found),
        }
    }
}

/// An event whose form is not known. The error holds nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "{0}; accepted are S3 notifications (direct, or in SNS, SQS or both), Object Created events of EventBridge, \
     tasks of S3 Batch Operations (schema 1.0 or 2.0), and continuations with bucket, key and next_record"
)]
pub struct UnknownEvent(pub &'static str);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueueRecord {
    message_id: String,
    body: String,
    #[serde(rename = "eventSourceARN", default)]
    event_source_arn: String,
}

impl Invocation {
    /// The work that the event of an invocation asks for.
    ///
    /// # Errors
    /// Its form is not known. A message of a queue fails without failing its neighbours.
    pub fn parse(event: &str) -> Result<Self, UnknownEvent> {
        let event: Value =
            serde_json::from_str(event).map_err(|_| UnknownEvent("the event is not JSON"))?;
        if event.get("invocationSchemaVersion").is_some() {
            return BatchJob::parse(&event).map(Self::Batch);
        }
        let records = event.get("Records").and_then(Value::as_array);
        let is_queue = |record: &Value| record["eventSource"] == "aws:sqs";
        if let Some(records) = records.filter(|records| records.first().is_some_and(is_queue)) {
            let messages = records.iter().map(message).collect::<Result<_, _>>();
            return messages.map(Self::Queue);
        }
        tasks(&event, 0).map(Self::Direct)
    }
}

fn message(record: &Value) -> Result<Message, UnknownEvent> {
    let record = QueueRecord::deserialize(record)
        .map_err(|_| UnknownEvent("a record of SQS has no messageId or body"))?;
    Ok(Message {
        found: tasks_in(&record.body),
        id: record.message_id,
        queue: record.event_source_arn,
    })
}

/// The content of a message.
///
/// # Errors
/// Its form is not known.
pub fn tasks_in(body: &str) -> Result<Found, UnknownEvent> {
    text(body, 0)
}

fn text(body: &str, nested: usize) -> Result<Found, UnknownEvent> {
    let value: Value =
        serde_json::from_str(body).map_err(|_| UnknownEvent("a message is not JSON"))?;
    tasks(&value, nested)
}

fn tasks(value: &Value, nested: usize) -> Result<Found, UnknownEvent> {
    if nested > MAX_NESTED {
        return Err(UnknownEvent("messages are nested too deep"));
    }
    if let Some(records) = value.get("Records").and_then(Value::as_array) {
        return Found::of_records(records, nested);
    }
    if value["Type"] == "Notification" {
        let message = value["Message"]
            .as_str()
            .ok_or(UnknownEvent("a notification of SNS has no Message"))?;
        return text(message, nested + 1);
    }
    if value["Event"] == "s3:TestEvent" {
        return Ok(Found::default());
    }
    if value["source"] == "aws.s3" {
        return event_bridge(value).map(Found::of);
    }
    if value.get("next_record").is_some() {
        let task = Task::deserialize(value)
            .map_err(|_| UnknownEvent("a continuation lacks bucket or key"))?;
        return Ok(Found::of(vec![task]));
    }
    Err(UnknownEvent("the form of the event is not known"))
}

fn record(record: &Value, nested: usize) -> Result<Found, UnknownEvent> {
    if record["EventSource"] == "aws:sns" {
        let message = record["Sns"]["Message"]
            .as_str()
            .ok_or(UnknownEvent("a record of SNS has no Message"))?;
        return text(message, nested + 1);
    }
    of_s3(record).map(Found::of)
}

fn of_s3(record: &Value) -> Result<Vec<Task>, UnknownEvent> {
    if record["eventSource"] != "aws:s3" {
        return Err(UnknownEvent("a record is from neither S3 nor SNS"));
    }
    // Minor versions add fields; major versions may change those that are read here.
    if !record["eventVersion"]
        .as_str()
        .is_some_and(|version| version.starts_with("2."))
    {
        return Err(UnknownEvent(
            "a record of S3 has an eventVersion that is not 2.x",
        ));
    }
    if !record["eventName"]
        .as_str()
        .is_some_and(|name| name.starts_with("ObjectCreated:"))
    {
        return Ok(Vec::new());
    }
    let object = &record["s3"]["object"];
    let (Some(bucket), Some(key)) = (
        record["s3"]["bucket"]["name"].as_str(),
        object["key"].as_str(),
    ) else {
        return Err(UnknownEvent("a record of S3 has no bucket or key"));
    };
    let decoded = form_decoded(key).ok_or(UnknownEvent("a key of S3 is not UTF-8"))?;
    Ok(vec![Task::new(
        bucket,
        decoded,
        version(&object["versionId"]),
    )])
}

/// EventBridge does not encode keys. In case it does, the decoded key is tried second.
fn event_bridge(event: &Value) -> Result<Vec<Task>, UnknownEvent> {
    let kind = event["detail-type"].as_str().unwrap_or_default();
    if kind != "Object Created" {
        // S3's other events are not about new objects. CloudTrail's events about S3 take another route.
        let is_of_s3 = kind.starts_with("Object ");
        return is_of_s3
            .then(Vec::new)
            .ok_or(UnknownEvent("the EventBridge event is not one of S3"));
    }
    let detail = &event["detail"];
    let (Some(bucket), Some(key)) = (
        detail["bucket"]["name"].as_str(),
        detail["object"]["key"].as_str(),
    ) else {
        return Err(UnknownEvent("an event of EventBridge has no bucket or key"));
    };
    let mut task = Task::new(
        bucket,
        key.to_owned(),
        version(&detail["object"]["version-id"]),
    );
    task.other_key = form_decoded(key).filter(|decoded| decoded != key);
    Ok(vec![task])
}

pub(crate) fn version(value: &Value) -> Option<String> {
    value
        .as_str()
        .filter(|version| !version.is_empty() && *version != "null")
        .map(str::to_owned)
}
