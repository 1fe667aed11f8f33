//! The CloudWatch Logs subscription envelope.
//!
//! AWS writes the keys in the order `messageType`, `owner`, `logGroup`, `logStream`,
//! `subscriptionFilters`, `logEvents`, so that the messages can be handed out in the one pass
//! that also checks the rest. Where the order is another, the list is passed once and read after.

use std::ops::Range;

use super::{
    DeliveryPath, Envelope, InputFormat, ListKind, ParseError, Reader, State, string_content,
};
use crate::json::{JsonError, Members, Scratch, unescape};

/// The key under which an envelope that was put back on its stream says so.
pub(super) const PUT_BACK: &str = "sightline";

const LIST: &str = "logEvents";

/// Which of the keys that decide have been met.
#[derive(Default)]
pub(super) struct Header {
    message_type: Option<MessageType>,
    owner: bool,
    log_group: bool,
    log_stream: bool,
    put_back: bool,
    list: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum MessageType {
    Data,
    Control,
    Unknown,
}

impl Header {
    /// Whether the list can be read at once: what is still to come changes no message in it.
    fn is_complete(&self) -> bool {
        self.message_type == Some(MessageType::Data)
            && self.owner
            && self.log_group
            && self.log_stream
    }
}

impl<'a> Reader<'a> {
    /// Reads the envelope that begins at `start` up to its messages.
    pub(super) fn open_cloudwatch(&mut self, start: usize) -> Result<(), ParseError> {
        self.envelope = Envelope {
            format: InputFormat::CloudWatchLogs,
            ..Envelope::default()
        };
        let mut members = Members::open(self.text, start)?;
        let mut header = Header::default();
        self.read_header(start, &mut members, &mut header)?;
        let list = match (header.message_type, header.list) {
            (Some(MessageType::Control), _) => {
                self.envelope.format = InputFormat::ControlMessage;
                self.at = members.end();
                return Ok(());
            }
            (Some(MessageType::Data), Some(list)) if self.text.get(list) == Some(&b'[') => list,
            (Some(MessageType::Data), _) => {
                return Err(ParseError::MissingArray {
                    key: LIST,
                    at: start,
                });
            }
            _ => return Err(ParseError::UnknownMessageType { at: start }),
        };
        self.at = list + 1;
        self.state = State::InList {
            start,
            first: true,
            kind: ListKind::LogEvents(header),
            rest: members,
        };
        Ok(())
    }

    /// Reads members up to a list that can be read at once, or to the end of the envelope.
    /// Afterwards `members` stands in front of the list in the first case.
    fn read_header(
        &mut self,
        start: usize,
        members: &mut Members,
        header: &mut Header,
    ) -> Result<(), ParseError> {
        while let Some(member) = members.next(self.text)? {
            if member.key == LIST {
                if header.list.replace(member.value).is_some() {
                    return Err(ParseError::DuplicateKey {
                        key: LIST,
                        at: start,
                    });
                }
                if header.is_complete() {
                    members.resume(member.value);
                    return Ok(());
                }
                members.skip(self.text, member.value)?;
                continue;
            }
            let end = members.skip(self.text, member.value)?;
            self.note(start, &member.key, member.value..end, header)?;
        }
        Ok(())
    }

    /// Takes note of one member beside the list.
    fn note(
        &mut self,
        start: usize,
        key: &str,
        value: Range<usize>,
        header: &mut Header,
    ) -> Result<(), ParseError> {
        let text: &'a [u8] = self.text;
        let content = string_content(text, value.start, value.end);
        let once = |seen: &mut bool, key| match std::mem::replace(seen, true) {
            true => Err(ParseError::DuplicateKey { key, at: start }),
            false => Ok(content),
        };
        match key {
            "messageType" => {
                let found = match content {
                    "DATA_MESSAGE" => MessageType::Data,
                    "CONTROL_MESSAGE" => MessageType::Control,
                    _ => MessageType::Unknown,
                };
                if header.message_type.replace(found).is_some() {
                    return Err(ParseError::DuplicateKey {
                        key: "messageType",
                        at: start,
                    });
                }
            }
            "owner" => self.envelope.owner = once(&mut header.owner, "owner")?,
            "logGroup" => self.envelope.log_group = once(&mut header.log_group, "logGroup")?,
            "logStream" => self.envelope.log_stream = once(&mut header.log_stream, "logStream")?,
            "subscriptionFilters" if text[value.start] == b'[' => {
                self.envelope.subscription_filters =
                    std::str::from_utf8(&text[value]).unwrap_or_default();
            }
            PUT_BACK => {
                once(&mut header.put_back, "sightline")?;
                self.note_put_back(value.start)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Reads what [`PUT_BACK`] holds.
    fn note_put_back(&mut self, at: usize) -> Result<(), JsonError> {
        let text: &'a [u8] = self.text;
        let Ok(mut members) = Members::open(text, at) else {
            return Ok(());
        };
        while let Some(member) = members.next(text)? {
            let end = members.skip(text, member.value)?;
            let content = string_content(text, member.value, end);
            match &*member.key {
                "hops" => self.envelope.hops = integer(text, member.value..end).unwrap_or(u32::MAX),
                "source" => self.envelope.origin_source = content,
                "delivery_path" => self.envelope.origin_path = DeliveryPath::from_name(content),
                _ => {}
            }
        }
        Ok(())
    }

    /// Reads on behind the list.
    pub(super) fn close_log_events(
        &mut self,
        start: usize,
        mut header: Header,
        mut rest: Members,
    ) -> Result<(), ParseError> {
        let read_at_once = header.is_complete() && rest_is_open(&rest, header.list);
        if read_at_once {
            rest.resume(self.at);
            let had_put_back = header.put_back;
            self.read_header(start, &mut rest, &mut header)?;
            if header.put_back && !had_put_back {
                let key = PUT_BACK;
                return Err(ParseError::KeyAfterMessages { key, at: start });
            }
        }
        self.at = rest.end();
        Ok(())
    }
}

/// Whether the members behind the list have still to be read.
fn rest_is_open(rest: &Members, list: Option<usize>) -> bool {
    list == Some(rest.end())
}

/// A log event: `{"id":…,"timestamp":…,"message":…}`.
pub(super) struct LogEvent<'a> {
    pub(super) id: &'a str,
    pub(super) timestamp_ms: Option<i64>,
    pub(super) message: Content,
    pub(super) span: Range<usize>,
}

/// Where the content of a message is.
pub(super) enum Content {
    /// In the scratch buffer.
    Unescaped,
    /// At these offsets of the text: a message that is no string stands for itself.
    Verbatim(Range<usize>),
}

/// Reads the log event that begins at `at`. An element that is no object is its own message, and
/// one without a message has an empty one: both show up downstream instead of being lost.
pub(super) fn read_log_event<'a>(
    text: &'a [u8],
    at: usize,
    scratch: &mut Scratch,
) -> Result<LogEvent<'a>, ParseError> {
    let mut event = LogEvent {
        id: "",
        timestamp_ms: None,
        message: Content::Verbatim(at..at),
        span: at..at,
    };
    let Ok(mut members) = Members::open(text, at) else {
        event.span.end = super::values::value_end(text, at)?;
        event.message = Content::Verbatim(event.span.clone());
        return Ok(event);
    };
    let mut seen = false;
    while let Some(member) = members.next(text)? {
        let start = member.value;
        if member.key == "message" {
            if std::mem::replace(&mut seen, true) {
                return Err(ParseError::DuplicateKey { key: "message", at });
            }
            if text.get(start) == Some(&b'"') {
                members.resume(unescape(text, start + 1, scratch)? + 1);
                event.message = Content::Unescaped;
            } else {
                let end = members.skip(text, start)?;
                let is_null = &text[start..end] == b"null";
                event.message = Content::Verbatim(start..if is_null { start } else { end });
            }
            continue;
        }
        let end = members.skip(text, start)?;
        match &*member.key {
            "id" => event.id = string_content(text, start, end),
            "timestamp" => event.timestamp_ms = integer(text, start..end),
            _ => {}
        }
    }
    event.span.end = members.end();
    Ok(event)
}

/// The integer that a value spells.
fn integer<T: std::str::FromStr>(text: &[u8], value: Range<usize>) -> Option<T> {
    std::str::from_utf8(&text[value]).ok()?.parse().ok()
}
