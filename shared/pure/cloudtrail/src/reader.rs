//! Returns the messages of a text in any input format.
//!
//! A text holds one value or several, with or without white space between them. The keys of a value
//! show its format: a CloudWatch Logs subscription envelope, an EventBridge event, a CloudTrail log
//! file, or a record without an envelope.

use std::ops::Range;

use crate::cloudwatch::{self, LogEvents, Opened};
use crate::envelope::{Envelope, InputFormat, Message};
use crate::error::{JsonError, ParseError};
use crate::formats::{Records, detect, open_eventbridge, read_log_event, value_end};
use crate::json::{Scratch, skip_space};

/// Returns the messages of a text one by one.
pub struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    list: Option<List>,
    /// Whether the next element of the list is the first one.
    first: bool,
    envelope: Envelope<'a>,
    messages: usize,
    values: usize,
}

/// The list that a reader is in.
enum List {
    LogEvents(LogEvents),
    Records(Records),
}

impl<'a> Reader<'a> {
    /// A reader at the start of `text`.
    pub fn new(text: &'a str) -> Self {
        Self {
            text: text.as_bytes(),
            at: 0,
            list: None,
            first: false,
            envelope: Envelope::default(),
            messages: 0,
            values: 0,
        }
    }

    /// What surrounds the last message, or the last value if it had no messages.
    pub fn envelope(&self) -> &Envelope<'a> {
        &self.envelope
    }

    /// The next message, or `None` at the end of the text. `scratch` holds its content if that had
    /// escapes.
    ///
    /// # Errors
    /// See [`ParseError`]; the reader must not be used afterwards.
    pub fn next<'s>(&mut self, scratch: &'s mut Scratch) -> Result<Option<Message<'s>>, ParseError>
    where
        'a: 's,
    {
        loop {
            if self.list.is_some() {
                match self.next_element()? {
                    Some(element) => return self.element(element, scratch).map(Some),
                    None => self.close_list()?,
                }
                continue;
            }
            self.at = skip_space(self.text, self.at);
            if self.at == self.text.len() {
                return match self.values {
                    0 => Err(ParseError::Empty),
                    _ => Ok(None),
                };
            }
            self.values += 1;
            if let Some(span) = self.open_value()? {
                let content = &self.text[span.clone()];
                return Ok(Some(self.message(content, None, "", span)));
            }
        }
    }

    /// Opens the value at the reader's position. Returns the offsets of its message if it has exactly
    /// one; otherwise the reader is in its list, or after it.
    fn open_value(&mut self) -> Result<Option<Range<usize>>, ParseError> {
        let (text, start): (&'a [u8], usize) = (self.text, self.at);
        match detect(text, start)? {
            InputFormat::CloudWatchLogs | InputFormat::ControlMessage => {
                match cloudwatch::open(text, start, &mut self.envelope)? {
                    Opened::Control(end) => self.at = end,
                    Opened::Data(events, at) => self.enter(List::LogEvents(events), at),
                }
                Ok(None)
            }
            InputFormat::LogFile => {
                self.envelope = Envelope::of(InputFormat::LogFile);
                let (records, at) = Records::open(text, start)?;
                self.enter(List::Records(records), at);
                Ok(None)
            }
            InputFormat::EventBridge => {
                let detail;
                (self.envelope, detail, self.at) = open_eventbridge(text, start)?;
                Ok(Some(detail))
            }
            InputFormat::BareRecord => {
                self.envelope = Envelope::of(InputFormat::BareRecord);
                self.at = value_end(text, start)?;
                Ok(Some(start..self.at))
            }
        }
    }

    fn enter(&mut self, list: List, at: usize) {
        self.list = Some(list);
        self.first = true;
        self.at = at;
    }

    /// Reads the rest of the value whose list ends at the reader's position.
    fn close_list(&mut self) -> Result<(), ParseError> {
        self.at = match self.list.take() {
            Some(List::LogEvents(events)) => {
                events.close(self.text, self.at, &mut self.envelope)?
            }
            Some(List::Records(records)) => records.close(self.text, self.at)?,
            None => self.at,
        };
        Ok(())
    }

    /// The offset of the next element of the list; `None` after the last.
    fn next_element(&mut self) -> Result<Option<usize>, JsonError> {
        let first = std::mem::take(&mut self.first);
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

    /// The message in the element of the list that begins at `at`.
    fn element<'s>(
        &mut self,
        at: usize,
        scratch: &'s mut Scratch,
    ) -> Result<Message<'s>, ParseError>
    where
        'a: 's,
    {
        if let Some(List::LogEvents(_)) = self.list {
            let event = read_log_event(self.text, at, scratch)?;
            self.at = event.span.end;
            let content = match event.verbatim {
                None => scratch.as_bytes(),
                Some(span) => &self.text[span],
            };
            return Ok(self.message(content, event.timestamp_ms, event.id, event.span));
        }
        let span = at..value_end(self.text, at)?;
        self.at = span.end;
        Ok(self.message(&self.text[span.clone()], None, "", span))
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

#[cfg(test)]
mod tests;
