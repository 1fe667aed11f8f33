//! The document that holds the mask key, in a secret or a file.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;

/// The least a key may have: HMAC-SHA256 is no stronger than its key.
const KEY_BYTES: usize = 32;

const NOT_AN_OBJECT: &str =
    "is not a JSON object such as {\"key_id\":\"k1\",\"key\":\"<base64, 32 bytes or more>\"}";
const NOT_JSON: &str = "is not well-formed JSON";
const NAMED_TWICE: &str = "names key_id, key or previous twice";

/// One mask key with its id.
///
/// `Debug` shows the id only. The bytes are overwritten on drop, as far as
/// that can be done without unsafe code.
#[derive(Clone, PartialEq, Eq)]
pub struct MaskKey {
    id: String,
    bytes: Vec<u8>,
}

/// The mask key in use and those before it.
///
/// Ids are 1 to 64 of `A-Z a-z 0-9 _ . -` and differ from one another. In a
/// token `pii-<key_id>-<hex>` the last `-` ends the id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaskKeys {
    /// The key tokens are made with.
    pub current: MaskKey,
    /// Earlier keys, for look-ups of tokens made before a rotation.
    pub previous: Vec<MaskKey>,
}

/// What is wrong with a mask key document.
///
/// `Display`: the place (`key`, `previous[0].key_id`, or `document`) and what
/// is wrong there; never any of the content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct KeyProblem {
    /// Where in the document.
    pub place: String,
    /// What is wrong there.
    pub what: &'static str,
}

impl MaskKey {
    /// The id, as it stands in tokens.
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

impl Drop for MaskKey {
    fn drop(&mut self) {
        self.bytes.fill(0);
        // Without a reader the compiler may leave the overwriting out.
        std::hint::black_box(&self.bytes);
    }
}

/// The members as they stand in the text: nothing of a key is copied before
/// it is decoded, and no message of the JSON reader, which quotes values, is
/// passed on.
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
    /// Base64 is of the standard alphabet, with padding or without. `previous`
    /// may be missing or `null`; other members are ignored.
    ///
    /// # Errors
    /// The first thing that is wrong, by its place and without its content.
    pub fn parse(json: &[u8]) -> Result<Self, KeyProblem> {
        let members = members(json, "")?;
        let current = mask_key(&members, "")?;
        let mut keys = Self {
            current,
            previous: Vec::new(),
        };
        let Some(previous) = members.previous else {
            return Ok(keys);
        };
        let entries: Vec<&RawValue> = serde_json::from_str(previous.get())
            .map_err(|_| problem("previous", "is not an array"))?;
        for (at, entry) in entries.iter().enumerate() {
            let place = format!("previous[{at}]");
            let key = mask_key(&members_of(entry, &place)?, &format!("{place}."))?;
            let taken = |known: &MaskKey| known.id == key.id;
            if taken(&keys.current) || keys.previous.iter().any(taken) {
                return Err(problem(
                    format!("{place}.key_id"),
                    "is the id of another key in this document",
                ));
            }
            keys.previous.push(key);
        }
        Ok(keys)
    }
}

fn problem(place: impl Into<String>, what: &'static str) -> KeyProblem {
    let place = place.into();
    KeyProblem { place, what }
}

fn members<'a>(json: &'a [u8], place: &str) -> Result<Members<'a>, KeyProblem> {
    let place = if place.is_empty() { "document" } else { place };
    // Checked first, since the derived reader takes an array of three as well.
    if !json.trim_ascii_start().starts_with(b"{") {
        return Err(problem(place, NOT_AN_OBJECT));
    }
    serde_json::from_slice(json).map_err(|error| {
        let twice = error.classify() == serde_json::error::Category::Data;
        problem(place, if twice { NAMED_TWICE } else { NOT_JSON })
    })
}

fn members_of<'a>(entry: &'a RawValue, place: &str) -> Result<Members<'a>, KeyProblem> {
    members(entry.get().as_bytes(), place)
}

fn mask_key(members: &Members<'_>, at: &str) -> Result<MaskKey, KeyProblem> {
    let id_place = format!("{at}key_id");
    let id = string(members.key_id, &id_place)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
    if id.is_empty() || id.len() > 64 || !id.bytes().all(plain) {
        return Err(problem(
            id_place,
            "is not 1 to 64 letters, digits, dots, dashes and underscores",
        ));
    }
    let key_place = format!("{at}key");
    let text = string(members.key, &key_place)?;
    let key = MaskKey {
        id: id.into_owned(),
        bytes: decoded(&text)
            .ok_or_else(|| problem(&*key_place, "is not base64 in the standard alphabet"))?,
    };
    if key.bytes.len() < KEY_BYTES {
        return Err(problem(key_place, "has fewer than 32 bytes"));
    }
    Ok(key)
}

/// The text of a JSON string; borrowed unless it has escapes.
fn string<'a>(value: Option<&'a RawValue>, place: &str) -> Result<Cow<'a, str>, KeyProblem> {
    #[derive(Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

    let value = value.ok_or_else(|| problem(place, "is missing"))?;
    let text: Text<'_> =
        serde_json::from_str(value.get()).map_err(|_| problem(place, "is not a string"))?;
    Ok(text.0)
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    let alphabet = if text.ends_with('=') {
        base64_simd::STANDARD
    } else {
        base64_simd::STANDARD_NO_PAD
    };
    alphabet.decode_to_vec(text).ok()
}

#[cfg(test)]
mod tests {
    use super::MaskKeys;

    /// 32 and 31 bytes in base64.
    const KEY: &str = "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=";
    const SHORT: &str = "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZw==";

    fn parse(json: &str) -> Result<MaskKeys, String> {
        MaskKeys::parse(json.as_bytes()).map_err(|problem| problem.to_string())
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
    fn problems_name_the_place_and_never_the_content() {
        let good = format!(r#""key_id":"k1","key":"{KEY}""#);
        let long = "x".repeat(65);
        for (json, expected) in [
            (KEY.to_owned(), "document: is not a JSON object such as"),
            (String::new(), "document: is not a JSON object such as"),
            (
                format!("{{{good}}} q83v"),
                "document: is not well-formed JSON",
            ),
            (format!("{{{good}"), "document: is not well-formed JSON"),
            (
                r#"["k1","q83v",null]"#.to_owned(),
                "document: is not a JSON object",
            ),
            (format!("\"{KEY}\""), "document: is not a JSON object"),
            (
                format!(r#"{{{good},"key":"{KEY}"}}"#),
                "document: names key_id, key or previous twice",
            ),
            (format!(r#"{{"key":"{KEY}"}}"#), "key_id: is missing"),
            (
                format!(r#"{{"key_id":7,"key":"{KEY}"}}"#),
                "key_id: is not a string",
            ),
            (
                format!(r#"{{"key_id":" ","key":"{KEY}"}}"#),
                "key_id: is not 1 to 64 letters",
            ),
            (
                format!(r#"{{"key_id":"","key":"{KEY}"}}"#),
                "key_id: is not 1 to 64 letters",
            ),
            (
                format!(r#"{{"key_id":"{long}","key":"{KEY}"}}"#),
                "key_id: is not 1 to 64",
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
                "previous[0]: is not a JSON object",
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
            let problem = parse(&json).unwrap_err();
            assert!(problem.starts_with(expected), "{problem}");
            assert!(!problem.contains("q83v"), "{problem}");
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
