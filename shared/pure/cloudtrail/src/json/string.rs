//! Where a JSON string ends, with every escape in it checked.

use super::JsonError;
use super::block::{BLOCK, block_at, masks};

/// The first offset at or after `at` that holds a quote, a backslash or a control character, or
/// the length of the text.
#[inline(always)]
pub(super) fn next_special(text: &[u8], mut at: usize) -> usize {
    while let Some(block) = block_at(text, at) {
        let special = masks(block).special();
        if special != 0 {
            return at + special.trailing_zeros() as usize;
        }
        at += BLOCK;
    }
    let is_special = |b: &u8| matches!(b, b'"' | b'\\' | 0..0x20);
    let tail = text.get(at..).unwrap_or_default();
    tail.iter()
        .position(is_special)
        .map_or(text.len(), |i| at + i)
}

/// The offset of the closing quote of the string whose content begins at `at`, and whether the
/// content holds any escape.
///
/// # Errors
/// An escape JSON does not know, a raw control character, or no closing quote.
#[inline(always)]
pub(crate) fn string_end(text: &[u8], at: usize) -> Result<(usize, bool), JsonError> {
    let end = next_special(text, at);
    if text.get(end) == Some(&b'"') {
        return Ok((end, false));
    }
    string_end_escaped(text, end).map(|end| (end, true))
}

/// As [`string_end`], from a byte that is not plain content.
fn string_end_escaped(text: &[u8], mut at: usize) -> Result<usize, JsonError> {
    loop {
        match text.get(at) {
            Some(b'"') => return Ok(at),
            Some(b'\\') => at = next_special(text, at + escape_len(text, at)?),
            _ => return Err(JsonError::here(text, at)),
        }
    }
}

/// The length in bytes of the escape whose backslash is at `at`: 2, or 6 for `\u`.
fn escape_len(text: &[u8], at: usize) -> Result<usize, JsonError> {
    match text.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(2),
        Some(b'u') => hex4(text, at + 2).map(|_| 6),
        _ => Err(JsonError::here(text, at + 1)),
    }
}

/// The UTF-16 code unit that the four hexadecimal digits at `at` spell.
pub(super) fn hex4(text: &[u8], at: usize) -> Result<u16, JsonError> {
    (at..at + 4).try_fold(0, |unit: u16, i| {
        let digit = text.get(i).and_then(|&b| char::from(b).to_digit(16));
        // A digit is below 16, so this cannot truncate.
        digit
            .map(|d| unit << 4 | d as u16)
            .ok_or_else(|| JsonError::here(text, i))
    })
}
