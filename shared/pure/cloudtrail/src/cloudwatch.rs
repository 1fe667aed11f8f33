//! The CloudWatch Logs subscription envelope.
//!
//! AWS writes the keys in the order `messageType`, `owner`, `logGroup`, `logStream`,
//! `subscriptionFilters`, `logEvents`, so that the messages can be returned in the same pass that
//! validates the rest. With another order, the list is skipped first and read afterwards.

use std::ops::Range;

use crate::envelope::{DeliveryPath, Envelope, InputFormat};
use crate::error::{JsonError, ParseError};
use crate::formats::{integer, string_content};
use crate::json::Members;

/// The key with the hop count and the origin of a re-ingested envelope.
const REINGESTED: &str = "sightline";

const LIST: &str = "logEvents";

/// The structural keys that have been read.
#[derive(Default)]
struct Header {
    message_type: Option<MessageType>,
    owner: bool,
    log_group: bool,
    log_stream: bool,
    reingested: bool,
    list: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum MessageType {
    Data,
    Control,
    Unknown,
}

impl Header {
    /// Whether the list can be read at once: no later key changes its messages.
    fn is_complete(&self) -> bool {
        self.message_type == Some(MessageType::Data)
            && self.owner
            && self.log_group
            && self.log_stream
    }
}

/// An envelope at `start`, as far as it has been read.
pub(crate) struct LogEvents {
    start: usize,
    header: Header,
    members: Members,
}

/// What [`open`] finds.
pub(crate) enum Opened {
    /// A reachability probe that ends before this offset.
    Control(usize),
    /// Log events, of which the first begins at this offset.
    Data(LogEvents, usize),
}

/// Opens the envelope at `start` and fills in `envelope`.
pub(crate) fn open<'a>(
    text: &'a [u8],
    start: usize,
    envelope: &mut Envelope<'a>,
) -> Result<Opened, ParseError> {
    *envelope = Envelope::of(InputFormat::CloudWatchLogs);
    let mut events = LogEvents {
        start,
        header: Header::default(),
        members: Members::open(text, start)?,
    };
    events.read_header(text, envelope)?;
    match (events.header.message_type, events.header.list) {
        (Some(MessageType::Control), _) => {
            envelope.format = InputFormat::ControlMessage;
            Ok(Opened::Control(events.members.end()))
        }
        (Some(MessageType::Data), Some(list)) if text.get(list) == Some(&b'[') => {
            Ok(Opened::Data(events, list + 1))
        }
        (Some(MessageType::Data), _) => Err(ParseError::MissingArray {
            key: LIST,
            at: start,
        }),
        _ => Err(ParseError::UnknownMessageType { at: start }),
    }
}

impl LogEvents {
    /// Reads members up to a list that can be read at once, or to the end of the envelope.
    /// Afterwards `members` is before the list in the first case.
    fn read_header<'a>(
        &mut self,
        text: &'a [u8],
        envelope: &mut Envelope<'a>,
    ) -> Result<(), ParseError> {
        while let Some(member) = self.members.next(text)? {
            if member.key == LIST {
                if self.header.list.replace(member.value).is_some() {
                    return Err(self.duplicate(LIST));
                }
                if self.header.is_complete() {
                    self.members.resume(member.value);
                    return Ok(());
                }
                self.members.skip(text, member.value)?;
                continue;
            }
            let end = self.members.skip(text, member.value)?;
            self.read_member(text, &member.key, member.value..end, envelope)?;
        }
        Ok(())
    }

    fn duplicate(&self, key: &'static str) -> ParseError {
        ParseError::DuplicateKey {
            key,
            at: self.start,
        }
    }

    fn read_member<'a>(
        &mut self,
        text: &'a [u8],
        key: &str,
        value: Range<usize>,
        envelope: &mut Envelope<'a>,
    ) -> Result<(), ParseError> {
        let content = string_content(text, value.start, value.end);
        let header = &mut self.header;
        let (seen, key) = match key {
            "messageType" => {
                let found = match content {
                    "DATA_MESSAGE" => MessageType::Data,
                    "CONTROL_MESSAGE" => MessageType::Control,
                    _ => MessageType::Unknown,
                };
                let seen = header.message_type.replace(found).is_some();
                (seen, "messageType")
            }
            "owner" => {
                envelope.owner = content;
                (std::mem::replace(&mut header.owner, true), "owner")
            }
            "logGroup" => {
                envelope.log_group = content;
                (std::mem::replace(&mut header.log_group, true), "logGroup")
            }
            "logStream" => {
                envelope.log_stream = content;
                (std::mem::replace(&mut header.log_stream, true), "logStream")
            }
            "subscriptionFilters" if text[value.start] == b'[' => {
                let array = std::str::from_utf8(&text[value]);
                envelope.subscription_filters = array.unwrap_or_default();
                return Ok(());
            }
            REINGESTED => {
                if !header.reingested {
                    read_origin(text, value.start, envelope)?;
                }
                (std::mem::replace(&mut header.reingested, true), REINGESTED)
            }
            _ => return Ok(()),
        };
        if seen {
            return Err(self.duplicate(key));
        }
        Ok(())
    }

    /// Reads the members after the list, which ends before `at`. Returns the offset after the
    /// envelope.
    pub(crate) fn close<'a>(
        mut self,
        text: &'a [u8],
        at: usize,
        envelope: &mut Envelope<'a>,
    ) -> Result<usize, ParseError> {
        // A list that was skipped first has no unread members after it.
        let unread = self.header.list == Some(self.members.end());
        if self.header.is_complete() && unread {
            self.members.resume(at);
            let reingested = self.header.reingested;
            self.read_header(text, envelope)?;
            if self.header.reingested && !reingested {
                return Err(ParseError::KeyAfterMessages {
                    key: REINGESTED,
                    at: self.start,
                });
            }
        }
        Ok(self.members.end())
    }
}

/// Reads the value of [`REINGESTED`]; anything but an object is ignored.
fn read_origin<'a>(
    text: &'a [u8],
    at: usize,
    envelope: &mut Envelope<'a>,
) -> Result<(), JsonError> {
    let Ok(mut members) = Members::open(text, at) else {
        return Ok(());
    };
    while let Some(member) = members.next(text)? {
        let end = members.skip(text, member.value)?;
        let content = string_content(text, member.value, end);
        match &*member.key {
            "hops" => envelope.hops = integer(text, member.value..end).unwrap_or(u32::MAX),
            "source" => envelope.origin_source = content,
            "delivery_path" => envelope.origin_path = DeliveryPath::from_name(content),
            _ => {}
        }
    }
    Ok(())
}
