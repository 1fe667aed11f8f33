//! The texts in an event.

use pipeline::is_cloudtrail_detail_type;
use serde::Deserialize;
use serde_json::value::RawValue;
use thiserror::Error;

/// How deep messages may be nested: SNS in SQS, and one to spare.
const MAX_NESTED: usize = 4;

/// The content of one invocation.
#[derive(Debug)]
pub enum Incoming {
    /// Messages of a queue with their ids, each answered separately.
    Queue(Vec<(String, Result<Vec<Text>, UnknownEvent>)>),
    /// Texts of an asynchronous invocation, which Lambda retries as a whole.
    Direct(Vec<Text>),
}

/// A text with CloudTrail events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// An event of EventBridge, unchanged.
    Plain(String),
    /// Gzip or plain bytes: an envelope of CloudWatch Logs.
    Bytes(Vec<u8>),
}

/// An event whose form is not known. The error holds nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "{0}; accepted are CloudTrail events of EventBridge (detail-type \"… via CloudTrail\"), alone or in SQS or SNS, \
     and CloudWatch Logs subscription events (awslogs.data)"
)]
pub struct UnknownEvent(pub &'static str);

#[derive(Deserialize)]
struct Event<'e> {
    #[serde(rename = "Records", borrow)]
    records: Option<Vec<Record<'e>>>,
    awslogs: Option<AwsLogs>,
    #[serde(rename = "Type")]
    kind: Option<String>,
    #[serde(rename = "Message")]
    message: Option<String>,
    #[serde(rename = "detail-type")]
    detail_type: Option<String>,
    #[serde(borrow)]
    detail: Option<&'e RawValue>,
}

#[derive(Deserialize)]
struct AwsLogs {
    data: String,
}

#[derive(Deserialize)]
struct Record<'e> {
    #[serde(rename = "eventSource")]
    event_source: Option<String>,
    #[serde(rename = "messageId")]
    message_id: Option<String>,
    body: Option<String>,
    #[serde(rename = "EventSource")]
    sns_source: Option<String>,
    #[serde(rename = "Sns", borrow)]
    sns: Option<Sns<'e>>,
}

#[derive(Deserialize)]
struct Sns<'e> {
    #[serde(rename = "Message", borrow)]
    message: std::borrow::Cow<'e, str>,
}

impl Incoming {
    /// The texts in the event of an invocation.
    ///
    /// # Errors
    /// Its form is not known. A message of a queue fails without failing its neighbours.
    pub fn parse(event: &str) -> Result<Self, UnknownEvent> {
        let parsed = parse(event)?;
        let Some(records) = parsed.records else {
            return texts(event, parsed, 0).map(Self::Direct);
        };
        let is_queue = |record: &Record<'_>| record.event_source.as_deref() == Some("aws:sqs");
        if records.first().is_some_and(is_queue) {
            let message = |record: Record<'_>| {
                let body = record
                    .body
                    .ok_or(UnknownEvent("a record of SQS has no body"));
                let texts = body.and_then(|body| texts_in(&body, 1));
                (record.message_id.unwrap_or_default(), texts)
            };
            return Ok(Self::Queue(records.into_iter().map(message).collect()));
        }
        of_topic(records, 0).map(Self::Direct)
    }
}

fn parse(text: &str) -> Result<Event<'_>, UnknownEvent> {
    serde_json::from_str(text)
        .map_err(|_| UnknownEvent("the event is not a JSON object of a known form"))
}

fn texts_in(text: &str, nested: usize) -> Result<Vec<Text>, UnknownEvent> {
    if nested > MAX_NESTED {
        return Err(UnknownEvent("messages are nested too deep"));
    }
    let parsed = parse(text)?;
    texts(text, parsed, nested)
}

fn texts(text: &str, event: Event<'_>, nested: usize) -> Result<Vec<Text>, UnknownEvent> {
    if let Some(records) = event.records {
        return of_topic(records, nested);
    }
    if let Some(logs) = event.awslogs {
        let bytes = base64_simd::STANDARD.decode_to_vec(logs.data);
        return Ok(vec![Text::Bytes(
            bytes.map_err(|_| UnknownEvent("awslogs.data is not base64"))?,
        )]);
    }
    match (event.kind.as_deref(), event.message) {
        (Some("Notification"), Some(message)) => return texts_in(&message, nested + 1),
        (Some("Notification"), None) => {
            return Err(UnknownEvent("a notification of SNS has no Message"));
        }
        _ => {}
    }
    match (event.detail_type, event.detail) {
        (Some(kind), Some(_)) if is_cloudtrail_detail_type(&kind) => {
            Ok(vec![Text::Plain(text.to_owned())])
        }
        (Some(_), _) => Err(UnknownEvent(
            "the EventBridge event is not one of CloudTrail",
        )),
        (None, _) => Err(UnknownEvent("the form of the event is not known")),
    }
}

fn of_topic(records: Vec<Record<'_>>, nested: usize) -> Result<Vec<Text>, UnknownEvent> {
    let mut all = Vec::new();
    for record in records {
        match (record.sns_source.as_deref(), record.sns) {
            (Some("aws:sns"), Some(sns)) => all.extend(texts_in(&sns.message, nested + 1)?),
            _ => return Err(UnknownEvent("a record is neither of SQS nor of SNS")),
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event_bridge(kind: &str) -> serde_json::Value {
        json!({"version":"0","id":"i","detail-type":kind,"source":"aws.cloudtrail","account":"111122223333","region":"eu-west-1","detail":{"eventVersion":"1.09","eventTime":"2026-01-01T00:00:00Z"}})
    }

    #[test]
    fn all_of_cloudtrails_detail_types_are_accepted() {
        for kind in [
            "AWS API Call via CloudTrail",
            "AWS Console Signin via CloudTrail",
            "AWS Console Sign In via CloudTrail",
            "AWS Console Action via CloudTrail",
            "AWS Service Event via CloudTrail",
            "AWS Insight via CloudTrail",
            "AWS Network Activity Event via CloudTrail",
        ] {
            let event = event_bridge(kind).to_string();
            let Incoming::Direct(texts) = Incoming::parse(&event).unwrap() else {
                panic!("{kind}");
            };
            assert_eq!(texts, [Text::Plain(event)]);
        }
    }

    #[test]
    fn events_come_in_queues_and_topics() {
        let event = event_bridge("AWS API Call via CloudTrail").to_string();
        let in_topic = json!({"Type":"Notification","Message":event}).to_string();
        let logs = json!({"awslogs":{"data":"e30="}}).to_string();
        let queue = json!({"Records":[
            {"messageId":"1","eventSource":"aws:sqs","body":event},
            {"messageId":"2","eventSource":"aws:sqs","body":in_topic},
            {"messageId":"3","eventSource":"aws:sqs","body":logs},
            {"messageId":"4","eventSource":"aws:sqs","body":"garbage"},
            {"messageId":"5","eventSource":"aws:sqs","body":event_bridge("Object Created").to_string()},
            {"messageId":"6","eventSource":"aws:sqs"},
        ]});
        let Incoming::Queue(messages) = Incoming::parse(&queue.to_string()).unwrap() else {
            panic!("a queue");
        };
        let plain = Text::Plain(event.clone());
        assert_eq!(messages[0], ("1".into(), Ok(vec![plain.clone()])));
        assert_eq!(messages[1], ("2".into(), Ok(vec![plain.clone()])));
        assert_eq!(
            messages[2],
            ("3".into(), Ok(vec![Text::Bytes(b"{}".to_vec())]))
        );
        assert!(messages[3..].iter().all(|(_, texts)| texts.is_err()));
        let topic =
            json!({"Records":[{"EventSource":"aws:sns","Sns":{"Message":event}}]}).to_string();
        assert!(matches!(Incoming::parse(&topic), Ok(Incoming::Direct(texts)) if texts == [plain]));
    }

    #[test]
    fn other_events_are_errors_that_say_what_is_accepted() {
        for event in [
            "",
            "[]",
            "{}",
            r#"{"Records":[{"eventSource":"aws:s3"}]}"#,
            r#"{"awslogs":{"data":"%"}}"#,
        ] {
            let error = Incoming::parse(event).unwrap_err().to_string();
            assert!(
                error.contains("accepted are CloudTrail events of EventBridge"),
                "{error}"
            );
        }
    }
}
