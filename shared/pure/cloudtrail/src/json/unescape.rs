//! The content of JSON strings without escapes.

use std::borrow::Cow;

use super::escape::{Scratch, unescape_one};
use super::string::next_special;
#[cfg(target_arch = "x86_64")]
use super::unescape_simd::unescape_simd;
use crate::error::JsonError;

/// Replaces the content of `scratch` with the unescaped content of the string that begins at
/// `at`, and returns the offset of its closing quote.
///
/// An unpaired UTF-16 surrogate, which UTF-8 cannot represent, stays escaped.
///
/// # Errors
/// An unknown escape, an unescaped control character, or no closing quote.
pub fn unescape(text: &[u8], at: usize, scratch: &mut Scratch) -> Result<usize, JsonError> {
    scratch.clear();
    let at = unescape_simd(text, at, scratch);
    unescape_runs(text, at, scratch)
}

/// The value of a JSON string with this content between its quotes; `None` if the content is not
/// valid. An unpaired UTF-16 surrogate stays escaped.
pub fn string_value(content: &[u8]) -> Option<Cow<'_, str>> {
    if memchr::memchr(b'\\', content).is_none() {
        return std::str::from_utf8(content).ok().map(Cow::Borrowed);
    }
    let mut scratch = Scratch::default();
    let mut at = 0;
    loop {
        let end = next_special(content, at);
        scratch.push(&content[at..end]);
        match content.get(end) {
            None => break,
            Some(b'\\') => at = unescape_one(content, end, &mut scratch).ok()?,
            Some(_) => return None,
        }
    }
    String::from_utf8(scratch.into_bytes()).ok().map(Cow::Owned)
}

/// Unescapes run by run, up to the closing quote.
fn unescape_runs(text: &[u8], mut at: usize, scratch: &mut Scratch) -> Result<usize, JsonError> {
    loop {
        let end = next_special(text, at);
        scratch.push(&text[at..end]);
        match text.get(end) {
            Some(b'"') => return Ok(end),
            Some(b'\\') => at = unescape_one(text, end, scratch)?,
            _ => return Err(JsonError::here(text, end)),
        }
    }
}

/// Other processors unescape run by run.
#[cfg(not(target_arch = "x86_64"))]
fn unescape_simd(_text: &[u8], at: usize, _scratch: &mut Scratch) -> usize {
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unescaped(content: &str) -> Result<(String, usize), JsonError> {
        let mut scratch = Scratch::default();
        let end = unescape(content.as_bytes(), 0, &mut scratch)?;
        Ok((String::from_utf8(scratch.as_bytes().to_vec()).unwrap(), end))
    }

    #[test]
    fn agrees_with_serde_json_on_runs_of_backslashes_at_every_offset() {
        for lead in 0..40 {
            for run in 0..20 {
                for tail in [
                    "",
                    "/",
                    "n",
                    "u0041",
                    "\"x",
                    "plain text of some length \\\" and on",
                ] {
                    let content = format!("{}{}{tail}\"", "a".repeat(lead), "\\".repeat(run));
                    let whole = format!("\"{content}");
                    let mut read = serde_json::Deserializer::from_str(&whole).into_iter::<String>();
                    let ours = unescaped(&content);
                    match read.next() {
                        Some(Ok(text)) => {
                            assert_eq!(ours, Ok((text, read.byte_offset() - 2)), "{content}")
                        }
                        _ => assert!(ours.is_err(), "{content}"),
                    }
                }
            }
        }
    }

    #[test]
    fn keeps_an_unpaired_surrogate_escaped() {
        assert_eq!(unescaped(r#"a\ud800b""#).unwrap().0, r"a\ud800b");
        assert_eq!(
            unescaped(r#"\udc00\ud83d\ude00""#).unwrap().0,
            "\\udc00\u{1F600}"
        );
        assert_eq!(unescaped(r#"\ud800\u0041""#).unwrap().0, r"\ud800A");
    }

    #[test]
    fn rejects_control_characters_and_unknown_escapes() {
        for bad in [
            "a\nb\"",
            "\\x\"",
            "\\u12g4\"",
            "no end",
            "ends in a backslash\\",
            "\\u12",
        ] {
            assert!(unescaped(bad).is_err(), "{bad:?}");
        }
    }
}
