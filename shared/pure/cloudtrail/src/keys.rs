//! The keys that a scan watches, and the values that it finds under them.

use std::ops::Range;

use crate::json::STICKY;

/// Offsets of a value in the scanned text, with the quotes of a string.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    start: u32,
    end: u32,
}

impl Span {
    pub(crate) fn new(start: usize, end: usize) -> Self {
        // `Record::scan` rejects texts whose offsets do not fit.
        Self {
            start: start as u32,
            end: end as u32,
        }
    }

    /// Whether it is the span of a value, not the default.
    pub(crate) fn is_set(self) -> bool {
        self.end > 0
    }

    /// The offsets as a range.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Set in the slots of watched keys; the rest of such a slot is the key's number.
pub(crate) const WATCHED: u8 = STICKY;

/// Buckets of the hash table of names; a power of two.
const BUCKETS: usize = 512;

/// Keys whose values a scan reports at any depth, each with a number that the caller chose.
#[derive(Debug, Clone)]
pub struct KeySet {
    names: Vec<(String, u8)>,
    /// Index in `names` plus one, by hash of the name; 0 is free. Most keys of a record hash to a
    /// free bucket and cost no comparison.
    buckets: Box<[u8; BUCKETS]>,
    every_string: bool,
}

impl KeySet {
    /// The number of all keys that are not in the set.
    pub const UNNAMED: u8 = 63;

    /// As a parent: the outermost object.
    pub const ROOT: u8 = 62;

    /// The maximum number of names.
    pub const MAX_NAMES: usize = 200;

    /// The set of keys with exactly these names. `None` if there are more than [`KeySet::MAX_NAMES`] or a number is not below
    /// [`KeySet::ROOT`].
    pub fn new(names: impl IntoIterator<Item = (String, u8)>) -> Option<Self> {
        let names: Vec<(String, u8)> = names.into_iter().collect();
        if names.len() > Self::MAX_NAMES || names.iter().any(|(_, n)| *n >= Self::ROOT) {
            return None;
        }
        let mut buckets = Box::new([0; BUCKETS]);
        for (place, (name, _)) in names.iter().enumerate() {
            let mut bucket = hash(name.as_bytes());
            while buckets[bucket] != 0 {
                bucket = (bucket + 1) % BUCKETS;
            }
            // Below MAX_NAMES, so that it fits.
            buckets[bucket] = place as u8 + 1;
        }
        Some(Self {
            names,
            buckets,
            every_string: false,
        })
    }

    /// Reports every other string as well, with the number [`KeySet::UNNAMED`], and keys that are
    /// written with escapes.
    #[must_use]
    pub fn with_every_string(self) -> Self {
        Self {
            every_string: true,
            ..self
        }
    }

    #[inline(always)]
    pub(crate) fn has_every_string(&self) -> bool {
        self.every_string
    }

    /// The number of a key; `None` if its value is not reported.
    #[inline(always)]
    pub(crate) fn number(&self, key: &[u8]) -> Option<u8> {
        if key.get(3) == Some(&b':') {
            return self.condition_key(key);
        }
        let mut bucket = hash(key);
        loop {
            let Some(place) = usize::from(self.buckets[bucket]).checked_sub(1) else {
                return self.every_string.then_some(Self::UNNAMED);
            };
            let (name, number) = &self.names[place];
            if name.as_bytes() == key {
                return Some(*number);
            }
            bucket = (bucket + 1) % BUCKETS;
        }
    }

    /// The number of a condition key of IAM (`aws:SourceIp`), which is not case-sensitive.
    #[cold]
    fn condition_key(&self, key: &[u8]) -> Option<u8> {
        let is_key = |(name, _): &&(String, u8)| name.as_bytes().eq_ignore_ascii_case(key);
        let known = self.names.iter().find(is_key).map(|(_, number)| *number);
        known.or(self.every_string.then_some(Self::UNNAMED))
    }
}

impl Default for KeySet {
    /// The empty set.
    fn default() -> Self {
        Self::new([]).expect("no names are within the limits")
    }
}

/// Keys differ in length and in their first and last bytes.
#[inline(always)]
fn hash(key: &[u8]) -> usize {
    let byte = |at: usize| usize::from(key.get(at).copied().unwrap_or(0));
    let last = key.len().wrapping_sub(1);
    let sum = key.len() * 29 + byte(0) * 7 + byte(last) * 13 + byte(key.len() / 2) * 3;
    sum % BUCKETS
}

/// The kind of a [`FieldMatch`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchKind {
    /// A string value.
    String,
    /// A key that is written with escapes.
    Key,
    /// A number or literal.
    Other,
}

/// A value under a watched key or in an array under one, or an escaped key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldMatch {
    /// The value, with its quotes.
    pub span: Span,
    /// The number of its key.
    pub number: u8,
    /// The number of the key of the surrounding object; [`KeySet::ROOT`] for the outermost object.
    pub parent: u8,
    /// Its kind.
    pub kind: MatchKind,
    /// Whether it is a string with escapes.
    pub escaped: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_each_name_and_no_other() {
        let names = (0..KeySet::MAX_NAMES).map(|n| (format!("key{n}"), n as u8 % 60));
        let watched = KeySet::new(names).unwrap();
        for n in 0..KeySet::MAX_NAMES {
            assert_eq!(
                watched.number(format!("key{n}").as_bytes()),
                Some(n as u8 % 60)
            );
        }
        for other in ["", "key", "key200", "Key1", "1yek"] {
            assert_eq!(watched.number(other.as_bytes()), None);
        }
        let conditions = KeySet::new([("aws:SourceIp".to_owned(), 7)]).unwrap();
        assert_eq!(conditions.number(b"AWS:sourceIP"), Some(7));
        assert_eq!(conditions.number(b"aws:x"), None);
        let watched = watched.with_every_string();
        assert_eq!(watched.number(b"Key1"), Some(KeySet::UNNAMED));
    }

    #[test]
    fn enforces_limits() {
        assert!(KeySet::new([(String::new(), KeySet::ROOT)]).is_none());
        assert!(KeySet::new((0..=200).map(|n| (n.to_string(), 0))).is_none());
        assert_eq!(KeySet::default().number(b""), None);
    }
}
