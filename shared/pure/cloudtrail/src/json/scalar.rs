//! White space, strings, numbers and literals. Strings are scanned in blocks of 16 bytes as bit masks.

use crate::error::{JsonError, JsonErrorKind};

/// The kind of a value without members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scalar {
    /// A string without escapes.
    Plain,
    /// A string with escapes.
    Escaped,
    /// A number or literal.
    Other,
}

/// The offset of the first byte at or after `at` that is not white space.
#[inline(always)]
pub(crate) fn skip_space(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = text.get(at) {
        at += 1;
    }
    at
}

/// The offset after the string, number or literal that begins at `at`, and its kind.
#[inline(always)]
pub(super) fn scalar_end(text: &[u8], at: usize) -> Result<(usize, Scalar), JsonError> {
    let end = match text.get(at) {
        Some(b'"') => {
            let (end, escaped) = string_end(text, at + 1)?;
            let kind = if escaped {
                Scalar::Escaped
            } else {
                Scalar::Plain
            };
            return Ok((end + 1, kind));
        }
        Some(b't') => literal_end(text, at, b"true"),
        Some(b'f') => literal_end(text, at, b"false"),
        Some(b'n') => literal_end(text, at, b"null"),
        _ => number_end(text, at),
    };
    Ok((end?, Scalar::Other))
}

#[inline(always)]
fn literal_end(text: &[u8], at: usize, literal: &[u8]) -> Result<usize, JsonError> {
    let end = at + literal.len();
    match text.get(at..end) {
        Some(found) if found == literal => Ok(end),
        Some(_) => Err(JsonError {
            kind: JsonErrorKind::Syntax,
            at,
        }),
        None if literal.starts_with(&text[at..]) => Err(JsonError::here(text, text.len())),
        None => Err(JsonError {
            kind: JsonErrorKind::Syntax,
            at,
        }),
    }
}

fn number_end(text: &[u8], at: usize) -> Result<usize, JsonError> {
    let digits = |from: usize| {
        let run = text
            .get(from..)
            .unwrap_or_default()
            .iter()
            .take_while(|b| b.is_ascii_digit());
        match run.count() {
            0 => Err(JsonError::here(text, from)),
            count => Ok(from + count),
        }
    };
    let whole = at + usize::from(text.get(at) == Some(&b'-'));
    let mut end = if text.get(whole) == Some(&b'0') {
        whole + 1
    } else {
        digits(whole)?
    };
    if text.get(end) == Some(&b'.') {
        end = digits(end + 1)?;
    }
    if let Some(b'e' | b'E') = text.get(end) {
        let signed = matches!(text.get(end + 1), Some(b'+' | b'-'));
        end = digits(end + 1 + usize::from(signed))?;
    }
    Ok(end)
}

/// Bytes in one block.
pub(super) const BLOCK: usize = 16;

/// Bit `i` of each mask is set where byte `i` of the block is of that kind.
#[derive(Clone, Copy)]
pub(super) struct Masks {
    pub(super) backslash: u32,
    pub(super) quote: u32,
    /// Below 0x20: not allowed unescaped in a string.
    pub(super) control: u32,
}

impl Masks {
    /// The bytes at which a plain run of string content ends.
    pub(super) fn special(self) -> u32 {
        self.backslash | self.quote | self.control
    }
}

/// The 16 bytes at `at`, if the text is long enough.
#[inline(always)]
pub(super) fn block_at(text: &[u8], at: usize) -> Option<&[u8; BLOCK]> {
    text.get(at..)?.first_chunk::<BLOCK>()
}

/// The masks of one block.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(super) fn masks(block: &[u8; BLOCK]) -> Masks {
    // SAFETY: SSE2 is part of every x86-64, and the function has no other requirement.
    unsafe { masks_sse2(block) }
}

#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "sse2")]
fn masks_sse2(block: &[u8; BLOCK]) -> Masks {
    use core::arch::x86_64::*;
    let v = vector(block);
    // Unsigned v <= 0x1f, which SSE2 has no comparison for: the minimum of both is v itself.
    let low = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);
    Masks {
        backslash: _mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8(b'\\' as i8))) as u32,
        quote: _mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8(b'"' as i8))) as u32,
        control: _mm_movemask_epi8(low) as u32,
    }
}

/// The block as a vector; compiles to one unaligned load.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "sse2")]
pub(super) fn vector(block: &[u8; BLOCK]) -> core::arch::x86_64::__m128i {
    let (low, high) = block.split_at(8);
    let word = |half: &[u8]| i64::from_le_bytes(half.try_into().expect("half of sixteen is eight"));
    core::arch::x86_64::_mm_set_epi64x(word(high), word(low))
}

/// The masks of one block, byte by byte; compilers generate vector code for this.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn masks(block: &[u8; BLOCK]) -> Masks {
    let mask = |is: fn(u8) -> bool| {
        block
            .iter()
            .enumerate()
            .fold(0, |bits, (i, &byte)| bits | (u32::from(is(byte)) << i))
    };
    Masks {
        backslash: mask(|b| b == b'\\'),
        quote: mask(|b| b == b'"'),
        control: mask(|b| b < 0x20),
    }
}

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
/// content has escapes.
///
/// # Errors
/// An unknown escape, an unescaped control character, or no closing quote.
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

/// The UTF-16 code unit of the four hexadecimal digits at `at`.
pub(super) fn hex4(text: &[u8], at: usize) -> Result<u16, JsonError> {
    (at..at + 4).try_fold(0, |unit: u16, i| {
        let digit = text.get(i).and_then(|&b| char::from(b).to_digit(16));
        // A digit is below 16, so this cannot truncate.
        digit
            .map(|d| unit << 4 | d as u16)
            .ok_or_else(|| JsonError::here(text, i))
    })
}
