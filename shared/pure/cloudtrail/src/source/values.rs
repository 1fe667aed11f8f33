//! Tells the forms apart, and reads those whose messages stand in the text as they are.

use std::ops::Range;

use super::{Envelope, InputFormat, ListKind, ParseError, Reader, State, string_content};
use crate::json::{JsonError, Members, Skip, walk};

const LIST: &str = "Records";

/// The offset after the value that begins at `at`.
pub(super) fn value_end(text: &[u8], at: usize) -> Result<usize, JsonError> {
    walk(text, at, &mut Skip)
}

impl<'a> Reader<'a> {
    /// Opens the value at the reader's span. Returns the span of its message where it is one
    /// message itself; otherwise the reader is in its list, or behind it.
    pub(super) fn open_value(&mut self) -> Result<Option<Range<usize>>, ParseError> {
        let start = self.at;
        match self.detect(start)? {
            InputFormat::CloudWatchLogs | InputFormat::ControlMessage => {
                self.open_cloudwatch(start).map(|()| None)
            }
            InputFormat::EventBridge => self.open_eventbridge(start).map(Some),
            InputFormat::LogFile => self.open_log_file(start).map(|()| None),
            InputFormat::BareRecord => {
                self.envelope = Envelope::default();
                self.at = value_end(self.text, start)?;
                Ok(Some(start..self.at))
            }
        }
    }

    /// The form of the value at `start`, by the first of its keys that no other form has.
    fn detect(&self, start: usize) -> Result<InputFormat, ParseError> {
        if self.text.get(start) != Some(&b'{') {
            // A scalar or an array is JSON, but nothing that we know; anything else is a fault.
            value_end(self.text, start)?;
            return Err(ParseError::UnknownFormat { at: start });
        }
        let mut members = Members::open(self.text, start)?;
        while let Some(member) = members.next(self.text)? {
            match &*member.key {
                "messageType" | "logEvents" => return Ok(InputFormat::CloudWatchLogs),
                "detail-type" => return Ok(InputFormat::EventBridge),
                "Records" => return Ok(InputFormat::LogFile),
                "eventVersion" | "eventTime" => return Ok(InputFormat::BareRecord),
                _ => members.skip(self.text, member.value)?,
            };
        }
        Err(ParseError::UnknownFormat { at: start })
    }

    /// Reads the EventBridge event at `start` and returns the span of its detail.
    fn open_eventbridge(&mut self, start: usize) -> Result<Range<usize>, ParseError> {
        let text: &'a [u8] = self.text;
        self.envelope = Envelope {
            format: InputFormat::EventBridge,
            ..Envelope::default()
        };
        let mut members = Members::open(text, start)?;
        let mut detail = None;
        while let Some(member) = members.next(text)? {
            let end = members.skip(text, member.value)?;
            match &*member.key {
                "account" => self.envelope.owner = string_content(text, member.value, end),
                "region" => self.envelope.region = string_content(text, member.value, end),
                "detail" if detail.replace(member.value..end).is_some() => {
                    return Err(ParseError::DuplicateKey {
                        key: "detail",
                        at: start,
                    });
                }
                _ => {}
            }
        }
        self.at = members.end();
        detail.ok_or(ParseError::UnknownFormat { at: start })
    }

    /// Reads the log file at `start` up to its records.
    fn open_log_file(&mut self, start: usize) -> Result<(), ParseError> {
        self.envelope = Envelope {
            format: InputFormat::LogFile,
            ..Envelope::default()
        };
        let mut members = Members::open(self.text, start)?;
        while let Some(member) = members.next(self.text)? {
            if member.key != LIST {
                members.skip(self.text, member.value)?;
                continue;
            }
            if self.text.get(member.value) != Some(&b'[') {
                value_end(self.text, member.value)?;
                break;
            }
            self.at = member.value + 1;
            self.state = State::InList {
                start,
                first: true,
                kind: ListKind::Records,
                rest: members,
            };
            return Ok(());
        }
        Err(ParseError::MissingArray {
            key: LIST,
            at: start,
        })
    }

    /// Reads on behind the list that the reader has come to the end of.
    pub(super) fn close_list(&mut self) -> Result<(), ParseError> {
        match std::mem::replace(&mut self.state, State::Between) {
            State::InList {
                start,
                kind: ListKind::LogEvents(header),
                rest,
                ..
            } => self.close_log_events(start, header, rest),
            State::InList {
                start,
                kind: ListKind::Records,
                mut rest,
                ..
            } => {
                rest.resume(self.at);
                while let Some(member) = rest.next(self.text)? {
                    if member.key == LIST {
                        return Err(ParseError::DuplicateKey {
                            key: LIST,
                            at: start,
                        });
                    }
                    rest.skip(self.text, member.value)?;
                }
                self.at = rest.end();
                Ok(())
            }
            State::Between => Ok(()),
        }
    }
}
