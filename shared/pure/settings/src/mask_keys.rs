//! The document that contains the mask keys, in a secret or a file.

use std::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

/// The minimum length of a key in bytes: HMAC-SHA256 is no stronger than its key.
const MIN_KEY_BYTES: usize = 32;

const NOT_AN_OBJECT: &str = "is not valid; use a JSON object such as {\"key_id\":\"k1\",\"key\":\"<base64, 32 bytes or more>\"}";

/// One mask key with its id.
///
/// `Debug` shows the id only. The bytes are overwritten on drop.
#[derive(Clone, PartialEq, Eq)]
pub struct MaskKey {
    id: String,
    bytes: Zeroizing<Vec<u8>>,
}

/// The mask key in use and the keys before it.
///
/// Ids are 1 to 64 of `A-Z a-z 0-9 _ . -` and differ from one another. In a token
/// `pii-<key_id>-<hex>` the last `-` ends the id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaskKeys {
    /// The key with which tokens are made.
    pub current: MaskKey,
    /// Earlier keys, to look up tokens made before a rotation.
    pub previous: Vec<MaskKey>,
}

/// What is wrong with a mask key document.
///
/// `Display`: the location (`key`, `previous[0].key_id`, or `document`) and what is wrong there;
/// never any of the content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{location}: {reason}")]
pub struct KeyDocumentError {
    /// Where in the document.
    pub location: String,
    /// What is wrong there.
    pub reason: &'static str,
}

impl MaskKey {
    /// The id, as it appears in tokens.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key itself: 32 bytes or more.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for MaskKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MaskKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// The members as they are in the text, so that a key is not copied before it is decoded. Messages
/// of the JSON parser quote values and are not passed on.
#[derive(Deserialize)]
struct Members<'a> {
    #[serde(borrow)]
    key_id: Option<&'a RawValue>,
    #[serde(borrow)]
    key: Option<&'a RawValue>,
    #[serde(borrow)]
    previous: Option<&'a RawValue>,
}

impl MaskKeys {
    /// The keys of `{"key_id":"k1","key":"<base64, 32 bytes or more>",
    /// "previous":[{"key_id":…,"key":…}]}`.
    ///
    /// Base64 uses the standard alphabet, with or without padding. `previous` may be missing or
    /// `null`; other members are ignored.
    ///
    /// # Errors
    /// The first thing that is wrong, by its location and without its content.
    pub fn parse(json: &[u8]) -> Result<Self, KeyDocumentError> {
        let members = members(json, "document")?;
        let mut keys = Self {
            current: mask_key(&members, "")?,
            previous: Vec::new(),
        };
        let Some(previous) = members.previous else {
            return Ok(keys);
        };
        let entries: Vec<&RawValue> = serde_json::from_str(previous.get())
            .map_err(|_| error("previous", "is not an array"))?;
        for (at, entry) in entries.iter().enumerate() {
            let location = format!("previous[{at}]");
            let members = self::members(entry.get().as_bytes(), &location)?;
            let key = mask_key(&members, &format!("{location}."))?;
            let same_id = |known: &MaskKey| known.id == key.id;
            if same_id(&keys.current) || keys.previous.iter().any(same_id) {
                return Err(error(
                    format!("{location}.key_id"),
                    "is the id of another key in this document",
                ));
            }
            keys.previous.push(key);
        }
        Ok(keys)
    }
}

fn error(location: impl Into<String>, reason: &'static str) -> KeyDocumentError {
    let location = location.into();
    KeyDocumentError { location, reason }
}

fn members<'a>(json: &'a [u8], location: &str) -> Result<Members<'a>, KeyDocumentError> {
    // Checked first, since the derived parser also accepts an array of three.
    if !json.trim_ascii_start().starts_with(b"{") {
        return Err(error(location, NOT_AN_OBJECT));
    }
    serde_json::from_slice(json).map_err(|wrong| match wrong.classify() {
        serde_json::error::Category::Data => {
            error(location, "has key_id, key or previous more than once")
        }
        _ => error(location, "is not valid JSON"),
    })
}

/// The key of `members`, whose names follow `prefix`.
fn mask_key(members: &Members<'_>, prefix: &str) -> Result<MaskKey, KeyDocumentError> {
    let id_location = format!("{prefix}key_id");
    let id = string(members.key_id, &id_location)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
    if id.is_empty() || id.len() > 64 || !id.bytes().all(plain) {
        let reason = "is not valid; use 1 to 64 letters, digits, periods, hyphens and underscores";
        return Err(error(id_location, reason));
    }
    let key_location = format!("{prefix}key");
    let bytes = decode(&string(members.key, &key_location)?)
        .ok_or_else(|| error(&*key_location, "is not base64 in the standard alphabet"))?;
    if bytes.len() < MIN_KEY_BYTES {
        return Err(error(key_location, "has fewer than 32 bytes"));
    }
    Ok(MaskKey {
        id: id.to_string(),
        bytes,
    })
}

/// The text of a JSON string.
fn string(value: Option<&RawValue>, location: &str) -> Result<Zeroizing<String>, KeyDocumentError> {
    let value = value.ok_or_else(|| error(location, "is missing"))?;
    let text: String =
        serde_json::from_str(value.get()).map_err(|_| error(location, "is not a string"))?;
    Ok(Zeroizing::new(text))
}

fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let alphabet = if text.ends_with('=') {
        base64_simd::STANDARD
    } else {
        base64_simd::STANDARD_NO_PAD
    };
    alphabet.decode_to_vec(text).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::MaskKeys;

    /// 32 and 31 bytes in base64.
    const KEY: &str = "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=";
    const SHORT: &str = "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZw==";

    fn parse(json: &str) -> Result<MaskKeys, String> {
        MaskKeys::parse(json.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_key_is_read_with_padding_without_it_and_with_escaped_slashes() {
        let slash = format!(r"\/{}", &KEY[1..]);
        for key in [KEY, KEY.trim_end_matches('='), &slash] {
            let keys = parse(&format!(r#"{{"key_id":"k-1","key":"{key}","note":1}}"#)).unwrap();
            assert_eq!(keys.current.id(), "k-1");
            assert_eq!(keys.current.bytes().len(), 32);
            assert_eq!(keys.current.bytes()[1..4], [0xcd, 0xef, 0x01]);
            assert!(keys.previous.is_empty());
        }
    }

    /// The CDK app lets Secrets Manager generate 64 letters and digits.
    #[test]
    fn letters_and_digits_in_groups_of_four_are_a_key() {
        let key = "Zz09Aa".repeat(11)[..64].to_owned();
        let keys = parse(&format!(r#"{{"key_id":"k1","key":"{key}"}}"#)).unwrap();
        assert_eq!(keys.current.bytes().len(), 48);
    }

    #[test]
    fn previous_keys_are_kept_in_order() {
        let json = format!(
            r#"{{"key":"{KEY}","key_id":"k3","previous":[{{"key_id":"k2","key":"{KEY}"}},{{"key_id":"k1","key":"{KEY}"}}]}}"#
        );
        let keys = parse(&json).unwrap();
        let ids: Vec<&str> = keys.previous.iter().map(|key| key.id()).collect();
        assert_eq!(ids, ["k2", "k1"]);
        let none = format!(r#"{{"key":"{KEY}","key_id":"k3","previous":null}}"#);
        assert!(parse(&none).unwrap().previous.is_empty());
    }

    #[test]
    fn errors_name_the_location_and_never_the_content() {
        let good = format!(r#""key_id":"k1","key":"{KEY}""#);
        let long = "x".repeat(65);
        for (json, expected) in [
            (
                KEY.to_owned(),
                "document: is not valid; use a JSON object such as",
            ),
            (
                String::new(),
                "document: is not valid; use a JSON object such as",
            ),
            (format!("{{{good}}} q83v"), "document: is not valid JSON"),
            (format!("{{{good}"), "document: is not valid JSON"),
            (
                r#"["k1","q83v",null]"#.to_owned(),
                "document: is not valid; use a JSON object",
            ),
            (
                format!("\"{KEY}\""),
                "document: is not valid; use a JSON object",
            ),
            (
                format!(r#"{{{good},"key":"{KEY}"}}"#),
                "document: has key_id, key or previous more than once",
            ),
            (format!(r#"{{"key":"{KEY}"}}"#), "key_id: is missing"),
            (
                format!(r#"{{"key_id":7,"key":"{KEY}"}}"#),
                "key_id: is not a string",
            ),
            (
                format!(r#"{{"key_id":" ","key":"{KEY}"}}"#),
                "key_id: is not valid; use 1 to 64 letters",
            ),
            (
                format!(r#"{{"key_id":"","key":"{KEY}"}}"#),
                "key_id: is not valid; use 1 to 64 letters",
            ),
            (
                format!(r#"{{"key_id":"{long}","key":"{KEY}"}}"#),
                "key_id: is not valid; use 1 to 64",
            ),
            (r#"{"key_id":"k1"}"#.to_owned(), "key: is missing"),
            (
                r#"{"key_id":"k1","key":null}"#.to_owned(),
                "key: is missing",
            ),
            (
                r#"{"key_id":"k1","key":["q83v"]}"#.to_owned(),
                "key: is not a string",
            ),
            (
                r#"{"key_id":"k1","key":"q83v_-"}"#.to_owned(),
                "key: is not base64",
            ),
            (
                format!(r#"{{"key_id":"k1","key":"{KEY}="}}"#),
                "key: is not base64",
            ),
            (
                format!(r#"{{"key_id":"k1","key":"{SHORT}"}}"#),
                "key: has fewer than 32 bytes",
            ),
            (
                r#"{"key_id":"k1","key":""}"#.to_owned(),
                "key: has fewer than 32 bytes",
            ),
            (
                format!(r#"{{{good},"previous":"q83v"}}"#),
                "previous: is not an array",
            ),
            (
                format!(r#"{{{good},"previous":["q83v"]}}"#),
                "previous[0]: is not valid; use a JSON object",
            ),
            (
                format!(
                    r#"{{{good},"previous":[{{"key_id":"k0","key":"{KEY}"}},{{"key_id":"k9"}}]}}"#
                ),
                "previous[1].key: is missing",
            ),
            (
                format!(r#"{{{good},"previous":[{{"key_id":"k1","key":"{KEY}"}}]}}"#),
                "previous[0].key_id: is the id of another key",
            ),
        ] {
            let error = parse(&json).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
            assert!(!error.contains("q83v"), "{error}");
        }
    }

    #[test]
    fn debug_shows_no_key() {
        let keys = parse(&format!(r#"{{"key_id":"k1","key":"{KEY}"}}"#)).unwrap();
        let shown = format!("{keys:?}");
        assert!(
            shown.contains("\"k1\"") && !shown.contains("171"),
            "{shown}"
        );
    }
}
