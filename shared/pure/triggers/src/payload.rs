//! The content of a trigger.

use thiserror::Error;

use crate::json::JsonObject;

/// Maximum nesting of messages: SNS in SQS, and two more levels.
const MAX_NESTED: usize = 4;

/// An event or a record that is not accepted. The error quotes nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{reason}; accepted are {accepted}")]
pub struct TriggerError {
    /// What is wrong.
    pub reason: &'static str,
    /// What the function accepts.
    pub accepted: &'static str,
}

/// What one function accepts, once SQS and SNS are unwrapped.
pub trait Payload: Sized {
    /// A phrase for [`TriggerError::accepted`].
    const ACCEPTED: &str;

    /// The payload of an event, or `None` if the event needs no work.
    ///
    /// # Errors
    /// Why the event is not accepted.
    fn from_event(event: &str) -> Result<Option<Self>, &'static str>;

    /// The same for an element of `Records` that is not from SNS.
    ///
    /// # Errors
    /// Why the record is not accepted.
    fn from_record(record: &str) -> Result<Option<Self>, &'static str>;
}

/// The content of an event or of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content<P> {
    /// The payloads; none for an event that needs no work.
    pub payloads: Vec<P>,
    /// Records that are not accepted; never without a payload.
    pub unparsed: Vec<UnparsedRecord>,
}

/// A record that is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnparsedRecord {
    /// A message with this record alone.
    pub body: String,
    /// Why it is not accepted.
    pub error: TriggerError,
}

impl<P: Payload> Content<P> {
    /// The content of an event or of a message's body, unwrapped from SNS.
    ///
    /// # Errors
    /// Nothing of it is accepted.
    pub fn parse(text: &str) -> Result<Self, TriggerError> {
        Self::unwrap(text, 0).map_err(error::<P>)
    }

    /// All payloads, for a caller that responds for the whole content.
    ///
    /// # Errors
    /// One of the records is not accepted.
    pub fn complete(self) -> Result<Vec<P>, TriggerError> {
        match self.unparsed.first() {
            None => Ok(self.payloads),
            Some(unparsed) => Err(unparsed.error),
        }
    }

    fn unwrap(text: &str, nested: usize) -> Result<Self, &'static str> {
        if nested > MAX_NESTED {
            return Err("messages are nested too deep");
        }
        let event = JsonObject::parse(text).ok_or("the event is not a JSON object")?;
        if let Some(records) = event.array("Records") {
            return Self::of_records(&records, nested);
        }
        if event.is("Type", "Notification") {
            let message = event.string("Message");
            let message = message.ok_or("a notification of SNS has no Message")?;
            return Self::unwrap(&message, nested + 1);
        }
        P::from_event(text).map(Self::of)
    }

    /// The content of `records`, each parsed separately. If none is accepted, the whole list is an
    /// error.
    fn of_records(records: &[&str], nested: usize) -> Result<Self, &'static str> {
        let mut content = Self::of(None);
        for record in records {
            match Self::of_record(record, nested) {
                Ok(more) => {
                    content.payloads.extend(more.payloads);
                    content.unparsed.extend(more.unparsed);
                }
                Err(reason) => content.unparsed.push(UnparsedRecord {
                    body: format!("{{\"Records\":[{record}]}}"),
                    error: error::<P>(reason),
                }),
            }
        }
        match content.unparsed.first() {
            Some(unparsed) if content.payloads.is_empty() => Err(unparsed.error.reason),
            _ => Ok(content),
        }
    }

    fn of_record(text: &str, nested: usize) -> Result<Self, &'static str> {
        match JsonObject::parse(text) {
            Some(record) if record.is("EventSource", "aws:sns") => {
                let notification = record.object("Sns");
                let message = notification.and_then(|sns| sns.string("Message"));
                let message = message.ok_or("a record of SNS has no Message")?;
                Self::unwrap(&message, nested + 1)
            }
            _ => P::from_record(text).map(Self::of),
        }
    }

    fn of(payload: Option<P>) -> Self {
        Self {
            payloads: payload.into_iter().collect(),
            unparsed: Vec::new(),
        }
    }
}

pub(crate) fn error<P: Payload>(reason: &'static str) -> TriggerError {
    TriggerError {
        reason,
        accepted: P::ACCEPTED,
    }
}
