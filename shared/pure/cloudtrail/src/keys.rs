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

/// Buckets of the hash table of names; a power of two, several times [`KeySet::MAX_NAMES`].
const BUCKETS: usize = 4096;

/// Keys whose values a scan reports at any depth, each with a number that the caller chose.
#[derive(Debug, Clone)]
pub struct KeySet {
    names: Vec<(String, u8)>,
    /// By hash of the name: its index in `names` plus one and, above, more of the hash; 0 is free.
    /// Most keys of a record cost no comparison of names.
    buckets: Box<[u32; BUCKETS]>,
    any_case: bool,
    /// Endings of keys in lower case, with the bit of their last bytes and their number.
    endings: Vec<(String, u64, u8)>,
    /// A bit for each hash of the last bytes of an ending.
    tails: u64,
    every_string: bool,
}

impl KeySet {
    /// The number of all keys that are not in the set.
    pub const UNNAMED: u8 = 63;

    /// As a parent: the outermost object.
    pub const ROOT: u8 = 62;

    /// The maximum number of names.
    pub const MAX_NAMES: usize = 1500;

    /// The set of keys with exactly these names. `None` if there are more than
    /// [`KeySet::MAX_NAMES`] or a number is not below [`KeySet::ROOT`].
    pub fn new(names: impl IntoIterator<Item = (String, u8)>) -> Option<Self> {
        let names: Vec<(String, u8)> = names.into_iter().collect();
        if names.len() > Self::MAX_NAMES || names.iter().any(|(_, n)| *n >= Self::ROOT) {
            return None;
        }
        let mut buckets = Box::new([0; BUCKETS]);
        for (index, (name, _)) in names.iter().enumerate() {
            let (mut bucket, tag) = hash(name.as_bytes());
            while buckets[bucket] != 0 {
                bucket = (bucket + 1) % BUCKETS;
            }
            // Below MAX_NAMES, so that it fits.
            buckets[bucket] = tag | (index as u32 + 1);
        }
        Some(Self {
            names,
            buckets,
            any_case: false,
            endings: Vec::new(),
            tails: 0,
            every_string: false,
        })
    }

    /// Matches names in any letter case, and also as the last part of a path or of a prefixed
    /// key: `userIdentity.userName`, `aws:PrincipalTag/Owner`, `tag:Owner`. Other keys match if
    /// they end in one of `endings`, which are in lower case and have at least four bytes.
    #[must_use]
    pub fn in_any_case(self, endings: impl IntoIterator<Item = (String, u8)>) -> Self {
        let endings = endings.into_iter().map(|(ending, number)| {
            let tail = tail(ending.as_bytes());
            (ending, tail, number)
        });
        let endings: Vec<(String, u64, u8)> = endings.collect();
        Self {
            any_case: true,
            tails: endings.iter().fold(0, |all, (_, tail, _)| all | tail),
            endings,
            ..self
        }
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
    pub fn number(&self, key: &[u8]) -> Option<u8> {
        match self.find(key) {
            None if self.any_case => self.part(key),
            found => found,
        }
        .or(self.every_string.then_some(Self::UNNAMED))
    }

    #[inline(always)]
    fn find(&self, key: &[u8]) -> Option<u8> {
        let (mut bucket, tag) = hash(key);
        loop {
            let entry = self.buckets[bucket];
            if entry == 0 {
                return None;
            }
            if entry & TAG == tag {
                let (name, number) = &self.names[(entry & !TAG) as usize - 1];
                let name = name.as_bytes();
                if name == key || self.any_case && name.eq_ignore_ascii_case(key) {
                    return Some(*number);
                }
            }
            bucket = (bucket + 1) % BUCKETS;
        }
    }

    /// The number of the last part of a key that has several, or of its ending.
    #[inline(always)]
    fn part(&self, key: &[u8]) -> Option<u8> {
        if self.tails & tail(key) != 0
            && let Some(number) = self.ending(key)
        {
            return Some(number);
        }
        if has_only_letters(key) {
            return None;
        }
        let at = memchr::memrchr3(b'.', b'/', b':', key)?;
        self.find(&key[at + 1..])
    }

    /// The number of the first ending of `key` that is in the set.
    #[cold]
    fn ending(&self, key: &[u8]) -> Option<u8> {
        let bit = tail(key);
        let ends = |(ending, tail, _): &&(String, u64, u8)| {
            let start = key.len().checked_sub(ending.len());
            let is_end = |start: usize| ending.as_bytes().eq_ignore_ascii_case(&key[start..]);
            *tail == bit && start.is_some_and(is_end)
        };
        let found = self.endings.iter().find(ends);
        found.map(|(_, _, number)| *number)
    }
}

/// One bit for the last four bytes of a key, whatever the case of their letters; 1 for a shorter
/// key.
#[inline(always)]
fn tail(key: &[u8]) -> u64 {
    let last = key.last_chunk().copied().map_or(0, u32::from_le_bytes);
    1 << ((last | CASES).wrapping_mul(0x9E37_79B1) >> 26)
}

/// Whether all bytes are letters or underscores.
#[inline(always)]
fn has_only_letters(key: &[u8]) -> bool {
    // Digits and separators lack this bit.
    const LETTERS: u64 = 0x4040_4040_4040_4040;
    let chunk = |bytes: Option<&[u8; 8]>| bytes.copied().map_or(0, u64::from_le_bytes);
    match key.len() {
        8..=16 => chunk(key.first_chunk()) & chunk(key.last_chunk()) & LETTERS == LETTERS,
        _ => key.iter().fold(0x40, |all, byte| all & byte) != 0,
    }
}

impl Default for KeySet {
    /// The empty set.
    fn default() -> Self {
        Self::new([]).expect("no names are within the limits")
    }
}

/// The bit that distinguishes upper and lower case, in four letters.
const CASES: u32 = 0x2020_2020;

/// The part of a bucket that is not the index of a name.
const TAG: u32 = 0xFFFF_0000;

/// The bucket of a key and its tag, whatever the case of its letters: of its length and its first
/// and last four bytes.
#[inline(always)]
fn hash(key: &[u8]) -> (usize, u32) {
    let word = |bytes: Option<&[u8; 4]>| bytes.copied().map(u32::from_le_bytes);
    let (first, last) = match (word(key.first_chunk()), word(key.last_chunk())) {
        (Some(first), Some(last)) => (first, last),
        _ => (
            key.iter()
                .fold(0, |word, byte| word << 8 | u32::from(*byte)),
            0,
        ),
    };
    let mix = (first | CASES).wrapping_mul(0x85EB_CA6B)
        ^ (last | CASES).wrapping_mul(0xC2B2_AE35).rotate_left(15)
        ^ (key.len() as u32).wrapping_mul(0x27D4_EB2F);
    let mix = mix.wrapping_mul(0x9E37_79B1);
    ((mix >> 20) as usize % BUCKETS, (mix << 4) & TAG)
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
        for other in ["", "key", "key1500", "Key1", "1yek"] {
            assert_eq!(watched.number(other.as_bytes()), None);
        }
        let sources = KeySet::new([("sourceIp".to_owned(), 7)]).unwrap();
        assert_eq!(sources.number(b"SourceIp"), None);
        let sources = sources.in_any_case([("emailaddress".to_owned(), 9)]);
        for key in ["SourceIp", "AWS:sourceIP", "a.b.sourceIp", "x/SOURCEIP"] {
            assert_eq!(sources.number(key.as_bytes()), Some(7), "{key}");
        }
        assert_eq!(sources.number(b"x/sourceIp"), Some(7));
        assert_eq!(sources.number(b"ownerEmailAddress"), Some(9));
        assert_eq!(sources.number(b"a.b/owner_emailaddress"), Some(9));
        for key in ["aws:x", "ipAddress", "sourceIp:", "sourceIps", "xsourceIp"] {
            assert_eq!(sources.number(key.as_bytes()), None, "{key}");
        }
        let watched = watched.with_every_string();
        assert_eq!(watched.number(b"Key1"), Some(KeySet::UNNAMED));
    }

    #[test]
    fn enforces_limits() {
        assert!(KeySet::new([(String::new(), KeySet::ROOT)]).is_none());
        assert!(KeySet::new((0..=KeySet::MAX_NAMES).map(|n| (n.to_string(), 0))).is_none());
        assert_eq!(KeySet::default().number(b""), None);
    }
}
