//! Unescaping run by run, and the buffer that unescaped text is written to.

use std::borrow::Cow;

use super::scalar::{hex4, next_special};
use crate::error::JsonError;

/// A buffer for unescaped text that is reused from message to message.
#[derive(Default)]
pub struct Scratch {
    /// Initialized to its whole length, of which the first `len` bytes are content.
    bytes: Vec<u8>,
    len: usize,
}

impl Scratch {
    /// The content.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    /// At least `more` bytes after the content, to be written before [`Scratch::grow`].
    #[inline(always)]
    pub(super) fn room(&mut self, more: usize) -> &mut [u8] {
        if self.bytes.len() - self.len < more {
            let doubled = (self.bytes.len() * 2).max(self.len + more).max(4096);
            self.bytes.resize(doubled, 0);
        }
        &mut self.bytes[self.len..]
    }

    /// Adds the first `bytes` bytes of the room to the content.
    #[inline(always)]
    pub(super) fn grow(&mut self, bytes: usize) {
        self.len += bytes;
    }

    pub(super) fn push(&mut self, content: &[u8]) {
        self.room(content.len())[..content.len()].copy_from_slice(content);
        self.len += content.len();
    }

    /// The content as a buffer of its own.
    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        self.bytes.truncate(self.len);
        self.bytes
    }
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
pub(super) fn unescape_runs(
    text: &[u8],
    mut at: usize,
    scratch: &mut Scratch,
) -> Result<usize, JsonError> {
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

/// Unescapes the one escape whose backslash is at `at` and returns the offset after it.
pub(super) fn unescape_one(
    text: &[u8],
    at: usize,
    scratch: &mut Scratch,
) -> Result<usize, JsonError> {
    let byte = match text.get(at + 1) {
        Some(&byte @ (b'"' | b'\\' | b'/')) => byte,
        Some(b'b') => 0x08,
        Some(b'f') => 0x0c,
        Some(b'n') => b'\n',
        Some(b'r') => b'\r',
        Some(b't') => b'\t',
        Some(b'u') => return unescape_unicode(text, at, scratch),
        _ => return Err(JsonError::here(text, at + 1)),
    };
    scratch.push(&[byte]);
    Ok(at + 2)
}

/// Unescapes a `\u` escape, with the second half of a surrogate pair if one follows.
fn unescape_unicode(text: &[u8], at: usize, scratch: &mut Scratch) -> Result<usize, JsonError> {
    let unit = hex4(text, at + 2)?;
    let pair = match text.get(at + 6..at + 8) {
        Some(br"\u") if (0xD800..0xDC00).contains(&unit) => hex4(text, at + 8).ok(),
        _ => None,
    };
    let units = [unit, pair.unwrap_or(0)];
    let mut decoded = char::decode_utf16(units.into_iter().take(1 + usize::from(pair.is_some())));
    match decoded.next() {
        Some(Ok(character)) => {
            scratch.push(character.encode_utf8(&mut [0; 4]).as_bytes());
            Ok(at + if pair.is_some() { 12 } else { 6 })
        }
        _ => {
            scratch.push(&text[at..at + 6]);
            Ok(at + 6)
        }
    }
}
