//! Masks records.
//!
//! In scope `keys` only the values of the masked keys are replaced. Scope `record` makes two
//! passes over a record: the first collects the people and hosts it names, the second replaces
//! them wherever they occur. They are recognized by the key of a value ([`place`]), the
//! structure of an ARN ([`arn`]), the form of an email address ([`mail`]), an expression that
//! compares with a name ([`assignment`]); and, in free text, because the same record names them
//! elsewhere ([`subjects`]).

mod arn;
mod assignment;
mod context;
mod decide;
mod hits;
mod hosts;
mod layer;
mod mail;
mod pieces;
mod place;
mod subjects;
mod text;
mod words;

use std::borrow::Cow;
use std::ops::Range;

use cloudtrail::{Field, FieldMatch, KeySet, MatchKind, Record, Span, string_value};

use crate::{Label, Masker, canonical_address};
use arn::Who;
use assignment::Comparisons;
use context::TextContext;
use decide::{Decision, Facts, Names, decide};
use hits::{Found, Search};
use layer::Map;
use pieces::Pieces;
use place::{KEYS, Place};
use subjects::Subjects;

/// Where in a record people and hosts are masked.
enum Scope {
    /// Under keys of these labels.
    Keys(Vec<Label>),
    /// Everywhere.
    Record { people: bool, addresses: bool },
}

impl Scope {
    /// Whether values with this label are masked everywhere.
    fn masks(&self, label: Label) -> bool {
        match *self {
            Self::Record { people, addresses } => match label {
                Label::Ip => addresses,
                Label::User | Label::Message => people,
            },
            Self::Keys(_) => false,
        }
    }
}

/// Masks successive records.
pub struct RecordMasker {
    masker: Masker,
    scope: Scope,
    watched: KeySet,
    pieces: Pieces,
    subjects: Subjects,
    search: Search,
    comparisons: Comparisons,
    /// In the record.
    found: Found,
}

impl RecordMasker {
    /// Masks the values of exactly the keys in `fields`, at any depth. `None` if there are
    /// more keys than can be watched.
    pub fn of_keys(masker: Masker, fields: &[String]) -> Option<Self> {
        let labels = fields.iter().map(|field| Label::of_key(field)).collect();
        let watched = KeySet::new(fields.iter().cloned().zip(0..))?;
        Some(Self::new(masker, Scope::Keys(labels), watched))
    }

    /// Masks people if `fields` has `userName` and addresses if it has `sourceIPAddress`,
    /// wherever they occur in a record, and the values of all other keys in `fields`.
    /// `None` if there are more keys than can be watched.
    pub fn of_record(masker: Masker, fields: &[String]) -> Option<Self> {
        let has = |name: &str| fields.iter().any(|field| field == name);
        let scope = Scope::Record {
            people: has("userName"),
            addresses: has("sourceIPAddress"),
        };
        let is_general = |field: &str| matches!(field, "userName" | "sourceIPAddress");
        let forced = fields.iter().filter(|field| !is_general(field));
        let mut names: Vec<(String, u8)> = forced
            .map(|field| (field.clone(), Place::Forced as u8))
            .collect();
        for (place, keys) in KEYS {
            let free = keys.iter().filter(|key| !has(key) || is_general(key));
            names.extend(free.map(|key| ((*key).to_owned(), *place as u8)));
        }
        let watched = KeySet::new(names)?.with_every_string();
        Some(Self::new(masker, scope, watched))
    }

    fn new(masker: Masker, scope: Scope, watched: KeySet) -> Self {
        Self {
            masker,
            scope,
            watched,
            pieces: Pieces::default(),
            subjects: Subjects::new(),
            search: Search::new(),
            comparisons: Comparisons::new(),
            found: Found::default(),
        }
    }

    /// The keys that a scan must watch for this masker.
    pub fn watched(&self) -> &KeySet {
        &self.watched
    }

    /// The masker of single values.
    pub fn masker(&mut self) -> &mut Masker {
        &mut self.masker
    }

    /// Decides about everything in the record that `record` is a scan of. Returns `false`
    /// if a value cannot be classified: nothing of the record may be sent then.
    pub fn prepare(&mut self, text: &[u8], record: &Record) -> bool {
        self.pieces.clear();
        let Ok(text) = std::str::from_utf8(text) else {
            return false;
        };
        match &self.scope {
            Scope::Keys(_) => self.mask_keys(text, record),
            Scope::Record { .. } => {
                self.subjects.clear();
                let types = Types::of(text, record);
                let names = self.learn(text, record, types);
                let around = TextContext {
                    map: Map::From(0),
                    facts: types.with(&names),
                    nested: 0,
                    is_agent: false,
                };
                self.mask_json(text, record, around)
            }
        }
    }

    /// Appends the masked form of `text[range]`, which starts and ends at the border of a
    /// value or outside of values.
    pub fn write(&self, text: &[u8], range: Range<usize>, out: &mut Vec<u8>) {
        self.pieces.write(text, range, out);
    }

    /// The masked form of the value at `span`.
    pub fn value<'t>(&self, text: &'t [u8], span: Span) -> Cow<'t, [u8]> {
        let range = span.range();
        if !self.pieces.touch(&range) {
            return Cow::Borrowed(&text[range]);
        }
        let mut out = Vec::new();
        self.pieces.write(text, range, &mut out);
        Cow::Owned(out)
    }

    /// Strings and numbers under masked keys get a pseudonym; `true`, `false` and `null`
    /// are kept.
    fn mask_keys(&mut self, text: &str, record: &Record) -> bool {
        let Scope::Keys(labels) = &self.scope else {
            return true;
        };
        for mark in record.matches() {
            let range = mark.span.range();
            let content = match &text.as_bytes()[range.clone()] {
                [b'"', content @ .., b'"'] => content,
                number @ [b'-' | b'0'..=b'9', ..] => number,
                _ => continue,
            };
            let Some(value) = string_value(content) else {
                return false;
            };
            let label = labels[usize::from(mark.number)];
            if let Some(token) = self.masker.mask(label, &value) {
                self.pieces.replace(range, token, "\"");
            }
        }
        true
    }

    /// Collects the people and hosts that the record names: fills the subjects, finds the
    /// ARNs, and returns the names that affect others.
    fn learn(&mut self, text: &str, record: &Record, types: Types) -> Names {
        let mut names = Names::default();
        let is_own = |mark: &FieldMatch| match Place::of(mark.number) {
            Place::Source => true,
            Place::Person => Place::of(mark.parent) == Place::Identity,
            _ => false,
        };
        // Before all others, so that no number of them can use up its slot.
        self.learn_values(text, record, types.with(&names), is_own);
        let mut found = std::mem::take(&mut self.found);
        self.search.fill_arns(text, &mut found);
        self.learn_arns(text, &found, &mut names);
        self.found = found;
        let mut inner = Found::default();
        for mark in record.matches().iter().filter(|mark| mark.escaped) {
            let value = value_of(text, mark);
            self.search.fill_arns(&value, &mut inner);
            self.learn_arns(&value, &inner, &mut names);
        }
        self.learn_values(text, record, types.with(&names), |mark| !is_own(mark));
        names
    }

    /// Collects names from the watched values.
    fn learn_values(
        &mut self,
        text: &str,
        record: &Record,
        facts: Facts<'_>,
        is_wanted: impl Fn(&FieldMatch) -> bool,
    ) {
        for (at, mark) in record.matches().iter().enumerate() {
            let place = Place::of(mark.number);
            let parent = Place::of(mark.parent);
            let is_text = place == Place::Text && parent != Place::Person;
            if is_text || place == Place::Technical || !is_wanted(mark) {
                continue;
            }
            let value = value_of(text, mark);
            if place == Place::Source
                && self.masks(Label::Ip)
                && canonical_address(&value).is_none()
            {
                for host in decide::hosts_of(&value) {
                    self.subjects.add(Label::Ip, host, &mut self.masker);
                }
            }
            let pair = names_person(text, record, at);
            let decision = decide(place, parent, pair, facts, &value);
            let is_alias =
                place == Place::Person && parent == Place::Identity && facts.identity_is_root;
            if let Decision::Masked(label, part) = decision
                && self.masks(label)
                && !is_alias
                && (mark.kind == MatchKind::String || is_number(&value))
            {
                let name = spelled(label, &value[part]);
                self.subjects.add(label, &name, &mut self.masker);
            }
        }
    }

    fn learn_arns(&mut self, text: &str, found: &Found, names: &mut Names) {
        for arn in &found.arns {
            names.learn_arn(text, &arn.who);
            if let Who::Person(name) = &arn.who
                && self.has_people()
            {
                self.subjects
                    .add(Label::User, &text[name.clone()], &mut self.masker);
            }
        }
    }

    fn has_people(&self) -> bool {
        matches!(self.scope, Scope::Record { people: true, .. })
    }

    fn masks(&self, label: Label) -> bool {
        self.scope.masks(label)
    }
}

/// What the record states about the types of its identities, and about the event.
#[derive(Clone, Copy)]
struct Types {
    identity_is_role: bool,
    identity_is_root: bool,
    issuer_is_role: bool,
    is_federation: bool,
}

impl Types {
    fn of(text: &str, record: &Record) -> Self {
        let types = record
            .matches()
            .iter()
            .filter(|mark| Place::of(mark.number) == Place::Type);
        // If a type occurs twice, all copies must state that the name is not a person's.
        let (mut identity, mut issuer) = (Vec::new(), Vec::new());
        for mark in types {
            let value = &text.as_bytes()[mark.span.range()];
            match Place::of(mark.parent) {
                Place::Identity => identity.push(value),
                Place::Issuer => issuer.push(value),
                _ => {}
            }
        }
        let all = |types: &[&[u8]], wanted: &[u8]| {
            !types.is_empty() && types.iter().all(|found| *found == wanted)
        };
        let event_name = record.get(text.as_bytes(), Field::EventName);
        Self {
            identity_is_role: all(&identity, b"\"Role\""),
            identity_is_root: all(&identity, b"\"Root\""),
            issuer_is_role: all(&issuer, b"\"Role\""),
            is_federation: event_name == Some(b"\"GetFederationToken\""),
        }
    }

    fn with(self, names: &Names) -> Facts<'_> {
        Facts {
            identity_is_role: self.identity_is_role,
            identity_is_root: self.identity_is_root,
            issuer_is_role: self.issuer_is_role,
            is_federation: self.is_federation,
            names,
        }
    }
}

/// The maximum number of strings between the name of a key-value pair and its value.
const PAIR: usize = 4;

/// Whether the mark at `at` is the value of a key-value pair whose name, in the same object,
/// indicates a person.
fn names_person(text: &str, record: &Record, at: usize) -> bool {
    let marks = record.matches();
    if Place::of(marks[at].number) != Place::PairValue {
        return false;
    }
    let is_open = |earlier: &FieldMatch, later: &FieldMatch| {
        let between = earlier.span.range().end..later.span.range().start;
        !text.as_bytes()[between]
            .iter()
            .any(|b| matches!(b, b'{' | b'}'))
    };
    let tells = |mark: &&FieldMatch| {
        Place::of(mark.number) == Place::PairName && place::is_person_pair(&value_of(text, mark))
    };
    let before = (at.saturating_sub(PAIR)..at).rev();
    let after = at + 1..marks.len().min(at + 1 + PAIR);
    before
        .map_while(|i| is_open(&marks[i], &marks[i + 1]).then_some(&marks[i]))
        .any(|mark| tells(&mark))
        || after
            .map_while(|i| is_open(&marks[i - 1], &marks[i]).then_some(&marks[i]))
            .any(|mark| tells(&mark))
}

fn is_number(value: &str) -> bool {
    value.starts_with(|c: char| c == '-' || c.is_ascii_digit())
}

/// The decoded name: a person's name may be percent-encoded.
fn spelled(label: Label, value: &str) -> Cow<'_, str> {
    match label {
        Label::User => layer::plain(value),
        Label::Ip | Label::Message => Cow::Borrowed(value),
    }
}

/// The value of a mark: a string without its quotes and escapes, otherwise the text.
fn value_of<'t>(text: &'t str, mark: &FieldMatch) -> Cow<'t, str> {
    let content = content_of(mark);
    if mark.escaped {
        string_value(&text.as_bytes()[content]).unwrap_or_default()
    } else {
        Cow::Borrowed(&text[content])
    }
}

/// The range of the content of a value: that of a string is between its quotes.
fn content_of(mark: &FieldMatch) -> Range<usize> {
    let range = mark.span.range();
    match mark.kind {
        MatchKind::Other => range,
        MatchKind::String | MatchKind::Key => range.start + 1..range.end - 1,
    }
}
