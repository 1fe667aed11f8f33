//! Finds the messages in a text, whatever form it has.
//!
//! A text holds one value or several, one after the other with or without white space between
//! them. What each value is shows in its keys: a CloudWatch Logs subscription envelope, an
//! EventBridge event, a CloudTrail log file, or a record with nothing around it.

mod cloudwatch;
mod values;

use std::ops::Range;

use thiserror::Error;

use crate::json::{JsonError, Members, Scratch, skip_space};

/// The form of one value of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InputFormat {
    /// A CloudWatch Logs subscription envelope with data.
    CloudWatchLogs,
    /// A CloudWatch Logs reachability probe, which holds no messages.
    ControlMessage,
    /// An EventBridge event; its `detail` is the message.
    EventBridge,
    /// A CloudTrail log file; the elements of `Records` are the messages.
    LogFile,
    /// A record with nothing around it.
    #[default]
    BareRecord,
}

/// The route that a record came by, as SIEM users know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "named after the routes")]
pub enum DeliveryPath {
    CloudWatch,
    EventBridge,
    S3,
    History,
    Replay,
}

impl DeliveryPath {
    const ALL: [Self; 5] = [
        Self::CloudWatch,
        Self::EventBridge,
        Self::S3,
        Self::History,
        Self::Replay,
    ];

    /// The value of the annotation `delivery_path`.
    pub fn name(self) -> &'static str {
        match self {
            Self::CloudWatch => "cloudwatch",
            Self::EventBridge => "eventbridge",
            Self::S3 => "s3",
            Self::History => "history",
            Self::Replay => "replay",
        }
    }

    /// The path of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|path| path.name() == name)
    }
}

/// What stands around the messages of one value. Strings are given as they are spelled between
/// their quotes, so that they can be written into another JSON string as they are; those that
/// are absent are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// The value's form.
    pub format: InputFormat,
    /// The account: `owner` of a CloudWatch Logs envelope, `account` of an EventBridge event.
    pub owner: &'a str,
    /// `logGroup`.
    pub log_group: &'a str,
    /// `logStream`.
    pub log_stream: &'a str,
    /// The JSON array `subscriptionFilters`, as it stands.
    pub subscription_filters: &'a str,
    /// `region` of an EventBridge event.
    pub region: &'a str,
    /// How often the messages have been put back on their stream by us.
    pub hops: u32,
    /// The HEC `source` that the messages had before they were put back first.
    pub origin_source: &'a str,
    /// The route by which they had come then.
    pub origin_path: Option<DeliveryPath>,
}

/// One message, which may or may not be a CloudTrail record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message<'s> {
    /// The message itself. Valid UTF-8 if the text that was read is.
    pub text: &'s [u8],
    /// The log event's own time in milliseconds since 1970, where it has one.
    pub timestamp_ms: Option<i64>,
    /// The log event's id as spelled between its quotes, or empty.
    pub id: &'s str,
    /// The span in the text of the log event, or of the message where there is no log event.
    pub span: Range<usize>,
    /// Counts the messages of the whole text from 0.
    pub number: usize,
    /// Counts the values of the text from 0; [`Reader::envelope`] changes when it does.
    pub value: usize,
}

/// Why a text cannot be read to its end. No message of such a text is to be used, since what is
/// missing from it cannot be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ParseError {
    /// There is nothing in it but white space.
    #[error("nothing in it")]
    Empty,
    /// Not JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A value that is none of the known forms.
    #[error(
        "neither a CloudWatch Logs envelope, an EventBridge event, a CloudTrail log file nor a CloudTrail record at byte {at}"
    )]
    UnknownFormat {
        /// Where the value begins.
        at: usize,
    },
    /// Lambda's record of an invocation that failed with an event that cannot be forwarded. The
    /// reader never returns it: the record is not a form of its own, but something around one.
    #[error("Lambda's record of a failed invocation at byte {at}: {reason}")]
    InvocationRecord {
        /// Where the record begins.
        at: usize,
        /// What is wrong with its event.
        reason: &'static str,
    },
    /// An envelope whose `messageType` is neither `DATA_MESSAGE` nor `CONTROL_MESSAGE`.
    #[error("unknown messageType in the CloudWatch Logs envelope at byte {at}")]
    UnknownMessageType {
        /// Where the envelope begins.
        at: usize,
    },
    /// The list of messages is absent or no array.
    #[error("{key} is no array in the value at byte {at}")]
    MissingArray {
        /// `logEvents` or `Records`.
        key: &'static str,
        /// Where the value begins.
        at: usize,
    },
    /// A key that changes what the messages are stands behind them, where they have been handed
    /// out already.
    #[error("{key} stands behind the messages in the value at byte {at}")]
    KeyAfterMessages {
        /// The key.
        key: &'static str,
        /// Where the value begins.
        at: usize,
    },
    /// A key that decides what the messages are stands there twice; which one to believe would
    /// be a guess that can lose events.
    #[error("{key} stands twice in the value at byte {at}")]
    DuplicateKey {
        /// The key.
        key: &'static str,
        /// Where the value begins.
        at: usize,
    },
}

/// Hands out the messages of a text one by one.
pub struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    state: State,
    envelope: Envelope<'a>,
    messages: usize,
    values: usize,
}

/// Where a reader stands.
enum State {
    /// Before a value, or at the end of the text.
    Between,
    /// In the array of messages of a value that began at `start`; `rest` reads on behind the
    /// array in the object that holds it.
    InList {
        start: usize,
        first: bool,
        kind: ListKind,
        rest: Members,
    },
}

enum ListKind {
    LogEvents(cloudwatch::Header),
    Records,
}

impl<'a> Reader<'a> {
    /// Reads `text` from its beginning.
    pub fn new(text: &'a str) -> Self {
        Self {
            text: text.as_bytes(),
            at: 0,
            state: State::Between,
            envelope: Envelope::default(),
            messages: 0,
            values: 0,
        }
    }

    /// What stands around the last message that was handed out, or around none if the last value
    /// had none.
    pub fn envelope(&self) -> &Envelope<'a> {
        &self.envelope
    }

    /// The next message, or `None` at the end of the text. `scratch` holds its content where it
    /// had to be unescaped.
    ///
    /// # Errors
    /// See [`ParseError`]; the reader is of no use afterwards.
    pub fn next<'s>(&mut self, scratch: &'s mut Scratch) -> Result<Option<Message<'s>>, ParseError>
    where
        'a: 's,
    {
        loop {
            match &mut self.state {
                State::Between => {
                    self.at = skip_space(self.text, self.at);
                    if self.at == self.text.len() {
                        return if self.values == 0 {
                            Err(ParseError::Empty)
                        } else {
                            Ok(None)
                        };
                    }
                    self.values += 1;
                    if let Some(span) = self.open_value()? {
                        return Ok(Some(self.message(&self.text[span.clone()], None, "", span)));
                    }
                }
                State::InList { first, .. } => {
                    let begins = std::mem::take(first);
                    match self.next_element(begins)? {
                        Some(element) => return self.element(element, scratch).map(Some),
                        None => self.close_list()?,
                    }
                }
            }
        }
    }

    /// The offset of the next element of the list that the reader is in.
    fn next_element(&mut self, first: bool) -> Result<Option<usize>, JsonError> {
        let at = skip_space(self.text, self.at);
        match self.text.get(at) {
            Some(b']') => {
                self.at = at + 1;
                Ok(None)
            }
            Some(b',') if !first => Ok(Some(skip_space(self.text, at + 1))),
            Some(_) if first => Ok(Some(at)),
            _ => Err(JsonError::here(self.text, at)),
        }
    }

    /// The message in the element of a list that begins at `at`.
    fn element<'s>(
        &mut self,
        at: usize,
        scratch: &'s mut Scratch,
    ) -> Result<Message<'s>, ParseError>
    where
        'a: 's,
    {
        match self.state {
            State::InList {
                kind: ListKind::LogEvents(_),
                ..
            } => {
                let event = cloudwatch::read_log_event(self.text, at, scratch)?;
                self.at = event.span.end;
                let text = match event.message {
                    cloudwatch::Content::Unescaped => scratch.as_bytes(),
                    cloudwatch::Content::Verbatim(span) => &self.text[span],
                };
                Ok(self.message(text, event.timestamp_ms, event.id, event.span))
            }
            _ => {
                let span = at..values::value_end(self.text, at)?;
                self.at = span.end;
                Ok(self.message(&self.text[span.clone()], None, "", span))
            }
        }
    }

    fn message<'s>(
        &mut self,
        text: &'s [u8],
        timestamp_ms: Option<i64>,
        id: &'s str,
        span: Range<usize>,
    ) -> Message<'s> {
        let number = self.messages;
        self.messages += 1;
        Message {
            text,
            timestamp_ms,
            id,
            span,
            number,
            value: self.values - 1,
        }
    }
}

/// The content of the string that begins at `at` as spelled, or empty for any other value.
fn string_content(text: &[u8], at: usize, end: usize) -> &str {
    match text.get(at) {
        Some(b'"') => std::str::from_utf8(&text[at + 1..end - 1]).unwrap_or_default(),
        _ => "",
    }
}

#[cfg(test)]
mod tests;
