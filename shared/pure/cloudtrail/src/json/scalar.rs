//! White space, strings, numbers and literals.

use super::string::string_end;
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
