//! Masks the values of a JSON text, and what free text names.

use std::ops::Range;

use super::arn::Who;
use super::decide::{Decision, Facts, decide};
use super::hits::{Found, Hit, Hits, What};
use super::layer::{Layer, Map};
use super::pieces::Pieces;
use super::place::{Place, is_known_key};
use super::{RecordMasker, assignment, content_of, learn_types, mail, names_person};
use crate::Label;
use cloudtrail::{Mark, MarkKind, Record};

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
        let mut found = std::mem::take(&mut self.found);
        if around.nested > 0 {
            self.search.fill_arns(text, &mut found);
        }
        self.search.fill(text, &self.subjects, &mut found);
        let arns = &found.arns[..];
        let mut rest = &found.hits[..];
        let mut judged = true;
        for (at, mark) in record.marks().iter().enumerate() {
            let range = mark.span.range();
            if rest.first().is_some_and(|hit| hit.at < range.start) {
                let keys = rest.partition_point(|hit| hit.at < range.start);
                self.mask_keys_of(text, &rest[..keys], around);
                rest = &rest[keys..];
            }
            let here = rest.iter().take_while(|hit| hit.at < range.end).count();
            let is_plain = here == 0 && !mark.escaped;
            if is_plain && matches!(Place::of(mark.number), Place::Text | Place::Technical) {
                continue;
            }
            let hits = Hits {
                all: &rest[..here],
                arns,
                base: content_of(mark).start,
            };
            rest = &rest[here..];
            let first = self.pieces.len();
            let pair = || names_person(text, record, at);
            judged &= self.mask_value(text, mark, around, pair, hits);
            self.pieces.settle(first);
        }
        self.mask_keys_of(text, rest, around);
        self.found = found;
        judged
    }

    /// Masks what keys of objects name, at `hits`, which are in no value.
    fn mask_keys_of(&mut self, text: &str, hits: &[Hit], around: Around<'_>) {
        let bytes = text.as_bytes();
        let mut done = 0;
        for hit in hits {
            let (Some(open), Some(close)) = (
                memchr::memrchr(b'"', &bytes[..hit.at]),
                memchr::memchr(b'"', &bytes[hit.at..]),
            ) else {
                continue;
            };
            let key = open + 1..hit.at + close;
            let after = bytes.get(key.end + 1..).unwrap_or_default();
            // A key follows a brace or a comma; what lies between two strings follows its quote.
            let before = bytes[..open].trim_ascii_end().last();
            let is_key = after.trim_ascii_start().first() == Some(&b':')
                && matches!(before, Some(b'{' | b','));
            if hit.at < done || !is_key || is_known_key(&text[key.clone()]) {
                continue;
            }
            done = key.end;
            let first = self.pieces.len();
            let map = around.map.shifted(key.start);
            self.mask_layer(&text[key], map, around.nested);
            self.pieces.settle(first);
        }
    }

    /// Decides on one value, in which `hits` are to be looked at.
    fn mask_value(
        &mut self,
        text: &str,
        mark: &Mark,
        around: Around<'_>,
        pair: impl Fn() -> bool,
        hits: Hits<'_>,
    ) -> bool {
        let place = Place::of(mark.number);
        if place == Place::Technical {
            return true;
        }
        let parent = Place::of(mark.parent);
        let content = content_of(mark);
        let pair = place == Place::PairValue && pair();
        let decide = |value: &str| decide(place, parent, pair, around.facts, value);
        if mark.escaped {
            let Some(layer) = Layer::unescaped(text, content, around.map) else {
                return false;
            };
            let decision = decide(&layer.text);
            let is_text = self.replace_part(&decision, place, &layer.text, layer.map());
            let is_json = decision == Decision::Text && self.mask_nested(&layer, around.nested + 1);
            if is_text && !is_json {
                self.mask_layer(&layer.text, layer.map(), around.nested);
            }
            return true;
        }
        let value = &text[content.clone()];
        let decision = decide(value);
        if mark.kind != MarkKind::Other {
            let map = around.map.shifted(content.start);
            let is_text = self.replace_part(&decision, place, value, map);
            if is_text && !hits.all.is_empty() {
                self.mask_text(value, hits, map, around.nested);
            }
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

    /// Replaces the part of `value` that is masked by its place. Returns whether the rest is free
    /// text.
    fn replace_part(
        &mut self,
        decision: &Decision,
        place: Place,
        value: &str,
        map: Map<'_>,
    ) -> bool {
        match decision {
            Decision::Stays => false,
            Decision::Masked(label, part) if self.masks(*label) || place == Place::Forced => {
                let Some(token) = self.masker.mask(*label, &value[part.clone()]) else {
                    return true;
                };
                self.pieces.replace(map.raw_range(part.clone()), token, "");
                *part != (0..value.len())
            }
            Decision::Masked(..) | Decision::Text => true,
        }
    }

    /// Masks what a text names that is not a part of the record as it is spelled.
    fn mask_layer(&mut self, text: &str, map: Map<'_>, nested: usize) {
        let found = self.find(text);
        self.mask_text(text, found.hits(), map, nested);
    }

    fn find(&self, text: &str) -> Found {
        let mut found = Found::default();
        self.search.fill_arns(text, &mut found);
        self.search.fill(text, &self.subjects, &mut found);
        found
    }

    /// Masks what free text names, as it is and with what is percent-encoded in it decoded.
    fn mask_text(&mut self, text: &str, hits: Hits<'_>, map: Map<'_>, nested: usize) {
        self.mask_names(text, hits, map);
        if !hits.have(What::Percent) {
            return;
        }
        let mut decoded = Layer::percent_decoded(text, map);
        for _ in 0..MAX_DECODED {
            let Some(layer) = decoded else {
                return;
            };
            if !self.mask_nested(&layer, nested + 1) {
                let found = self.find(&layer.text);
                self.mask_names(&layer.text, found.hits(), layer.map());
            }
            decoded = Layer::percent_decoded(&layer.text, layer.map());
        }
    }

    fn mask_names(&mut self, text: &str, hits: Hits<'_>, map: Map<'_>) {
        let people = self.has_people();
        let Self {
            masker,
            pieces,
            subjects,
            scope,
            ..
        } = self;
        let mut replace = |pieces: &mut Pieces, label: Label, range: Range<usize>| {
            if let Some(token) = masker.mask(label, &text[range.clone()]) {
                pieces.replace(map.raw_range(range), token, "");
            }
        };
        for (at, what) in hits.each() {
            match what {
                What::Arn(number) if people => {
                    let arn = &hits.arns[number];
                    // Its offsets are those of the text that the hits are of.
                    let moved =
                        |range: &Range<usize>| range.start - hits.base..range.end - hits.base;
                    if let Who::Person(name) = &arn.who {
                        replace(pieces, Label::User, moved(name));
                    }
                    pieces.keep(map.raw_range(moved(&arn.kept)));
                }
                What::Mail if people => {
                    if let Some(range) = mail::around(text, at) {
                        replace(pieces, Label::User, range);
                    }
                }
                What::Subject(number, length) => {
                    if let Some((subject, range)) = subjects.named(number, text, at..at + length) {
                        pieces.replace(map.raw_range(range), &subject.token, "");
                    }
                }
                What::Arn(_) | What::Mail | What::Percent | What::Colon => {}
            }
        }
        if hits.have(What::Colon) {
            subjects.each_host_in(text, |subject, range| {
                pieces.replace(map.raw_range(range), &subject.token, "");
            });
        }
        if memchr::memchr3(b'=', b'"', b'\'', text.as_bytes()).is_some() {
            assignment::each_in(text, |label, range| {
                if scope.masks(label) {
                    replace(pieces, label, range);
                }
            });
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
