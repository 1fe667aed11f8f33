//! Masks the values of a JSON text, and what free text names.

use std::ops::Range;

use cloudtrail::{Mark, MarkKind, Record};
use memchr::memmem;

use super::arn::{Who, arn_at};
use super::decide::{Decision, Facts, decide};
use super::layer::{Layer, Map};
use super::place::{Place, is_known_key};
use super::words::is_word_byte;
use super::{RecordMasker, assignment, content_of, learn_types, mail, names_person};
use crate::Label;

/// JSON in a string in JSON, and so on, that is followed. Deeper ones are free text.
const MAX_NESTED: usize = 4;

/// Times that text is percent-decoded.
const MAX_DECODED: usize = 3;

/// What a JSON text is masked by.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    /// Where its bytes stand in the record.
    pub(super) map: Map<'a>,
    pub(super) facts: &'a Facts,
    /// How many strings it stands in.
    pub(super) nested: usize,
}

impl RecordMasker {
    /// Decides on all values of `text`, which `record` is a scan of. Returns `false` where one
    /// cannot be judged.
    pub(super) fn mask_json(&mut self, text: &str, record: &Record, around: Around<'_>) -> bool {
        let offsets = self.offsets_in(text);
        let mut rest = &offsets[..];
        let mut judged = true;
        for (at, mark) in record.marks().iter().enumerate() {
            let range = mark.span.range();
            rest = self.mask_names_of_keys(text, rest, range.start, around);
            let here = rest.partition_point(|at| *at < range.end);
            let noted = here > 0;
            rest = &rest[here..];
            let pair = names_person(text, record, at);
            let first = self.pieces.len();
            judged &= self.mask_value(text, mark, around, pair, noted);
            self.pieces.settle(first);
        }
        self.mask_names_of_keys(text, rest, text.len(), around);
        self.offsets = offsets;
        judged
    }

    /// Where in `text` an ARN, an address of mail, an escape or a subject may stand, in order.
    fn offsets_in(&mut self, text: &str) -> Vec<usize> {
        let mut offsets = std::mem::take(&mut self.offsets);
        offsets.clear();
        let bytes = text.as_bytes();
        if self.has_people() {
            offsets.extend(memmem::find_iter(bytes, "arn:"));
        }
        offsets.extend(memchr::memchr2_iter(b'@', b'%', bytes));
        self.subjects.each_offset(bytes, |at| offsets.push(at));
        if self.subjects.has_odd_spellings(bytes) {
            offsets.extend(memchr::memchr_iter(b':', bytes));
        }
        offsets.sort_unstable();
        offsets
    }

    /// Masks what keys before `end` name, at the first of `offsets`; returns those from there on.
    fn mask_names_of_keys<'o>(
        &mut self,
        text: &str,
        offsets: &'o [usize],
        end: usize,
        around: Around<'_>,
    ) -> &'o [usize] {
        let (before, rest) = offsets.split_at(offsets.partition_point(|at| *at < end));
        let mut done = 0;
        for at in before {
            let bytes = text.as_bytes();
            // What is no value is a key, or the colon after one.
            let (Some(open), Some(close)) = (
                memchr::memrchr(b'"', &bytes[..*at]),
                memchr::memchr(b'"', &bytes[*at..]),
            ) else {
                continue;
            };
            let key = open + 1..at + close;
            let is_key = bytes
                .get(key.end + 1..)
                .is_some_and(|after| after.trim_ascii_start().first() == Some(&b':'));
            if *at < done || !is_key || is_known_key(&text[key.clone()]) {
                continue;
            }
            done = key.end;
            let first = self.pieces.len();
            let map = around.map.shifted(key.start);
            self.mask_text(&text[key], map, around.nested);
            self.pieces.settle(first);
        }
        rest
    }

    /// Decides on one value. `noted` says that something may stand in it that is to be looked at.
    fn mask_value(
        &mut self,
        text: &str,
        mark: &Mark,
        around: Around<'_>,
        pair: bool,
        noted: bool,
    ) -> bool {
        let (place, parent) = (Place::of(mark.number), Place::of(mark.parent));
        if place == Place::Technical || place == Place::Text && !mark.escaped && !noted {
            return true;
        }
        let content = content_of(mark);
        let decide = |value: &str| decide(place, parent, pair, around.facts, value);
        if mark.escaped {
            let Some(layer) = Layer::unescaped(text, content, around.map) else {
                return false;
            };
            let decision = decide(&layer.text);
            if decision != Decision::Text || !self.mask_nested(&layer, around.nested + 1) {
                self.carry_out(
                    decision,
                    place,
                    &layer.text,
                    layer.map(),
                    around.nested,
                    true,
                );
            }
            return true;
        }
        let value = &text[content.clone()];
        let decision = decide(value);
        if mark.kind != MarkKind::Other {
            let map = around.map.shifted(content.start);
            self.carry_out(decision, place, value, map, around.nested, noted);
        } else if value.starts_with(|c: char| c == '-' || c.is_ascii_digit())
            && let Decision::Masked(label, _) = decision
            && (self.masks(label) || place == Place::Forced)
            && let Some(token) = self.masker.mask(label, value)
        {
            let raw = around.map.raw_range(content);
            self.pieces.replace(raw, token, around.map.quote());
        }
        true
    }

    /// Masks `value` as decided.
    fn carry_out(
        &mut self,
        decision: Decision,
        place: Place,
        value: &str,
        map: Map<'_>,
        nested: usize,
        noted: bool,
    ) {
        let part = match decision {
            Decision::Stays => return,
            Decision::Masked(label, part) if self.masks(label) || place == Place::Forced => {
                let token = self.masker.mask(label, &value[part.clone()]);
                if let Some(token) = token {
                    self.pieces.replace(map.raw_range(part.clone()), token, "");
                }
                token.is_some().then_some(part)
            }
            Decision::Masked(..) | Decision::Text => None,
        };
        if noted && part != Some(0..value.len()) {
            self.mask_text(value, map, nested);
        }
    }

    /// Masks what free text names, as it is and with what is percent-encoded in it decoded.
    fn mask_text(&mut self, text: &str, map: Map<'_>, nested: usize) {
        self.mask_names(text, map);
        let mut decoded = Layer::percent_decoded(text, map);
        for _ in 0..MAX_DECODED {
            let Some(layer) = decoded else {
                return;
            };
            if !self.mask_nested(&layer, nested + 1) {
                self.mask_names(&layer.text, layer.map());
            }
            decoded = Layer::percent_decoded(&layer.text, layer.map());
        }
    }

    fn mask_names(&mut self, text: &str, map: Map<'_>) {
        let people = self.has_people();
        let Self {
            masker,
            pieces,
            subjects,
            ..
        } = self;
        let mut replace = |label: Label, value: &str, range: Range<usize>| {
            if let Some(token) = masker.mask(label, value) {
                pieces.replace(map.raw_range(range), token, "");
            }
        };
        subjects.each_in(text, |subject, range| {
            replace(subject.label, &subject.value, range);
        });
        if subjects.has_odd_spellings(text.as_bytes()) {
            subjects.each_host_in(text, |subject, range| {
                replace(subject.label, &subject.value, range);
            });
        }
        if text.contains(['=', '"', '\'']) {
            assignment::each_in(text, |label, range| {
                if self.scope.masks(label) {
                    replace(label, &text[range.clone()], range);
                }
            });
        }
        if people {
            mail::each_in(text, |range| {
                replace(Label::User, &text[range.clone()], range);
            });
            self.mask_arns(text, map);
        }
    }

    fn mask_arns(&mut self, text: &str, map: Map<'_>) {
        for at in memmem::find_iter(text.as_bytes(), "arn:") {
            let Some(arn) = arn_at(text, at).filter(|_| is_border(text, at)) else {
                continue;
            };
            if let Who::Person(name) = arn.who
                && let Some(token) = self.masker.mask(Label::User, &text[name.clone()])
            {
                self.pieces.replace(map.raw_range(name), token, "");
            }
            self.pieces.keep(map.raw_range(arn.kept));
        }
    }

    /// Masks the JSON that a text holds; `false` where it holds none.
    fn mask_nested(&mut self, layer: &Layer, nested: usize) -> bool {
        if nested > MAX_NESTED || !layer.text.trim_ascii_start().starts_with(['{', '[']) {
            return false;
        }
        let mut record = Record::default();
        if record.scan(layer.text.as_bytes(), &self.watched).is_err() {
            return false;
        }
        let facts = learn_types(&layer.text, &record);
        let around = Around {
            map: layer.map(),
            facts: &facts,
            nested,
        };
        self.mask_json(&layer.text, &record, around)
    }
}

fn is_border(text: &str, at: usize) -> bool {
    !text[..at].bytes().next_back().is_some_and(is_word_byte)
}
