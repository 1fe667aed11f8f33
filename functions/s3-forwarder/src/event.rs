//! What an event asks for.

use serde::Deserialize;
use serde_json::{Value, json};
use thiserror::Error;

use crate::batch::BatchJob;
use crate::key::form_decoded;
use crate::task::Task;

/// Messages in messages that are followed: SNS in SQS, and one to spare.
const MAX_NESTED: usize = 4;

/// What one invocation is to do.
#[derive(Debug)]
pub enum Invocation {
    /// Messages of a queue, each answered for by itself.
    Queue(Vec<Message>),
    /// What nobody keeps but the caller.
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
    /// What it tells of.
    pub found: Result<Found, UnknownEvent>,
}

/// What an event tells of.
#[derive(Debug, Default)]
pub struct Found {
    /// Objects; none for test events and for events that are about nothing new.
    pub tasks: Vec<Task>,
    /// Records of no known form; there are none where there is no object.
    pub unknown: Vec<UnknownRecord>,
}

/// A record of no known form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRecord {
    /// A message of which the record is the whole.
    pub body: String,
    /// What is the matter with it.
    pub why: UnknownEvent,
}

impl Found {
    fn of(tasks: Vec<Task>) -> Self {
        Self {
            tasks,
            unknown: Vec::new(),
        }
    }

    /// What `records` tell of, each by itself.
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
            // What has no good part is not taken apart.
            Some(unknown) if found.tasks.is_empty() => Err(unknown.why),
            _ => Ok(found),
        }
    }
}

/// An event of no known form. Nothing of it is in the error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "{0}; expected is an S3 notification (direct, or in SNS, SQS or both), an EventBridge event Object Created, \
     a task of S3 Batch Operations (schema 1.0 or 2.0), or a continuation with bucket, key and next_record"
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
    /// Reads the event of an invocation.
    ///
    /// # Errors
    /// It has no known form. A message of a queue that has none does not fail its neighbours.
    pub fn parse(event: &str) -> Result<Self, UnknownEvent> {
        let event: Value =
            serde_json::from_str(event).map_err(|_| UnknownEvent("the event is no JSON"))?;
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

/// What the text of a message tells of.
///
/// # Errors
/// It has no known form.
pub fn tasks_in(body: &str) -> Result<Found, UnknownEvent> {
    text(body, 0)
}

fn text(body: &str, nested: usize) -> Result<Found, UnknownEvent> {
    let value: Value =
        serde_json::from_str(body).map_err(|_| UnknownEvent("a message is no JSON"))?;
    tasks(&value, nested)
}

fn tasks(value: &Value, nested: usize) -> Result<Found, UnknownEvent> {
    if nested > MAX_NESTED {
        return Err(UnknownEvent("messages stand in messages too deep"));
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
    Err(UnknownEvent("the event is of no known form"))
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
        return Err(UnknownEvent("a record is neither of S3 nor of SNS"));
    }
    // Minor versions add fields, major ones may change those that are read here.
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
    let decoded = form_decoded(key).ok_or(UnknownEvent("a key of S3 spells no text"))?;
    Ok(vec![Task::new(
        bucket,
        decoded,
        version(&object["versionId"]),
    )])
}

/// EventBridge gives keys as they are; should one turn out to be encoded, the other spelling is
/// tried.
fn event_bridge(event: &Value) -> Result<Vec<Task>, UnknownEvent> {
    let kind = event["detail-type"].as_str().unwrap_or_default();
    if kind != "Object Created" {
        // Others of S3 are about nothing new; those of CloudTrail about S3 have another road.
        let is_of_s3 = kind.starts_with("Object ");
        return is_of_s3
            .then(Vec::new)
            .ok_or(UnknownEvent("the EventBridge event is none of S3's"));
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
