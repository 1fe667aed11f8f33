//! The event of an invocation.

use aws_lambda_events::sqs::SqsMessage;

use crate::json::JsonObject;
use crate::payload::{Content, Payload, TriggerError, error};

/// What invoked a function that accepts payloads of type `P`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger<P> {
    /// Messages of an SQS queue, each answered separately.
    Queue(Vec<QueueMessage<P>>),
    /// An event that only the caller can send again.
    Direct(Content<P>),
}

/// One message of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueMessage<P> {
    /// The message id; empty if the record has none, which fails the whole batch if this message
    /// fails (AWS Lambda developer guide, "Reporting batch item failures").
    pub id: String,
    /// ARN of the queue.
    pub queue: String,
    /// The content of the message.
    pub content: Result<Content<P>, TriggerError>,
}

impl<P: Payload> Trigger<P> {
    /// The content of an invocation's event. A queue message that cannot be parsed fails alone.
    ///
    /// # Errors
    /// Nothing of the event is accepted.
    pub fn parse(event: &str) -> Result<Self, TriggerError> {
        let records = JsonObject::parse(event).and_then(|event| event.array("Records"));
        match records.filter(|records| records.first().is_some_and(|first| is_sqs(first))) {
            Some(records) => {
                let messages = records.into_iter().map(QueueMessage::parse);
                Ok(Self::Queue(messages.collect()))
            }
            None => Content::parse(event).map(Self::Direct),
        }
    }
}

impl<P: Payload> QueueMessage<P> {
    fn parse(record: &str) -> Self {
        match serde_json::from_str::<SqsMessage>(record) {
            Ok(message) => {
                let body = message.body.as_deref();
                let body = body.ok_or_else(|| error::<P>("a record of SQS has no body"));
                Self {
                    content: body.and_then(Content::parse),
                    id: message.message_id.unwrap_or_default(),
                    queue: message.event_source_arn.unwrap_or_default(),
                }
            }
            Err(_) => Self {
                id: message_id(record).unwrap_or_default(),
                queue: String::new(),
                content: Err(error::<P>("a record of SQS cannot be parsed")),
            },
        }
    }
}

/// The id of a record of SQS whose other members cannot be parsed.
fn message_id(record: &str) -> Option<String> {
    JsonObject::parse(record)?
        .string("messageId")
        .map(String::from)
}

fn is_sqs(record: &str) -> bool {
    JsonObject::parse(record).is_some_and(|record| record.is("eventSource", "aws:sqs"))
}

/// The event in Lambda's record of a failed asynchronous invocation, or `None` if `text` is anything
/// else (AWS Lambda developer guide, "Capturing records of Lambda asynchronous invocations").
pub fn failed_invocation_payload(text: &str) -> Option<&str> {
    JsonObject::parse(text)?.raw("requestPayload")
}
