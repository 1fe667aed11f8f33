//! Masks records.
//!
//! In scope `keys` only the values of the masked keys are replaced. Scope `record` works in four
//! steps: [collect](crate::collect) who the record names, [detect](crate::detect) where values
//! and texts name them, [resolve](Edits::resolve_overlaps) edits that overlap, and apply them
//! when the record is written.

use std::borrow::Cow;
use std::ops::Range;

use cloudtrail::{KeySet, Record, Span, string_value};

use crate::address::{canonical_address, hosts_in};
use crate::arn::{Arn, ArnFinder, Principal};
use crate::classify::Decision;
use crate::collect::{IdentityContext, Names, Origin};
use crate::decoded_text::{DecodedText, SourceMap, percent_decoded_name};
use crate::descent::Descent;
use crate::detect::Context;
use crate::edits::Edits;
use crate::entities::Entities;
use crate::fields::{self, FieldKind};
use crate::json_text::{JsonText, Value};
use crate::{Label, Masker};

/// Where in a record people and hosts are masked.
enum Scope {
    /// Under keys of these labels.
    Keys(Vec<Label>),
    /// Everywhere.
    Record { people: bool, addresses: bool },
}

/// Masks successive records.
pub struct RecordMasker {
    masker: Masker,
    scope: Scope,
    watched: KeySet,
    finder: ArnFinder,
    entities: Entities,
    edits: Edits,
}

impl RecordMasker {
    /// Masks the values of exactly the keys in `fields`, at any depth. `None` if there are
    /// more keys than can be watched.
    pub fn of_keys(masker: Masker, fields: &[String]) -> Option<Self> {
        let labels = fields.iter().map(|field| Label::of_key(field)).collect();
        let watched = KeySet::new(fields.iter().cloned().zip(0..))?;
        Some(Self::new(masker, Scope::Keys(labels), watched, &[]))
    }

    /// Masks people if `fields` has `userName` and addresses if it has `sourceIPAddress`,
    /// wherever they occur in a record, and the values of all other keys in `fields`.
    /// Nobody is searched for by a name in `own_names`, the names of the deployment's own
    /// resources. `None` if there are more keys than can be watched.
    pub fn of_record(masker: Masker, fields: &[String], own_names: &[String]) -> Option<Self> {
        let has = |name: &str| fields.iter().any(|field| field == name);
        let scope = Scope::Record {
            people: has("userName"),
            addresses: has("sourceIPAddress"),
        };
        let is_general = |field: &str| matches!(field, "userName" | "sourceIPAddress");
        let forced = fields.iter().filter(|field| !is_general(field));
        let watched = fields::key_set(forced.cloned())?;
        Some(Self::new(masker, scope, watched, own_names))
    }

    fn new(masker: Masker, scope: Scope, watched: KeySet, own_names: &[String]) -> Self {
        Self {
            masker,
            scope,
            watched,
            finder: ArnFinder::new(),
            entities: Entities::new(own_names),
            edits: Edits::default(),
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
    /// if a value cannot be decoded: nothing of the record may be sent then.
    pub fn prepare(&mut self, text: &[u8], record: &Record) -> bool {
        self.edits.clear();
        let Ok(text) = std::str::from_utf8(text) else {
            return false;
        };
        let is_complete = match self.scope {
            Scope::Keys(_) => self.mask_keys(text, record),
            Scope::Record { people, addresses } => {
                self.mask_record(text, record, people, addresses)
            }
        };
        self.edits.resolve_overlaps();
        is_complete
    }

    /// Appends the masked form of `text[range]`, which starts and ends at the border of a
    /// value or outside of values.
    pub fn write(&self, text: &[u8], range: Range<usize>, out: &mut Vec<u8>) {
        self.edits.write(text, range, out);
    }

    /// The masked form of the value at `span`.
    pub fn value<'t>(&self, text: &'t [u8], span: Span) -> Cow<'t, [u8]> {
        let range = span.range();
        if !self.edits.touch(&range) {
            return Cow::Borrowed(&text[range]);
        }
        let mut out = Vec::new();
        self.edits.write(text, range, &mut out);
        Cow::Owned(out)
    }

    /// Strings and numbers under masked keys get a pseudonym; `true`, `false` and `null`
    /// are kept.
    fn mask_keys(&mut self, text: &str, record: &Record) -> bool {
        let Scope::Keys(labels) = &self.scope else {
            return true;
        };
        for found in record.matches() {
            let range = found.span.range();
            let content = match &text.as_bytes()[range.clone()] {
                [b'"', content @ .., b'"'] => content,
                number @ [b'-' | b'0'..=b'9', ..] => number,
                _ => continue,
            };
            let Some(value) = string_value(content) else {
                return false;
            };
            let label = labels[usize::from(found.number)];
            if let Some(token) = self.masker.mask(label, &value) {
                self.edits.replace_quoted(range, token, "\"");
            }
        }
        true
    }

    fn mask_record(&mut self, text: &str, record: &Record, people: bool, addresses: bool) -> bool {
        let json = JsonText {
            text,
            record,
            map: SourceMap::Contiguous(0),
            nested: 0,
        };
        let Some(mut values) = json.values(&self.finder) else {
            return false;
        };
        let arns = self.finder.find(text);
        let mut names = Names::default();
        names.add(text, &arns);
        for (decoded, arns) in decoded_values(&values) {
            names.add(&decoded.text, arns);
        }
        let identity = json.identity(&values, &names);
        json.classify(&mut values, identity, &self.watched);
        let mut collector = Collector {
            entities: &mut self.entities,
            masker: &mut self.masker,
            identity,
            people,
            addresses,
        };
        collector.collect(text, &values, &arns);
        let context = Context {
            identity,
            entities: &self.entities,
            keys: &self.watched,
            people,
            addresses,
        };
        let mut descent = Descent {
            finder: &self.finder,
            masker: &mut self.masker,
            edits: &mut self.edits,
        };
        descent.json(json, &values, &arns, context);
        true
    }
}

/// The values with escapes, with their ARNs.
fn decoded_values<'v>(
    values: &'v [Value<'_>],
) -> impl Iterator<Item = (&'v DecodedText, &'v [Arn])> {
    let decoded = values.iter().filter_map(|value| value.decoded.as_deref());
    decoded.map(|(decoded, arns)| (decoded, &arns[..]))
}

/// The source of the event, or the name of the identity.
fn is_own(value: &Value<'_>) -> bool {
    value.kind == FieldKind::SourceAddress
        || value.kind == FieldKind::Person && value.parent == FieldKind::Identity
}

/// Collects the people and hosts that a record names.
struct Collector<'c> {
    entities: &'c mut Entities,
    masker: &'c mut Masker,
    identity: IdentityContext<'c>,
    people: bool,
    addresses: bool,
}

impl Collector<'_> {
    /// Replaces the entities with those that the record names.
    fn collect(&mut self, text: &str, values: &[Value<'_>], arns: &[Arn]) {
        self.entities.clear();
        // Before all others, so that no number of them can use up their place.
        self.add_values(values.iter().filter(|value| is_own(value)));
        self.add_arns(text, arns);
        for (decoded, arns) in decoded_values(values) {
            self.add_arns(&decoded.text, arns);
        }
        self.add_values(values.iter().filter(|value| !is_own(value)));
    }

    /// Adds who the values name.
    fn add_values<'v>(&mut self, values: impl Iterator<Item = &'v Value<'v>>) {
        for value in values {
            let text = value.text();
            if value.kind == FieldKind::SourceAddress
                && self.addresses
                && canonical_address(text).is_none()
            {
                for host in hosts_in(text).0 {
                    self.entities.add_host(&text[host], self.masker);
                }
            }
            let is_alias = is_own(value) && self.identity.identity_is_root;
            match &value.decision {
                Decision::Masked(Label::Ip, part) if self.addresses => {
                    self.entities.add_host(&text[part.clone()], self.masker);
                }
                Decision::Masked(Label::User, part) if self.people && !is_alias => {
                    let name = percent_decoded_name(&text[part.clone()]);
                    let origin = self.identity.origin_of(value.kind, value.parent);
                    self.entities.add_person(&name, origin, self.masker);
                }
                _ => {}
            }
        }
    }

    /// Adds the principals of ARNs of `text`.
    fn add_arns(&mut self, text: &str, arns: &[Arn]) {
        for arn in arns.iter().filter(|_| self.people) {
            if let Principal::User(name) | Principal::Session(name) = &arn.principal {
                // A name that an identity provider chose is also in the principal id.
                let origin = match arn.principal {
                    Principal::Session(_) => Origin::Caller,
                    _ => Origin::Account,
                };
                let name = percent_decoded_name(&text[name.clone()]);
                self.entities.add_person(&name, origin, self.masker);
            }
        }
    }
}
