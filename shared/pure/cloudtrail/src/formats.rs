//! Detects the format of a value, and reads EventBridge events, log files and log events.

use std::ops::Range;

use crate::envelope::{Envelope, InputFormat};
use crate::error::{JsonError, ParseError};
use crate::json::{Members, Scratch, Skip, unescape, walk};

const LIST: &str = "Records";

/// The offset after the value that begins at `at`.
pub(crate) fn value_end(text: &[u8], at: usize) -> Result<usize, JsonError> {
    walk(text, at, &mut Skip)
}

/// The content, with its escapes, of the string at these offsets; empty for any other value.
pub(crate) fn string_content(text: &[u8], at: usize, end: usize) -> &str {
    match text.get(at) {
        Some(b'"') => std::str::from_utf8(&text[at + 1..end - 1]).unwrap_or_default(),
        _ => "",
    }
}

/// The format of the value at `start`, by the first of its keys that no other format has.
pub(crate) fn detect(text: &[u8], start: usize) -> Result<InputFormat, ParseError> {
    if text.get(start) != Some(&b'{') {
        // A scalar or an array is JSON of an unknown format; anything else is not JSON.
        value_end(text, start)?;
        return Err(ParseError::UnknownFormat { at: start });
    }
    let mut members = Members::open(text, start)?;
    while let Some(member) = members.next(text)? {
        match &*member.key {
            "messageType" | "logEvents" => return Ok(InputFormat::CloudWatchLogs),
            "detail-type" => return Ok(InputFormat::EventBridge),
            "Records" => return Ok(InputFormat::LogFile),
            "eventVersion" | "eventTime" => return Ok(InputFormat::BareRecord),
            _ => members.skip(text, member.value)?,
        };
    }
    Err(ParseError::UnknownFormat { at: start })
}

/// Whether EventBridge sends CloudTrail events with this `detail-type`.
pub fn is_cloudtrail_detail_type(detail_type: &str) -> bool {
    detail_type.ends_with("via CloudTrail") || detail_type.contains("Insight")
}

/// The EventBridge event at `start`: its envelope, the offsets of its detail, and the offset after
/// the event.
pub(crate) fn open_eventbridge(
    text: &[u8],
    start: usize,
) -> Result<(Envelope<'_>, Range<usize>, usize), ParseError> {
    let mut envelope = Envelope::of(InputFormat::EventBridge);
    let mut members = Members::open(text, start)?;
    let mut detail = None;
    while let Some(member) = members.next(text)? {
        let end = members.skip(text, member.value)?;
        match &*member.key {
            "account" => envelope.owner = string_content(text, member.value, end),
            "region" => envelope.region = string_content(text, member.value, end),
            "detail" if detail.replace(member.value..end).is_some() => {
                return Err(ParseError::DuplicateKey {
                    key: "detail",
                    at: start,
                });
            }
            _ => {}
        }
    }
    let detail = detail.ok_or(ParseError::UnknownFormat { at: start })?;
    Ok((envelope, detail, members.end()))
}

/// The records of an open log file.
pub(crate) struct Records {
    /// Offset of the log file.
    start: usize,
    /// The members after the list.
    rest: Members,
}

impl Records {
    /// Opens the log file at `start`. Returns the offset of its first record as well.
    pub(crate) fn open(text: &[u8], start: usize) -> Result<(Self, usize), ParseError> {
        let mut members = Members::open(text, start)?;
        while let Some(member) = members.next(text)? {
            if member.key != LIST {
                members.skip(text, member.value)?;
                continue;
            }
            if text.get(member.value) != Some(&b'[') {
                value_end(text, member.value)?;
                break;
            }
            let records = Self {
                start,
                rest: members,
            };
            return Ok((records, member.value + 1));
        }
        Err(ParseError::MissingArray {
            key: LIST,
            at: start,
        })
    }

    /// Reads the members after the list, which ends before `at`. Returns the offset after the log
    /// file.
    pub(crate) fn close(mut self, text: &[u8], at: usize) -> Result<usize, ParseError> {
        self.rest.resume(at);
        while let Some(member) = self.rest.next(text)? {
            if member.key == LIST {
                return Err(ParseError::DuplicateKey {
                    key: LIST,
                    at: self.start,
                });
            }
            self.rest.skip(text, member.value)?;
        }
        Ok(self.rest.end())
    }
}

/// A log event: `{"id":…,"timestamp":…,"message":…}`.
pub(crate) struct LogEvent<'a> {
    pub(crate) id: &'a str,
    pub(crate) timestamp_ms: Option<i64>,
    /// The offsets of a message that is not a string; `None` if the message is in the scratch
    /// buffer.
    pub(crate) verbatim: Option<Range<usize>>,
    pub(crate) span: Range<usize>,
}

/// Reads the log event at `at`. An element that is not an object is its own message, and one without
/// a message has an empty one: both appear downstream instead of being lost.
pub(crate) fn read_log_event<'a>(
    text: &'a [u8],
    at: usize,
    scratch: &mut Scratch,
) -> Result<LogEvent<'a>, ParseError> {
    let mut event = LogEvent {
        id: "",
        timestamp_ms: None,
        verbatim: Some(at..at),
        span: at..at,
    };
    let Ok(mut members) = Members::open(text, at) else {
        event.span.end = value_end(text, at)?;
        event.verbatim = Some(event.span.clone());
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
                event.verbatim = None;
            } else {
                let end = members.skip(text, start)?;
                let is_null = &text[start..end] == b"null";
                event.verbatim = Some(start..if is_null { start } else { end });
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

/// The integer at these offsets.
pub(crate) fn integer<T: std::str::FromStr>(text: &[u8], value: Range<usize>) -> Option<T> {
    std::str::from_utf8(&text[value]).ok()?.parse().ok()
}
