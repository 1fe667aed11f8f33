//! A scanned JSON text: its fields with their decisions, and where its strings are.

use std::borrow::Cow;
use std::ops::Range;

use cloudtrail::{Field, FieldMatch, KeySet, MatchKind, Record};

use crate::arn::{Arn, ArnFinder};
use crate::classify::{Decision, Position, classify};
use crate::collect::{IdentityContext, Names};
use crate::decoded_text::{DecodedText, SourceMap};
use crate::detect::{Context, whole_value};
use crate::edits::Placement;
use crate::fields::{FieldKind, kind_of};
use crate::lexicon::is_vocabulary;

/// A record, or JSON from inside a string, and what a scan of it reports.
#[derive(Clone, Copy)]
pub(crate) struct JsonText<'t> {
    pub(crate) text: &'t str,
    pub(crate) record: &'t Record,
    /// The positions of its bytes in the record.
    pub(crate) map: SourceMap<'t>,
    /// The number of strings around it.
    pub(crate) nested: usize,
}

/// The decision about a string with escapes, one under a key of the fields table, or one that may
/// be an address or phone number.
pub(crate) struct Value<'t> {
    /// The index of its match.
    pub(crate) index: usize,
    pub(crate) kind: FieldKind,
    pub(crate) parent: FieldKind,
    pub(crate) decision: Decision,
    /// Its text in the JSON text, without quotes.
    pub(crate) raw: &'t str,
    /// Its text and the ARNs in it, if it has escapes.
    pub(crate) decoded: Option<Box<(DecodedText, Vec<Arn>)>>,
}

impl Value<'_> {
    /// The text of a value: a string without its quotes and escapes, otherwise its bytes.
    pub(crate) fn text(&self) -> &str {
        match &self.decoded {
            Some(decoded) => &decoded.0.text,
            None => self.raw,
        }
    }
}

impl<'t> JsonText<'t> {
    fn matches(self) -> &'t [FieldMatch] {
        self.record.matches()
    }

    /// The strings with escapes, decoded, the values under keys of the table, and strings that may
    /// be addresses, in the order of the text, without decisions. `None` if an escape is invalid.
    pub(crate) fn values(self, finder: &ArnFinder) -> Option<Vec<Value<'t>>> {
        let mut values = Vec::with_capacity(self.matches().len());
        for (index, found) in self.matches().iter().enumerate() {
            let kind = kind_of(found.number);
            let content = content_of(found);
            let is_inherited = || {
                matches!(
                    kind_of(found.parent),
                    FieldKind::Person | FieldKind::SourceAddress
                )
            };
            if !found.escaped
                && kind.is_undecided()
                && !whole_value::is_candidate(&self.text.as_bytes()[content.clone()])
                && !is_inherited()
            {
                continue;
            }
            let parent = self.parent_of(found);
            let decoded = if found.escaped {
                let decoded = DecodedText::unescaped(self.text, content.clone(), self.map)?;
                let arns = finder.find(&decoded.text);
                Some(Box::new((decoded, arns)))
            } else {
                None
            };
            values.push(Value {
                index,
                kind,
                parent,
                decision: Decision::Text,
                raw: &self.text[content],
                decoded,
            });
        }
        Some(values)
    }

    /// What a record with these values states about its identities.
    pub(crate) fn identity<'n>(
        self,
        values: &[Value<'_>],
        names: &'n Names,
    ) -> IdentityContext<'n> {
        let values = values
            .iter()
            .map(|value| (value.kind, value.parent, value.text()));
        let event_name = || self.record.string(self.text.as_bytes(), Field::EventName);
        IdentityContext::of(values, event_name, names)
    }

    /// Decides about every value.
    pub(crate) fn classify(
        self,
        values: &mut [Value<'_>],
        identity: IdentityContext<'_>,
        keys: &KeySet,
    ) {
        for value in values {
            let is_pair = value.kind == FieldKind::PairValue;
            let position = Position {
                kind: value.kind,
                parent: value.parent,
                pair: is_pair.then(|| self.pair_kind(value.index, keys)).flatten(),
            };
            value.decision = classify(position, identity, value.text());
        }
    }

    /// The kind of the key of the object around a match. The outermost object of JSON in a
    /// string is not the record.
    fn parent_of(self, found: &FieldMatch) -> FieldKind {
        match kind_of(found.parent) {
            FieldKind::Root if self.nested > 0 => FieldKind::Unlisted,
            parent => parent,
        }
    }

    /// The kind that the name of a key-value pair has as a key, for the match at `index`, the
    /// value of a pair.
    fn pair_kind(self, index: usize, keys: &KeySet) -> Option<FieldKind> {
        let name = self.pair_name(index)?;
        let kind = kind_of(keys.number(name.as_bytes())?);
        kind.is_masked().then_some(kind)
    }

    /// The name of the key-value pair whose value is at `index`: before it in the same object or
    /// up to two around it, as in `{"name":"tag:Owner","valueSet":{"items":[{"value":…}]}}`, or
    /// behind it in the same object.
    fn pair_name(self, index: usize) -> Option<Cow<'t, str>> {
        /// The maximum number of strings between the name of a pair and its value.
        const DISTANCE: usize = 24;
        let matches = self.matches();
        let is_name = |found: &FieldMatch| {
            matches!(
                kind_of(found.number),
                FieldKind::PairName | FieldKind::NameInEvent
            )
        };
        let (mut depth, mut outermost) = (0_i32, 0_i32);
        for at in (index.saturating_sub(DISTANCE)..index).rev() {
            for bracket in self.gap(at).iter().rev() {
                match bracket {
                    b'{' => depth -= 1,
                    b'}' => depth += 1,
                    _ => {}
                }
                outermost = outermost.min(depth);
            }
            if depth == outermost && depth >= -2 && is_name(&matches[at]) {
                return Some(string_of(self.text, &matches[at]));
            }
        }
        let after = index + 1..matches.len().min(index + 4);
        let is_same = |at: &usize| memchr::memchr2(b'{', b'}', self.gap(*at - 1)).is_none();
        let mut after = after.take_while(is_same).map(|at| &matches[at]);
        after
            .find(|found| is_name(found))
            .map(|found| string_of(self.text, found))
    }

    /// The text between the match at `index` and the next one.
    fn gap(self, index: usize) -> &'t [u8] {
        let (found, next) = (&self.matches()[index], &self.matches()[index + 1]);
        &self.text.as_bytes()[found.span.range().end..next.span.range().start]
    }

    /// Whether the key of a value, the name of its pair or the key of the object around it says
    /// that digits and dots are a version, a network or a private interface.
    ///
    /// `last` is the index and the key of the last value that was asked about, before this one:
    /// the elements of an array share their key.
    pub(crate) fn is_other_number(self, value: &Value<'_>, last: &mut (usize, &'t str)) -> bool {
        *last = (value.index, self.key_of(value.index, *last));
        if whole_value::is_other_number(last.1) {
            return true;
        }
        if value.kind != FieldKind::PairValue {
            return false;
        }
        let name = self.pair_name(value.index);
        let start = self.matches()[value.index].span.range().start;
        let around = self.text[..start]
            .rsplit_once('{')
            .map_or("", |(before, _)| before);
        let around = around.trim_end().trim_end_matches([':', '"']);
        let key = around.rsplit_once('"').map_or("", |(_, key)| key);
        whole_value::is_other_number(key)
            || name.is_some_and(|name| whole_value::is_other_number(&name))
    }

    /// Where an edit of `range` would be.
    pub(crate) fn placement(
        self,
        range: &Range<usize>,
        values: &[Value<'_>],
        context: Context<'_>,
    ) -> Placement {
        match self.string_at(range.start, values, context) {
            Some(content) if range.end <= content.end => Placement::InString,
            Some(_) => Placement::Elsewhere,
            None if self.is_number(range) => Placement::Number,
            None => Placement::Elsewhere,
        }
    }

    /// The content of the string around the offset `at`. `None` outside of strings and in strings
    /// that are not searched in this form: values that stay, strings with escapes, keys of
    /// AWS's.
    pub(crate) fn string_at(
        self,
        at: usize,
        values: &[Value<'_>],
        context: Context<'_>,
    ) -> Option<Range<usize>> {
        let matches = self.matches();
        let index = matches.partition_point(|found| found.span.range().end <= at);
        let found = matches.get(index);
        if let Some(found) = found.filter(|found| found.span.range().start <= at) {
            let content = content_of(found);
            let value = values.binary_search_by_key(&index, |value| value.index);
            let stays = match value {
                Ok(at) => values[at].decision == Decision::Stays,
                Err(_) => kind_of(found.number).is_kept(self.parent_of(found)),
            };
            let is_searched = found.kind == MatchKind::String && !found.escaped && !stays;
            return (is_searched && content.contains(&at)).then_some(content);
        }
        let start = index
            .checked_sub(1)
            .map_or(0, |last| matches[last].span.range().end);
        let end = found.map_or(self.text.len(), |found| found.span.range().start);
        self.key_at(at, start..end, context)
    }

    /// The content of the key around the offset `at`, between two values.
    fn key_at(
        self,
        at: usize,
        between: Range<usize>,
        context: Context<'_>,
    ) -> Option<Range<usize>> {
        let bytes = self.text.as_bytes();
        let mut next = between.start;
        loop {
            let start = next + memchr::memchr(b'"', bytes.get(next..between.end)?)? + 1;
            let end = start + string_len(&bytes[start..between.end])?;
            if at < start {
                return None;
            }
            if at < end {
                let key = &self.text[start..end];
                let number = context.keys.number(key.as_bytes())?;
                let is_known = kind_of(number) != FieldKind::Unlisted || is_vocabulary(key);
                // A key with escapes has its own match.
                return (!is_known && !key.contains('\\')).then_some(start..end);
            }
            next = end + 1;
        }
    }

    /// Whether `range` is a whole number.
    fn is_number(self, range: &Range<usize>) -> bool {
        let bytes = self.text.as_bytes();
        let is_part = |byte: Option<&u8>| {
            byte.is_some_and(|b| b.is_ascii_alphanumeric() || b"+-.\"\\".contains(b))
        };
        self.text[range.clone()].starts_with(|c: char| c == '-' || c.is_ascii_digit())
            && !is_part(bytes[..range.start].last())
            && !is_part(bytes.get(range.end))
            && self.is_outside_of_values(range)
    }

    /// Whether `range` is not in a string. Strings are matches; keys have a colon behind.
    fn is_outside_of_values(self, range: &Range<usize>) -> bool {
        let matches = self.matches();
        let index = matches.partition_point(|found| found.span.range().end <= range.start);
        let inside = matches.get(index).is_some_and(|found| {
            found.span.range().start <= range.start && found.kind != MatchKind::Other
        });
        let before = self.text.as_bytes()[..range.start].trim_ascii_end();
        !inside && matches!(before.last(), Some(b':' | b',' | b'['))
    }

    /// The key of the string at `index`, for a value or an element of an array under it. `last` is
    /// an earlier index with its key.
    fn key_of(self, index: usize, last: (usize, &'t str)) -> &'t str {
        let bytes = self.text.as_bytes();
        let matches = self.matches();
        let mut index = index;
        loop {
            let before = bytes[..matches[index].span.range().start].trim_ascii_end();
            let before = match before.split_last() {
                Some((b':', before)) => before.trim_ascii_end(),
                Some((b'[', before)) => match before.trim_ascii_end().split_last() {
                    Some((b':', before)) => before.trim_ascii_end(),
                    _ => return "",
                },
                Some((b',', _)) if index > 0 => {
                    index -= 1;
                    if index == last.0 {
                        return last.1;
                    }
                    continue;
                }
                _ => return "",
            };
            let end = before.len().saturating_sub(1);
            let start = memchr::memrchr(b'"', &before[..end]).map_or(end, |quote| quote + 1);
            return &self.text[start..end];
        }
    }
}

/// The value of a match: a string without its quotes and escapes, otherwise the text.
fn string_of<'t>(text: &'t str, found: &FieldMatch) -> Cow<'t, str> {
    let content = content_of(found);
    if found.escaped {
        cloudtrail::string_value(&text.as_bytes()[content]).unwrap_or_default()
    } else {
        Cow::Borrowed(&text[content])
    }
}

/// The range of the content of a value: that of a string is between its quotes.
pub(crate) fn content_of(found: &FieldMatch) -> Range<usize> {
    let range = found.span.range();
    match found.kind {
        MatchKind::Other => range,
        MatchKind::String | MatchKind::Key => range.start + 1..range.end - 1,
    }
}

/// The length in bytes of the string that `text` starts with, up to its quote.
fn string_len(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}
