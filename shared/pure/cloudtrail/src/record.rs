//! The scan of a record: whether it is a CloudTrail record, and where its fields are.

use std::borrow::Cow;
use std::ops::Range;

use crate::error::JsonError;
use crate::json::{MAX_DEPTH, NO_SLOT, Scalar, Visit, skip_space, string_value, walk};
use crate::keys::{FieldMatch, KeySet, MatchKind, Span, WATCHED};

/// The fields that classification, selection and the HEC object read. Of a repeated key the last
/// value counts, as for every JSON parser downstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
#[expect(missing_docs, reason = "each is the CloudTrail field of that name")]
pub enum Field {
    EventVersion = 1,
    EventTime,
    EventSource,
    EventName,
    EventId,
    EventType,
    EventCategory,
    AwsRegion,
    ErrorCode,
    ManagementEvent,
    RecipientAccountId,
    SourceIpAddress,
    /// `userIdentity.accountId`
    UserIdentityAccountId,
    /// `userIdentity.type`
    UserIdentityType,
}

const FIELDS: usize = Field::UserIdentityType as usize + 1;

/// The positions of the fields of one record. Reused from record to record.
#[derive(Debug, Default)]
pub struct Record {
    object: Span,
    fields: [Span; FIELDS],
    matches: Vec<FieldMatch>,
    line_breaks: bool,
}

impl Record {
    /// Scans `text`, one JSON value with optional white space around it. Returns whether it is a
    /// CloudTrail record: an object whose `eventVersion` and `eventTime` are strings.
    ///
    /// # Errors
    /// The text is not one valid JSON value, is nested deeper than
    /// [`MAX_DEPTH`] or longer than 4 GiB.
    pub fn scan(&mut self, text: &[u8], watched: &KeySet) -> Result<bool, JsonError> {
        self.fields = [Span::default(); FIELDS];
        self.matches.clear();
        self.line_breaks = false;
        if u32::try_from(text.len()).is_err() {
            return Err(JsonError::here(text, u32::MAX as usize));
        }
        let start = skip_space(text, 0);
        let mut visitor = Visitor {
            record: self,
            watched,
            in_user_identity: false,
            also: NO_SLOT,
            under: [KeySet::UNNAMED; MAX_DEPTH],
            parent: KeySet::UNNAMED,
        };
        let end = walk(text, start, &mut visitor)?;
        let after = skip_space(text, end);
        if after != text.len() {
            return Err(JsonError::here(text, after));
        }
        self.object = Span::new(start, end);
        let is_string = |field| self.get(text, field).is_some_and(|v| v.starts_with(b"\""));
        Ok(text[start] == b'{' && is_string(Field::EventVersion) && is_string(Field::EventTime))
    }

    /// The record without the white space around it.
    pub fn object(&self) -> Range<usize> {
        self.object.range()
    }

    /// The value of a field as written, with its quotes; `None` if it is absent, an object or an
    /// array.
    pub fn get<'a>(&self, text: &'a [u8], field: Field) -> Option<&'a [u8]> {
        self.span(field).map(|span| &text[span.range()])
    }

    /// The position of the value of a field, as for [`Record::get`].
    pub fn span(&self, field: Field) -> Option<Span> {
        let span = self.fields[field as usize];
        span.is_set().then_some(span)
    }

    /// The value of a field that is a string and not empty, without escapes.
    pub fn string<'a>(&self, text: &'a [u8], field: Field) -> Option<Cow<'a, str>> {
        let content = self
            .get(text, field)?
            .strip_prefix(b"\"")?
            .strip_suffix(b"\"")?;
        let content = string_value(content)?;
        (!content.is_empty()).then_some(content)
    }

    /// The values under watched keys, in the order of the text.
    pub fn matches(&self) -> &[FieldMatch] {
        &self.matches
    }

    /// Whether there is a line break between two tokens of the record.
    pub fn has_line_breaks(&self) -> bool {
        self.line_breaks
    }
}

struct Visitor<'r> {
    record: &'r mut Record,
    watched: &'r KeySet,
    /// The last key of the record itself was `userIdentity`.
    in_user_identity: bool,
    /// The field of a watched key that is a field too.
    also: u8,
    /// The number of the key of each open container.
    under: [u8; MAX_DEPTH],
    /// The number of the container of the last key.
    parent: u8,
}

impl Visitor<'_> {
    /// A key with escapes counts as what it decodes to.
    #[cold]
    fn escaped_key(&mut self, depth: usize, start: usize, content: &[u8]) -> u8 {
        if self.watched.has_every_string() {
            self.record.matches.push(FieldMatch {
                span: Span::new(start - 1, start + content.len() + 1),
                number: KeySet::UNNAMED,
                parent: KeySet::UNNAMED,
                kind: MatchKind::Key,
                escaped: true,
            });
        }
        match string_value(content) {
            Some(key) => self.key(depth, start, key.as_bytes(), false),
            None => self.root(),
        }
    }
}

impl Visit for Visitor<'_> {
    fn root(&self) -> u8 {
        if self.watched.has_every_string() {
            WATCHED | KeySet::UNNAMED
        } else {
            NO_SLOT
        }
    }

    #[inline(always)]
    fn key(&mut self, depth: usize, start: usize, key: &[u8], escaped: bool) -> u8 {
        if escaped {
            return self.escaped_key(depth, start, key);
        }
        let field = match depth {
            1 => {
                self.in_user_identity = key == b"userIdentity";
                top_level(key)
            }
            2 if self.in_user_identity => match key {
                b"accountId" => Field::UserIdentityAccountId as u8,
                b"type" => Field::UserIdentityType as u8,
                _ => NO_SLOT,
            },
            _ => NO_SLOT,
        };
        if field != NO_SLOT {
            // A repeated key replaces the first one, whatever kind of value that had.
            self.record.fields[usize::from(field)] = Span::default();
        }
        match self.watched.number(key) {
            Some(number) => {
                self.also = field;
                self.parent = self.under[depth - 1];
                WATCHED | number
            }
            None => field,
        }
    }

    #[inline(always)]
    fn scalar(&mut self, slot: u8, start: usize, end: usize, kind: Scalar) {
        let span = Span::new(start, end);
        let mut field = slot;
        if slot & WATCHED != 0 {
            let number = slot & !WATCHED;
            if kind != Scalar::Other || number != KeySet::UNNAMED {
                self.record.matches.push(FieldMatch {
                    span,
                    number,
                    parent: self.parent,
                    kind: match kind {
                        Scalar::Other => MatchKind::Other,
                        Scalar::Plain | Scalar::Escaped => MatchKind::String,
                    },
                    escaped: kind == Scalar::Escaped,
                });
            }
            field = self.also;
        }
        if field != NO_SLOT {
            self.record.fields[usize::from(field)] = span;
        }
    }

    #[inline(always)]
    fn open(&mut self, depth: usize, slot: u8) {
        self.under[depth] = if depth == 0 {
            KeySet::ROOT
        } else if slot & WATCHED == 0 {
            KeySet::UNNAMED
        } else {
            slot & !WATCHED
        };
        self.also = NO_SLOT;
    }

    fn line_break(&mut self) {
        self.record.line_breaks = true;
    }
}

/// The slot of a key of the outermost object.
#[inline(always)]
fn top_level(key: &[u8]) -> u8 {
    match key {
        b"eventVersion" => Field::EventVersion as u8,
        b"eventTime" => Field::EventTime as u8,
        b"eventSource" => Field::EventSource as u8,
        b"eventName" => Field::EventName as u8,
        b"eventID" => Field::EventId as u8,
        b"eventType" => Field::EventType as u8,
        b"eventCategory" => Field::EventCategory as u8,
        b"awsRegion" => Field::AwsRegion as u8,
        b"errorCode" => Field::ErrorCode as u8,
        b"managementEvent" => Field::ManagementEvent as u8,
        b"recipientAccountId" => Field::RecipientAccountId as u8,
        b"sourceIPAddress" => Field::SourceIpAddress as u8,
        _ => NO_SLOT,
    }
}

#[cfg(test)]
mod tests;
