//! The people and hosts of one record, and where free text names them.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use memchr::memmem::Finder;

use super::hosts::{self, is_whole_address, with_mapped_prefix};
use super::words::{is_distinct, is_whole_word};
use crate::{Label, Masker, canonical_address};

/// A person or a host of the record.
pub(crate) struct Subject {
    label: Label,
    value: String,
    /// The canonical form of a host.
    host: Option<String>,
    /// Its pseudonym.
    pub(crate) token: String,
    /// The search patterns.
    forms: Vec<Finder<'static>>,
}

/// All people and hosts of a record.
pub(crate) struct Subjects {
    all: Vec<Arc<Subject>>,
    /// The prefixes of IPv6 addresses that represent IPv4 addresses.
    mapped: [Finder<'static>; 2],
    /// Recent ones by label and value, since the same people and hosts recur; `None` if a
    /// value cannot be distinguished from other text.
    known: [HashMap<Box<str>, Option<Arc<Subject>>>; 2],
}

/// Limit of subjects of one record, above what real records have. Values in known fields are
/// masked however many there are.
const MOST: usize = 2048;

/// Cached values per label. A value uses about 600 bytes.
const REMEMBERED: usize = 4096;

impl Subjects {
    pub(crate) fn new() -> Self {
        Self {
            all: Vec::new(),
            mapped: [Finder::new(":ffff:"), Finder::new(":FFFF:")],
            known: Default::default(),
        }
    }

    pub(crate) fn clear(&mut self) {
        self.all.clear();
    }

    /// Adds the person or host that `value` names, if the name can be distinguished from
    /// other text.
    pub(crate) fn add(&mut self, label: Label, value: &str, masker: &mut Masker) {
        if self.all.len() == MOST {
            return;
        }
        let known = &mut self.known[usize::from(label == Label::Ip)];
        let subject = match known.get(value) {
            Some(subject) => subject.clone(),
            None => {
                if known.len() == REMEMBERED {
                    known.clear();
                }
                let subject = Subject::new(label, value, masker).map(Arc::new);
                known.insert(value.into(), subject.clone());
                subject
            }
        };
        if let Some(subject) = subject
            && !self.all.iter().any(|other| Arc::ptr_eq(other, &subject))
        {
            self.all.push(subject);
        }
    }

    fn hosts(&self) -> impl Iterator<Item = &str> {
        self.all
            .iter()
            .filter_map(|subject| subject.host.as_deref())
    }

    /// Whether a text must be searched address by address, because a host has notations
    /// beyond the search patterns.
    pub(crate) fn has_odd_spellings(&self, text: &[u8]) -> bool {
        let is_mapped = || self.mapped.iter().any(|hex| hex.find(text).is_some());
        self.hosts().next().is_some()
            && (self.hosts().any(|host| host.contains(':')) || is_mapped())
    }

    /// Calls `found` with the number of a subject, the offset at which it may be named, and
    /// the length of its name there in bytes.
    pub(crate) fn each_place(&self, text: &str, mut found: impl FnMut(usize, usize, usize)) {
        for (number, subject) in self.all.iter().enumerate() {
            for form in &subject.forms {
                let places = form.find_iter(text.as_bytes());
                places.for_each(|at| found(number, at, form.needle().len()));
            }
        }
    }

    /// The pseudonym of the person with this name, ignoring letter case, as for email
    /// addresses.
    pub(crate) fn alike(&self, name: &str) -> Option<&str> {
        let is_alike = |s: &&Arc<Subject>| s.is_person() && s.value.eq_ignore_ascii_case(name);
        self.all
            .iter()
            .find(is_alike)
            .map(|subject| &*subject.token)
    }

    /// The subject with this number.
    pub(crate) fn get(&self, number: usize) -> &Subject {
        &self.all[number]
    }

    /// The subject with this number, and the part of `text` that names it, if `range` is at
    /// word boundaries.
    pub(crate) fn named(
        &self,
        number: usize,
        text: &str,
        range: Range<usize>,
    ) -> Option<(&Subject, Range<usize>)> {
        let subject: &Subject = &self.all[number];
        match subject.label {
            Label::Ip => {
                is_whole_address(text, &range).then(|| (subject, with_mapped_prefix(text, range)))
            }
            Label::User | Label::Message => is_whole_word(text, &range).then_some((subject, range)),
        }
    }

    /// Calls `found` for each IPv6 address in `text`, in any notation, that is one of the
    /// hosts.
    pub(crate) fn each_host_in(&self, text: &str, mut found: impl FnMut(&Subject, Range<usize>)) {
        hosts::each_candidate(text, |range| {
            let host = canonical_address(&text[range.clone()]);
            let is_host =
                |s: &&Arc<Subject>| host.is_some() && s.host.as_deref() == host.as_deref();
            let subject = self.all.iter().find(is_host);
            subject.inspect(|subject| found(subject, range)).is_some()
        });
    }
}

impl Subject {
    pub(crate) fn is_person(&self) -> bool {
        self.label != Label::Ip
    }

    /// `None` if `value` cannot be distinguished from other text, or is not masked.
    fn new(label: Label, value: &str, masker: &mut Masker) -> Option<Self> {
        let mut forms = vec![value.to_owned()];
        let mut host = None;
        if label != Label::Ip {
            is_distinct(value).then_some(())?;
            // As in URL queries, and as services write names that they accept in any
            // letter case.
            for form in [value.replace(' ', "+"), value.to_lowercase()] {
                if !forms.contains(&form) {
                    forms.push(form);
                }
            }
        } else if let Some(canonical) = canonical_address(value) {
            if *value != *canonical {
                forms.push(canonical.to_string());
            }
            forms.extend(hosts::names(&canonical));
            // A zone identifies an interface of the host.
            let unzoned = canonical.split('%').next().unwrap_or_default();
            host = Some(unzoned.to_owned());
        } else {
            is_like_address(value).then_some(())?;
        }
        let finder = |form: &String| Finder::new(form).into_owned();
        Some(Self {
            label,
            value: value.to_owned(),
            host,
            token: masker.mask(label, value)?.to_owned(),
            forms: forms.iter().map(finder).collect(),
        })
    }
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

    fn found(subjects: &[(Label, &str)], text: &str) -> Vec<String> {
        let mut all = Subjects::new();
        let mut masker = Masker::new(crate::Method::Sha256);
        for (label, value) in subjects {
            all.add(*label, value, &mut masker);
        }
        let mut found = Vec::new();
        all.each_place(text, |number, at, length| {
            let named = all.named(number, text, at..at + length);
            found.extend(named.map(|(_, range)| text[range].to_owned()));
        });
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
}
