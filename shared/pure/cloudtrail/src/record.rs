//! The one scan of a record: is it one, and where do the fields that matter stand.

use std::borrow::Cow;
use std::ops::Range;

use crate::MAX_DEPTH;
use crate::json::{JsonError, NO_SLOT, Scalar, Visit, skip_space, string_value, walk};
use crate::watch::{FieldMatch, KeySet, MatchKind, WATCHED};

/// Offsets of a value in the text that was scanned; the quotes of a string are part of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    start: u32,
    end: u32,
}

impl Span {
    pub(crate) fn new(start: usize, end: usize) -> Self {
        // `Record::scan` refuses texts whose offsets do not fit.
        Self {
            start: start as u32,
            end: end as u32,
        }
    }

    /// The offsets as a range.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// The fields that selection, the HEC object and its annotations read. Where a key is repeated
/// the last one counts, as for every JSON reader of the record downstream.
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
    /// `userIdentity.accountId`
    UserIdentityAccountId,
    /// `userIdentity.type`
    UserIdentityType,
}

const FIELDS: usize = Field::UserIdentityType as usize + 1;

/// Where the fields of one record stand. Reused from record to record.
#[derive(Debug, Default)]
pub struct Record {
    object: Span,
    fields: [Span; FIELDS],
    marks: Vec<FieldMatch>,
    line_breaks: bool,
}

impl Record {
    /// Scans `text`, which is to hold one CloudTrail record and white space around it at most.
    /// Returns whether it is one: an object whose `eventVersion` and `eventTime` are strings.
    ///
    /// # Errors
    /// The text is not one valid JSON value, is nested deeper than
    /// [`MAX_DEPTH`](crate::MAX_DEPTH) or longer than 4 GiB.
    pub fn scan(&mut self, text: &[u8], watched: &KeySet) -> Result<bool, JsonError> {
        self.fields = [Span::default(); FIELDS];
        self.marks.clear();
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
        let is_string = |field| {
            self.get(text, field)
                .is_some_and(|value| value.starts_with(b"\""))
        };
        Ok(text[start] == b'{' && is_string(Field::EventVersion) && is_string(Field::EventTime))
    }

    /// The record without the white space around it.
    pub fn object(&self) -> Range<usize> {
        self.object.range()
    }

    /// The value of a field as spelled, quotes included; `None` where it is absent, or an object
    /// or array.
    pub fn get<'a>(&self, text: &'a [u8], field: Field) -> Option<&'a [u8]> {
        self.span(field).map(|span| &text[span.range()])
    }

    /// Where the value of a field stands, as for [`Record::get`].
    pub fn span(&self, field: Field) -> Option<Span> {
        let span = self.fields[field as usize];
        (span.end > 0).then_some(span)
    }

    /// The value of a field that is a string and not blank, without its escapes.
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
        &self.marks
    }

    /// Whether a line break stands between two tokens of the record.
    pub fn has_line_breaks(&self) -> bool {
        self.line_breaks
    }
}

struct Visitor<'r> {
    record: &'r mut Record,
    watched: &'r KeySet,
    /// The last key of the record itself was `userIdentity`.
    in_user_identity: bool,
    /// The field that the value of a watched key is as well.
    also: u8,
    /// The number of the key that each open container stands under.
    under: [u8; MAX_DEPTH],
    /// Of those, the one around the last key.
    parent: u8,
}

impl Visitor<'_> {
    /// A key that is spelled with escapes counts as what it spells.
    #[cold]
    fn escaped_key(&mut self, depth: usize, start: usize, content: &[u8]) -> u8 {
        if self.watched.has_every_string() {
            self.record.marks.push(FieldMatch {
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
            // A repeated key begins anew, whatever kind of value the first one had.
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
                self.record.marks.push(FieldMatch {
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

/// The slot of a key of the record itself.
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
        _ => NO_SLOT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::JsonErrorKind;

    fn scanned(text: &str, watched: &[&str]) -> (Record, bool) {
        let numbers = 0u8..;
        let names = watched.iter().map(|name| name.to_string());
        let watched = KeySet::new(names.zip(numbers)).unwrap();
        let mut record = Record::default();
        let is_record = record.scan(text.as_bytes(), &watched).unwrap();
        (record, is_record)
    }

    fn marked<'a>(text: &'a str, watched: &[&str]) -> Vec<&'a str> {
        let (record, _) = scanned(text, watched);
        record
            .matches()
            .iter()
            .map(|mark| &text[mark.span.range()])
            .collect()
    }

    const RECORD: &str = r#" {"eventVersion":"1.08","userIdentity":{"accountId":"1","sessionContext":{"accountId":"2"}},
        "eventTime":"2023-10-27T14:33:20Z","eventName":"A","requestParameters":{"eventName":"B","userName":"x"},
        "eventName":"C","errorCode":null,"other":{"accountId":"3"}} "#;

    #[test]
    fn finds_fields_where_they_count() {
        let (record, is_record) = scanned(RECORD, &[]);
        let get = |field| {
            record
                .get(RECORD.as_bytes(), field)
                .map(|v| std::str::from_utf8(v).unwrap())
        };
        assert!(is_record);
        assert_eq!(&RECORD[record.object()], RECORD.trim());
        assert_eq!(get(Field::EventName), Some("\"C\""));
        assert_eq!(get(Field::UserIdentityAccountId), Some("\"1\""));
        assert_eq!(get(Field::ErrorCode), Some("null"));
        assert_eq!(get(Field::AwsRegion), None);
        assert!(record.has_line_breaks());
    }

    #[test]
    fn a_field_that_is_repeated_as_a_container_is_absent() {
        let text = r#"{"eventName":"A","eventName":{"eventName":"B"}}"#;
        assert_eq!(
            scanned(text, &[]).0.get(text.as_bytes(), Field::EventName),
            None
        );
    }

    #[test]
    fn marks_watched_keys_at_any_depth_in_any_spelling_and_in_arrays() {
        let text = r#"{"userName":"a","x":[{"userName":["b",[1,null],{"y":"no","userName":true}]},"no"],
            "user\u004eame":"c","username":"no","x2":"userName"}"#;
        assert_eq!(
            marked(text, &["userName"]),
            ["\"a\"", "\"b\"", "1", "null", "true", "\"c\""]
        );
    }

    #[test]
    fn a_field_can_be_watched_too() {
        let text = r#"{"eventVersion":"1","eventTime":"t","eventName":"a","userIdentity":{"accountId":["x"]}}"#;
        let watched = ["eventName", "userIdentity", "accountId"];
        let (record, _) = scanned(text, &watched);
        assert_eq!(
            record.get(text.as_bytes(), Field::EventName),
            Some(&b"\"a\""[..])
        );
        assert_eq!(
            record.get(text.as_bytes(), Field::UserIdentityAccountId),
            None
        );
        assert_eq!(marked(text, &watched), ["\"a\"", "\"x\""]);
    }

    #[test]
    fn tells_records_from_other_json() {
        for (text, expected) in [
            (
                r#"{"eventVersion":"1.08","eventTime":"2023-10-27T14:33:20Z"}"#,
                true,
            ),
            (r#"{"eventVersion":"1.08"}"#, false),
            (r#"{"eventVersion":1.08,"eventTime":null}"#, false),
            (
                r#"{"detail":{"eventVersion":"1.08","eventTime":"x"}}"#,
                false,
            ),
            ("[]", false),
            ("5", false),
        ] {
            assert_eq!(scanned(text, &[]).1, expected, "{text}");
        }
    }

    #[test]
    fn refuses_text_around_the_value() {
        let mut record = Record::default();
        for text in ["", "  ", "{} {}", "{}x"] {
            assert!(
                record.scan(text.as_bytes(), &KeySet::default()).is_err(),
                "{text:?}"
            );
        }
        let deep = "[".repeat(1_000_000);
        let fault = record
            .scan(deep.as_bytes(), &KeySet::default())
            .unwrap_err()
            .fault;
        assert_eq!(fault, JsonErrorKind::TooDeep);
    }
}
