//! The people and hosts of one record, and where free text names them.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use ahash::RandomState;
use memchr::memmem::Finder;

use crate::collect::Origin;

use crate::lexicon::{is_common_word, is_vocabulary};
use crate::names::{email_around, is_technical_id, is_whole_word};
use crate::notations::{self, is_whole_address, with_mapped_prefix};
use crate::{Label, Masker, canonical_address};

/// A person or a host of the record.
pub(crate) struct Entity {
    label: Label,
    value: String,
    /// The canonical form of a host.
    host: Option<String>,
    /// Its pseudonym.
    pub(crate) token: String,
    /// Its name stays readable as a part of longer names that are AWS's or the deployment's.
    pub(crate) yields: bool,
    /// The search patterns.
    forms: Vec<Finder<'static>>,
}

/// All people and hosts of a record.
pub(crate) struct Entities {
    all: Vec<Arc<Entity>>,
    /// Names of the deployment's own resources in lower case, sorted: nobody hides them by choosing their name.
    own_names: Vec<String>,
    /// The prefixes of IPv6 addresses that represent IPv4 addresses.
    mapped: [Finder<'static>; 2],
    /// Recent ones by origin of people, then hosts, since the same people and hosts recur;
    /// `None` if a value is not searched for.
    known: [HashMap<Box<str>, Option<Arc<Entity>>, RandomState>; 4],
}

/// Limit of entities of one record, above what real records have. Values in known fields are
/// masked however many there are.
const MOST: usize = 2048;

/// Cached values per origin. A value uses about 600 bytes.
const REMEMBERED: usize = 4096;

impl Entities {
    /// `own_names` may be ARNs or paths, whose last part is then a name too.
    pub(crate) fn new(own_names: &[String]) -> Self {
        let last_part = |name: &String| name.rsplit(['/', ':']).next().map(str::to_owned);
        let mut own_names: Vec<String> = own_names
            .iter()
            .flat_map(|name| [Some(name.clone()), last_part(name)])
            .flatten()
            .map(|name| name.to_ascii_lowercase())
            .collect();
        own_names.sort_unstable();
        Self {
            all: Vec::new(),
            own_names,
            mapped: [Finder::new(":ffff:"), Finder::new(":FFFF:")],
            known: Default::default(),
        }
    }

    pub(crate) fn clear(&mut self) {
        self.all.clear();
    }

    /// Adds the host at this address.
    pub(crate) fn add_host(&mut self, value: &str, masker: &mut Masker) {
        let create = |masker: &mut Masker| Entity::host(value, masker);
        self.add(HOSTS, value, create, masker);
    }

    /// Adds the person with this name, if it is [searched for](Entities::is_searched).
    pub(crate) fn add_person(&mut self, name: &str, origin: Origin, masker: &mut Masker) {
        let index = origin as usize;
        if !self.known[index].contains_key(name) && !self.is_searched(name, origin) {
            self.remember(index, name, None);
        }
        let create = |masker: &mut Masker| Entity::person(name, origin, masker);
        self.add(index, name, create, masker);
    }

    fn add(
        &mut self,
        index: usize,
        value: &str,
        create: impl Fn(&mut Masker) -> Option<Entity>,
        masker: &mut Masker,
    ) {
        if self.all.len() == MOST {
            return;
        }
        let entity = match self.known[index].get(value) {
            Some(entity) => entity.clone(),
            None => self.remember(index, value, create(masker)),
        };
        if let Some(entity) = entity
            && !self.all.iter().any(|other| Arc::ptr_eq(other, &entity))
        {
            self.all.push(entity);
        }
    }

    fn remember(&mut self, index: usize, value: &str, new: Option<Entity>) -> Option<Arc<Entity>> {
        let known = &mut self.known[index];
        if known.len() == REMEMBERED {
            known.clear();
        }
        let entity = new.map(Arc::new);
        known.insert(value.into(), entity.clone());
        entity
    }

    /// Whether a person's name is searched for outside of the fields that hold it.
    ///
    /// Short names, short numbers and common words cannot be distinguished from other text. The other
    /// names that stay readable are those by which a caller could erase evidence: AWS
    /// vocabulary, addresses, numbers and ids that the account does not use as names, names of own
    /// resources. An identity provider's user has not chosen the name for this call, so the
    /// second group does not apply to it, and neither to email addresses.
    fn is_searched(&self, name: &str, origin: Origin) -> bool {
        let digits = name.bytes().filter(u8::is_ascii_digit).count();
        let is_number = digits == name.len();
        let is_distinct = name.chars().count() >= 4
            && !(is_number && (digits < 8 || digits == 12))
            && !is_common_word(name);
        let is_address = || {
            let host = name.split('/').next().unwrap_or_default();
            canonical_address(host).is_some()
        };
        let is_evidence = || {
            is_vocabulary(name)
                || self.is_own(name)
                || is_address()
                || is_technical_id(name)
                || is_number && origin == Origin::Caller
        };
        let is_given = origin == Origin::IdentityProvider || is_email(name);
        is_distinct && (is_given || !is_evidence())
    }

    /// Whether the deployment has a resource of this name, in any letter case.
    pub(crate) fn is_own(&self, name: &str) -> bool {
        self.own_names
            .binary_search(&name.to_ascii_lowercase())
            .is_ok()
    }

    fn hosts(&self) -> impl Iterator<Item = &str> {
        self.all.iter().filter_map(|entity| entity.host.as_deref())
    }

    /// Whether a text must be searched address by address, because a host has notations
    /// beyond the search patterns.
    pub(crate) fn has_unusual_notations(&self, text: &[u8]) -> bool {
        let is_mapped = || self.mapped.iter().any(|hex| hex.find(text).is_some());
        self.hosts().next().is_some()
            && (self.hosts().any(|host| host.contains(':')) || is_mapped())
    }

    /// Calls `found` with each entity and the part of `text` that names it, at the borders of
    /// words.
    pub(crate) fn each_in(&self, text: &str, mut found: impl FnMut(&Entity, Range<usize>)) {
        for entity in &self.all {
            for form in &entity.forms {
                for at in form.find_iter(text.as_bytes()) {
                    let range = at..at + form.needle().len();
                    if let Some(range) = entity.named(text, range) {
                        found(entity, range);
                    }
                }
            }
        }
    }

    /// The pseudonym of the person with this name, ignoring letter case, as for email
    /// addresses.
    pub(crate) fn alike(&self, name: &str) -> Option<&str> {
        let people = || self.all.iter().filter(|entity| entity.is_person());
        let same = people().find(|entity| entity.value == name);
        let alike = || people().find(|entity| entity.value.eq_ignore_ascii_case(name));
        same.or_else(alike).map(|entity| &*entity.token)
    }

    /// Calls `found` for each IPv6 address in `text`, in any notation, that is one of the
    /// hosts.
    pub(crate) fn each_host_in(&self, text: &str, mut found: impl FnMut(&Entity, Range<usize>)) {
        notations::each_candidate(text, |range| {
            let host = canonical_address(&text[range.clone()]);
            let is_host = |e: &&Arc<Entity>| host.is_some() && e.host.as_deref() == host.as_deref();
            let entity = self.all.iter().find(is_host);
            entity.inspect(|entity| found(entity, range)).is_some()
        });
    }
}

/// The index of hosts in the known entities; people have that of their origin.
const HOSTS: usize = 3;

fn is_email(name: &str) -> bool {
    let at = name.find('@');
    at.and_then(|at| email_around(name, at)) == Some(0..name.len())
}

impl Entity {
    pub(crate) fn is_person(&self) -> bool {
        self.label != Label::Ip
    }

    /// The part of `text` that names it, if `range` is at the borders of words.
    fn named(&self, text: &str, range: Range<usize>) -> Option<Range<usize>> {
        if self.is_person() {
            is_whole_word(text, &range).then_some(range)
        } else {
            is_whole_address(text, &range).then(|| with_mapped_prefix(text, range))
        }
    }

    /// `None` if the name is not masked.
    fn person(name: &str, origin: Origin, masker: &mut Masker) -> Option<Self> {
        let mut forms = vec![name.to_owned()];
        // As in URL queries, and as services write names that they accept in any letter case.
        for form in [name.replace(' ', "+"), name.to_lowercase()] {
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
        Some(Self {
            label: Label::User,
            value: name.to_owned(),
            host: None,
            token: masker.mask(Label::User, name)?.to_owned(),
            yields: origin != Origin::IdentityProvider && !is_email(name),
            forms: finders(&forms),
        })
    }

    /// `None` if `value` cannot be distinguished from other text, or is not masked.
    fn host(value: &str, masker: &mut Masker) -> Option<Self> {
        let mut forms = vec![value.to_owned()];
        let mut host = None;
        if let Some(canonical) = canonical_address(value) {
            if *value != *canonical {
                forms.push(canonical.to_string());
            }
            forms.extend(notations::names(&canonical));
            // A zone identifies an interface of the host.
            let unzoned = canonical.split('%').next().unwrap_or_default();
            host = Some(unzoned.to_owned());
        } else {
            is_like_address(value).then_some(())?;
        }
        Some(Self {
            label: Label::Ip,
            value: value.to_owned(),
            host,
            token: masker.mask(Label::Ip, value)?.to_owned(),
            yields: false,
            forms: finders(&forms),
        })
    }
}

fn finders(forms: &[String]) -> Vec<Finder<'static>> {
    let finder = |form: &String| Finder::new(form).into_owned();
    forms.iter().map(finder).collect()
}

/// Digits and dots that look like an address but are not: `172.01.01.001`.
fn is_like_address(value: &str) -> bool {
    value.len() >= 7
        && value.bytes().filter(|b| *b == b'.').count() == 3
        && value.bytes().all(|b| b == b'.' || b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(entities: &[(Label, &str)], text: &str) -> Vec<String> {
        let mut all = Entities::new(&[]);
        let mut masker = Masker::new(crate::Method::Sha256);
        for (label, value) in entities {
            match label {
                Label::Ip => all.add_host(value, &mut masker),
                _ => all.add_person(value, Origin::Account, &mut masker),
            }
        }
        let mut found = Vec::new();
        all.each_in(text, |_, range| found.push(text[range].to_owned()));
        all.each_host_in(text, |_, range| found.push(text[range].to_owned()));
        found.sort();
        found.dedup();
        found
    }

    #[test]
    fn names_are_found_at_borders_only() {
        let bob = [(Label::User, "bobby")];
        assert_eq!(
            found(&bob, "bobby, x-bobby-y bobby2 abobby éa bobby"),
            ["bobby"]
        );
        assert!(found(&bob, "bobbyx xbobby bobby2 ébobby").is_empty());
        assert_eq!(found(&bob, "用户bobby登录"), ["bobby"]);
        assert_eq!(
            found(&[(Label::User, "山田太郎")], "山田太郎さん"),
            ["山田太郎"]
        );
        assert!(found(&[(Label::User, "Иван")], "Иванов").is_empty());
        assert!(found(&[(Label::User, "user")], "the user").is_empty());
    }

    #[test]
    fn names_are_found_as_queries_and_in_small_letters() {
        let john = [(Label::User, "John Smith")];
        let all = found(&john, "John Smith, john smith, u=John+Smith, JOHN SMITH");
        assert_eq!(all, ["John Smith", "John+Smith", "john smith"]);
    }

    #[test]
    fn addresses_are_found_whole_and_in_every_spelling() {
        let v4 = [(Label::Ip, "203.0.113.9")];
        for text in [
            "203.0.113.9",
            "from 203.0.113.9.",
            "[::ffff:203.0.113.9]:443",
            "ip-203-0-113-9.ec2",
            "::FFFF:cb00:7109",
            "0:0:0:0:0:ffff:cb00:7109",
            "9.113.0.203.in-addr.arpa",
            "203.0.113.9.443 > 10",
            "203.0.113.9.2026-01-01.log",
            "ip203.0.113.9",
            "登203.0.113.9登",
        ] {
            assert_eq!(found(&v4, text).len(), 1, "{text}");
        }
        for text in [
            "203.0.113.90",
            "1.203.0.113.9",
            "203.0.113.9.1",
            "v203.0.113.9",
            "1203.0.113.9",
        ] {
            assert!(found(&v4, text).is_empty(), "{text}");
        }
        let v6 = [(Label::Ip, "2001:DB8:0::42")];
        for text in [
            "2001:db8::42",
            "at 2001:0DB8:0000:0000:0000:0000:0000:0042.",
            "[2001:db8::42]:443",
            "2001:db8::42/128",
            "IP:2001:db8::42",
            "source:2001:db8::42:",
            "2001:db8::42:443",
            "2001:db8::42:denied",
            "ip6-2001-db8--42.example",
            "登2001:db8::42登",
        ] {
            assert_eq!(found(&v6, text).len(), 1, "{text}");
        }
        for text in ["2001:db8::421", "a2001:db8::42", "2001:db8::42:1"] {
            assert!(found(&v6, text).is_empty(), "{text}");
        }
    }

    #[test]
    fn nobody_is_searched_for_by_a_name_that_is_evidence() {
        let all = Entities::new(&["acme-ledger".to_owned()]);
        let searched = |name, origin| all.is_searched(name, origin);
        for name in [
            "AdministratorAccess",
            "acme-ledger",
            "GetObject",
            "0.0.0.0",
            "10.0.0.0",
            "1698417000",
            "vpc-0123456789abcdef0",
            "7b0e1f0e-1111-4222-8333-444455556666",
            "prod",
        ] {
            assert!(!searched(name, Origin::Caller), "{name}");
        }
        for name in ["asha", "asha.rao", "admin@acme.example", "acme-notes"] {
            assert!(searched(name, Origin::Caller), "{name}");
        }
        for word in [
            "",
            "x",
            "bob",
            "root",
            "Session",
            "us-east-1",
            "postgres",
            "1234",
            "111122223333",
        ] {
            assert!(!searched(word, Origin::IdentityProvider), "{word}");
        }
        for name in ["GetObject", "108204268033311374519"] {
            assert!(searched(name, Origin::IdentityProvider), "{name}");
        }
        assert!(searched("10020030", Origin::Account));
    }
}
