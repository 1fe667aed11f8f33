//! Escapes of JSON strings one by one, and the buffer that unescaped text is written to.

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

/// The length in bytes of the escape whose backslash is at `at`: 2, or 6 for `\u`.
pub(super) fn escape_len(text: &[u8], at: usize) -> Result<usize, JsonError> {
    match text.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(2),
        Some(b'u') => hex4(text, at + 2).map(|_| 6),
        _ => Err(JsonError::here(text, at + 1)),
    }
}

/// The UTF-16 code unit of the four hexadecimal digits at `at`.
fn hex4(text: &[u8], at: usize) -> Result<u16, JsonError> {
    (at..at + 4).try_fold(0, |unit: u16, i| {
        let digit = text.get(i).and_then(|&b| char::from(b).to_digit(16));
        // A digit is below 16, so this cannot truncate.
        digit
            .map(|d| unit << 4 | d as u16)
            .ok_or_else(|| JsonError::here(text, i))
    })
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
