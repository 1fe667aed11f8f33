//! Masks the values of a JSON text, and names in free text.

use std::ops::Range;

use super::arn::Who;
use super::context::TextContext;
use super::decide::{Decision, decide};
use super::hits::{Found, Hit, Hits, What};
use super::layer::{Layer, Map};
use super::place::{Place, is_known_key};
use super::{RecordMasker, Types, content_of, is_number, mail, names_person, spelled};
use crate::Label;
use cloudtrail::{FieldMatch, MatchKind, Record};

/// Maximum depth of JSON inside strings. Deeper JSON is free text.
const MAX_NESTED: usize = 4;

/// Maximum number of decoding passes over a text: percent-encoding, escapes outside JSON.
const MAX_DECODED: usize = 8;

impl RecordMasker {
    /// Decides about all values of `text`, which `record` is a scan of. Returns `false` if
    /// one cannot be classified.
    pub(super) fn mask_json(
        &mut self,
        text: &str,
        record: &Record,
        around: TextContext<'_>,
    ) -> bool {
        let mut found = std::mem::take(&mut self.found);
        if around.nested > 0 {
            self.search.fill_arns(text, &mut found);
        }
        self.search.fill(text, &self.subjects, &mut found);
        let arns = &found.arns[..];
        let mut rest = &found.hits[..];
        let mut judged = true;
        // The end of the previous value.
        let mut done = 0;
        for (at, mark) in record.matches().iter().enumerate() {
            let range = mark.span.range();
            if rest.first().is_some_and(|hit| hit.at < range.start) {
                let keys = rest.partition_point(|hit| hit.at < range.start);
                self.mask_between(text, done..range.start, &rest[..keys], around);
                rest = &rest[keys..];
            }
            done = range.end;
            let here = rest.iter().take_while(|hit| hit.at < range.end).count();
            let is_plain = here == 0 && !mark.escaped;
            if is_plain && matches!(Place::of(mark.number), Place::Text | Place::Technical) {
                continue;
            }
            let hits = Hits {
                all: &rest[..here],
                arns,
                base: content_of(mark).start,
                end: content_of(mark).end,
            };
            rest = &rest[here..];
            let first = self.pieces.len();
            let pair = || names_person(text, record, at);
            judged &= self.mask_value(text, mark, around, pair, hits);
            self.pieces.settle(first);
        }
        self.mask_between(text, done..text.len(), rest, around);
        self.found = found;
        judged
    }

    /// Masks names, at `hits`, in keys of objects and in numbers of `between`, which
    /// contains no other value: every string in it is a key.
    fn mask_between(
        &mut self,
        text: &str,
        between: Range<usize>,
        hits: &[Hit],
        around: TextContext<'_>,
    ) {
        if hits.is_empty() {
            return;
        }
        let mut at = between.start;
        let mut rest = hits;
        while let Some(open) = memchr::memchr(b'"', &text.as_bytes()[at..between.end]) {
            let start = at + open + 1;
            rest = self.mask_numbers(text, at..start - 1, rest, around);
            let Some(length) = string_len(&text.as_bytes()[start..between.end]) else {
                return;
            };
            let key = start..start + length;
            at = key.end + 1;
            let inside = rest.partition_point(|hit| hit.at < at);
            let (here, behind) = rest.split_at(inside);
            rest = behind;
            // A key with escapes has its own mark.
            let is_escaped = memchr::memchr(b'\\', &text.as_bytes()[key.clone()]).is_some();
            if !here.is_empty() && !is_escaped && !is_known_key(&text[key.clone()]) {
                let first = self.pieces.len();
                let map = around.map.shifted(key.start);
                self.mask_layer(&text[key], around.at(map));
                self.pieces.settle(first);
            }
            if rest.is_empty() {
                return;
            }
        }
        self.mask_numbers(text, at..between.end, rest, around);
    }

    /// Masks the numbers in `between` that are names of subjects. Returns the hits after
    /// it.
    fn mask_numbers<'h>(
        &mut self,
        text: &str,
        between: Range<usize>,
        hits: &'h [Hit],
        around: TextContext<'_>,
    ) -> &'h [Hit] {
        let (here, behind) = hits.split_at(hits.partition_point(|hit| hit.at < between.end));
        for hit in here {
            let What::Subject(number, length) = hit.what else {
                continue;
            };
            let end = hit.at + length;
            let is_part = |byte: Option<&u8>| {
                byte.is_some_and(|b| b.is_ascii_alphanumeric() || b"+-.\"".contains(b))
            };
            let bytes = text.as_bytes();
            let is_whole = !is_part(bytes[..hit.at].last()) && !is_part(bytes.get(end));
            if is_whole
                && hit.at >= between.start
                && end <= between.end
                && is_number(&text[hit.at..end])
            {
                let raw = around.map.raw_range(hit.at..end);
                let token = &self.subjects.get(number).token;
                self.pieces.replace(raw, token, around.map.quote());
            }
        }
        behind
    }

    /// Decides about one value with its `hits`.
    fn mask_value(
        &mut self,
        text: &str,
        mark: &FieldMatch,
        around: TextContext<'_>,
        pair: impl Fn() -> bool,
        hits: Hits<'_>,
    ) -> bool {
        let place = Place::of(mark.number);
        let parent = match Place::of(mark.parent) {
            Place::Root if around.nested > 0 => Place::Text,
            parent => parent,
        };
        let around = TextContext {
            is_agent: place == Place::Agent,
            ..around
        };
        let content = content_of(mark);
        let pair = place == Place::PairValue && pair();
        let decide = |value: &str| decide(place, parent, pair, around.facts, value);
        if mark.escaped {
            let Some(layer) = Layer::unescaped(text, content, around.map) else {
                return false;
            };
            let decision = decide(&layer.text);
            let is_text = self.replace_part(&decision, place, &layer.text, layer.map());
            let is_json = decision == Decision::Text && self.mask_nested(&layer, around);
            if is_text && !is_json {
                self.mask_layer(&layer.text, around.at(layer.map()));
            }
            return true;
        }
        let value = &text[content.clone()];
        let decision = decide(value);
        if mark.kind != MatchKind::Other {
            let map = around.map.shifted(content.start);
            let is_text = self.replace_part(&decision, place, value, map);
            if is_text && !hits.all.is_empty() {
                self.mask_text(value, hits, around.at(map));
            }
        } else if is_number(value)
            && let Decision::Masked(label, _) = decision
            && (self.masks(label) || place == Place::Forced)
            && let Some(token) = self.masker.mask(label, value)
        {
            let raw = around.map.raw_range(content);
            self.pieces.replace(raw, token, around.map.quote());
        }
        true
    }

    /// Replaces the part of `value` that its place requires to be masked. Returns whether
    /// the rest is free text.
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
                let named = &value[part.clone()];
                let name = match place {
                    Place::Forced => named.into(),
                    _ => spelled(*label, named),
                };
                let Some(token) = self.masker.mask(*label, &name) else {
                    return true;
                };
                self.pieces.replace(map.raw_range(part.clone()), token, "");
                *part != (0..value.len())
            }
            Decision::Masked(..) | Decision::Text => true,
        }
    }

    /// Masks names in a text that is not stored verbatim in the record.
    fn mask_layer(&mut self, text: &str, around: TextContext<'_>) {
        let found = self.find(text);
        self.mask_text(text, found.hits(), around);
    }

    fn find(&self, text: &str) -> Found {
        let mut found = Found::default();
        self.search.fill_arns(text, &mut found);
        self.search.fill(text, &self.subjects, &mut found);
        found
    }

    /// Masks names in free text, as written and after decoding.
    fn mask_text(&mut self, text: &str, hits: Hits<'_>, around: TextContext<'_>) {
        self.mask_names(text, hits, around);
        let is_spelled = |b| memchr::memchr(b, text.as_bytes()).is_some();
        if !hits.have(What::Percent) && !is_spelled(b'\\') {
            return;
        }
        let mut decoded = Layer::decoded(text, around.map);
        for _ in 0..MAX_DECODED {
            let Some(layer) = decoded else {
                return;
            };
            if !self.mask_nested(&layer, around) {
                let found = self.find(&layer.text);
                self.mask_names(&layer.text, found.hits(), around.at(layer.map()));
            }
            decoded = Layer::decoded(&layer.text, layer.map());
        }
    }

    /// Masks the names at `hits`, the hosts and the compared values of `text`.
    fn mask_names(&mut self, text: &str, hits: Hits<'_>, around: TextContext<'_>) {
        let map = around.map;
        let people = self.has_people();
        // The range of the name of the last ARN.
        let mut taken = 0..0;
        for (at, what) in hits.each() {
            match what {
                What::Arn(number) if people => {
                    let arn = &hits.arns[number];
                    // Its offsets refer to the text of the hits.
                    let moved =
                        |range: &Range<usize>| range.start - hits.base..range.end - hits.base;
                    if let Who::Person(name) = &arn.who {
                        taken = moved(name);
                        self.replace(Label::User, text, taken.clone(), map);
                    }
                    if let Who::Role(name) | Who::Machine(name) = &arn.who {
                        self.pieces.keep(map.raw_range(moved(name)));
                    }
                    self.pieces.keep(map.raw_range(moved(&arn.kept)));
                }
                What::Mail if people => self.mask_mail(text, at, hits, map),
                What::Subject(number, length) => {
                    // The structure of an ARN has decided already.
                    let is_told = taken.contains(&at);
                    if !is_told
                        && let Some((subject, range)) =
                            self.subjects.named(number, text, at..at + length)
                        && !(subject.is_person() && around.is_other_name(text, &range))
                    {
                        self.pieces
                            .replace(map.raw_range(range), &subject.token, "");
                    }
                }
                What::Arn(_) | What::Mail | What::Percent | What::Compare | What::Colon => {}
            }
        }
        self.mask_hosts_and_comparisons(text, hits, map);
    }

    /// Replaces `range` of `text` if values with this label are masked.
    fn replace(&mut self, label: Label, text: &str, range: Range<usize>, map: Map<'_>) {
        if let Some(token) = self.masker.mask(label, &text[range.clone()]) {
            self.pieces.replace(map.raw_range(range), token, "");
        }
    }

    /// Masks the email address around the `@` at `at`, unless it belongs to a known name.
    fn mask_mail(&mut self, text: &str, at: usize, hits: Hits<'_>, map: Map<'_>) {
        let is_subject = |(start, what): (usize, What)| match what {
            What::Subject(number, length) => {
                let range = start..start + length;
                range.contains(&at) && self.subjects.named(number, text, range).is_some()
            }
            _ => false,
        };
        if hits.near(at).any(is_subject) {
            return;
        }
        if let Some(range) = mail::around(text, at) {
            match self.subjects.alike(&text[range.clone()]) {
                Some(token) => self.pieces.replace(map.raw_range(range), token, ""),
                None => self.replace(Label::User, text, range, map),
            }
        }
    }

    fn mask_hosts_and_comparisons(&mut self, text: &str, hits: Hits<'_>, map: Map<'_>) {
        let Self {
            masker,
            pieces,
            subjects,
            scope,
            comparisons,
            ..
        } = self;
        if hits.have(What::Colon) {
            subjects.each_host_in(text, |subject, range| {
                pieces.replace(map.raw_range(range), &subject.token, "");
            });
        }
        if memchr::memchr3(b'=', b'"', b'\'', text.as_bytes()).is_some() {
            comparisons.each_in(text, |label, range| {
                if scope.masks(label)
                    && let Some(token) = masker.mask(label, &text[range.clone()])
                {
                    pieces.replace(map.raw_range(range), token, "");
                }
            });
        }
    }

    /// Masks JSON inside a text; `false` if it contains none.
    fn mask_nested(&mut self, layer: &Layer, around: TextContext<'_>) -> bool {
        let nested = around.nested + 1;
        let is_json = layer.text.trim_ascii_start().starts_with(['{', '[', '"']);
        if nested > MAX_NESTED || !is_json {
            return false;
        }
        let mut record = Record::default();
        if record.scan(layer.text.as_bytes(), &self.watched).is_err() {
            return false;
        }
        let around = TextContext {
            map: layer.map(),
            facts: Types::of(&layer.text, &record).with(around.facts.names),
            nested,
            is_agent: around.is_agent,
        };
        self.mask_json(&layer.text, &record, around)
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
