//! From a value to its pseudonym.

use std::borrow::Cow;
use std::collections::HashMap;

use ahash::RandomState;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::address::{canonical_address, instance_address, is_aws_service};

/// The kind of a value. A name and an address with the same text get different pseudonyms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Label {
    /// A host address.
    Ip,
    /// A person.
    User,
    /// A whole message that could not be parsed as a record.
    Message,
}

impl Label {
    /// The label of the values under a key: [`Label::Ip`] for `sourceIPAddress`, else
    /// [`Label::User`].
    pub fn of_key(key: &str) -> Self {
        if key == "sourceIPAddress" {
            Self::Ip
        } else {
            Self::User
        }
    }

    fn name(self) -> &'static [u8] {
        match self {
            Self::Ip => b"ip",
            Self::User => b"user",
            Self::Message => b"message",
        }
    }
}

/// How pseudonyms are made.
pub enum Method {
    /// The plain SHA-256 digest, 64 lower-case hexadecimal digits. Anyone can reverse it for
    /// IPv4 addresses by trying them all.
    Sha256,
    /// `pii-<key_id>-` and 32 lower-case hexadecimal digits: the first 128 bits of
    /// HMAC-SHA256(key, label, 0x00, value).
    Hmac {
        /// Names the key in the pseudonym, so that it can be found again after a rotation.
        key_id: String,
        /// The key, 32 bytes or more.
        key: Vec<u8>,
    },
}

/// A pseudonym. ASCII without quotes or backslashes, so that it needs no JSON escaping.
pub type Pseudonym = Box<str>;

/// Creates pseudonyms and caches recent ones, since the same people and hosts recur.
pub struct Masker {
    prefix: String,
    /// Initialized with the key; cloned for each value.
    keyed: Option<Hmac<Sha256>>,
    /// By label, then by the value as given: the position of its pseudonym.
    known: [HashMap<Box<str>, usize, RandomState>; 3],
    /// By label. A value that is not masked has none.
    pseudonyms: [Vec<Option<Pseudonym>>; 3],
    /// Of the last value that was too long for the cache.
    long: Option<Pseudonym>,
}

/// Cached pseudonyms per label. A value and its pseudonym use about 200 bytes.
const REMEMBERED: usize = 8192;

/// Longer values are not cached.
const REMEMBERED_LEN: usize = 256;

impl Masker {
    /// Creates pseudonyms by `method`.
    pub fn new(method: Method) -> Self {
        let (prefix, keyed) = match method {
            Method::Sha256 => (String::new(), None),
            Method::Hmac { key_id, key } => {
                let keyed = Hmac::new_from_slice(&key).expect("HMAC takes keys of any length");
                (format!("pii-{key_id}-"), Some(keyed))
            }
        };
        Self {
            prefix,
            keyed,
            known: Default::default(),
            pseudonyms: Default::default(),
            long: None,
        }
    }

    /// The pseudonym of `value`, or `None` if it stays readable: an empty value, a value
    /// already hidden by AWS (`HIDDEN_DUE_TO_SECURITY_REASONS`), and with [`Label::Ip`] the
    /// name of an AWS service.
    pub fn mask(&mut self, label: Label, value: &str) -> Option<&str> {
        if value.len() > REMEMBERED_LEN {
            self.long = self.make(label, value);
            return self.long.as_deref();
        }
        let place = match self.known[label as usize].get(value) {
            Some(place) => *place,
            None => self.remember(label, value),
        };
        self.pseudonyms[label as usize][place].as_deref()
    }

    fn remember(&mut self, label: Label, value: &str) -> usize {
        let pseudonym = self.make(label, value);
        let known = &mut self.known[label as usize];
        let pseudonyms = &mut self.pseudonyms[label as usize];
        if pseudonyms.len() >= REMEMBERED {
            known.clear();
            pseudonyms.clear();
        }
        known.insert(value.into(), pseudonyms.len());
        pseudonyms.push(pseudonym);
        pseudonyms.len() - 1
    }

    /// Whether pseudonyms are made with a key.
    pub fn is_keyed(&self) -> bool {
        self.keyed.is_some()
    }

    fn make(&self, label: Label, value: &str) -> Option<Pseudonym> {
        if value.is_empty() || value.starts_with("HIDDEN_DUE_TO_SECURITY_REASONS") {
            return None;
        }
        let value = match label {
            Label::Ip => match canonical_address(value) {
                Some(address) => address,
                None if is_aws_service(value) => return None,
                None => match instance_address(value) {
                    Some(address) => Cow::Owned(address.to_string()),
                    None => Cow::Borrowed(value),
                },
            },
            Label::User | Label::Message => Cow::Borrowed(value),
        };
        Some(self.digest(label, value.as_bytes()))
    }

    fn digest(&self, label: Label, value: &[u8]) -> Pseudonym {
        let mut text = self.prefix.clone();
        match &self.keyed {
            Some(keyed) => {
                let mut mac = keyed.clone();
                mac.update(label.name());
                mac.update(&[0]);
                mac.update(value);
                push_hex(&mac.finalize().into_bytes()[..16], &mut text);
            }
            None => push_hex(&Sha256::digest(value), &mut text),
        }
        text.into()
    }
}

fn push_hex(bytes: &[u8], out: &mut String) {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    for byte in bytes {
        out.extend([
            DIGITS[usize::from(byte >> 4)],
            DIGITS[usize::from(byte & 15)],
        ]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hmac() -> Masker {
        Masker::new(Method::Hmac {
            key_id: "k1".into(),
            key: vec![7; 32],
        })
    }

    #[test]
    fn keyed_pseudonyms_are_the_first_half_of_a_labelled_hmac() {
        // python3: hmac.new(bytes([7]*32), b"user\0alice", "sha256").hexdigest()[:32]
        let expected = "pii-k1-74b4a4cca96bfb55cc8033e978adfb0b";
        assert_eq!(hmac().mask(Label::User, "alice"), Some(expected));
        // python3: hmac.new(bytes([7]*32), b"ip\x00203.0.113.9", "sha256").hexdigest()[:32]
        let expected = "pii-k1-cb3966b5b2a83b879853511e0411a44c";
        assert_eq!(hmac().mask(Label::Ip, "::ffff:203.0.113.9"), Some(expected));
    }

    #[test]
    fn plain_digests_equal_what_others_compute() {
        let mut masker = Masker::new(Method::Sha256);
        let digest = "2bd806c97f0e00af1a1fc3328fa763a9269723c8db8fac4f93af71db186d6e90";
        assert_eq!(masker.mask(Label::User, "alice"), Some(digest));
        assert_eq!(
            masker.mask(Label::Ip, "2001:DB8::0:1"),
            masker_of("2001:db8::1").as_deref()
        );
    }

    fn masker_of(value: &str) -> Option<String> {
        Masker::new(Method::Sha256)
            .mask(Label::User, value)
            .map(str::to_owned)
    }

    #[test]
    fn what_names_nobody_stays() {
        let mut masker = hmac();
        for label in [Label::Ip, Label::User] {
            assert_eq!(masker.mask(label, ""), None);
            assert_eq!(masker.mask(label, "HIDDEN_DUE_TO_SECURITY_REASONS"), None);
        }
        assert_eq!(masker.mask(Label::Ip, "AWS Internal/42"), None);
        assert_eq!(masker.mask(Label::Ip, "ec2.amazonaws.com"), None);
        assert!(masker.mask(Label::User, "ec2.amazonaws.com").is_some());
        assert!(masker.mask(Label::Ip, "no address at all").is_some());
    }

    #[test]
    fn remembering_changes_no_answer_and_has_a_bound() {
        let mut masker = hmac();
        let long = "x".repeat(1000);
        for i in 0..2 * REMEMBERED {
            let name = format!("user-{i}");
            let first = masker.mask(Label::User, &name).map(str::to_owned);
            assert_eq!(masker.mask(Label::User, &name).map(str::to_owned), first);
            assert!(masker.known[Label::User as usize].len() <= REMEMBERED);
        }
        assert_eq!(
            masker.mask(Label::User, &long).map(str::to_owned),
            hmac().mask(Label::User, &long).map(str::to_owned)
        );
        assert_eq!(masker.mask(Label::User, ""), None);
        assert_ne!(
            masker.mask(Label::User, "a").map(str::to_owned),
            masker.mask(Label::Ip, "a").map(str::to_owned)
        );
    }
}
