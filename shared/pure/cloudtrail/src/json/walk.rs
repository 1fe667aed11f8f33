//! One validating pass over a JSON value.

use super::{JsonError, JsonErrorKind, string_end};
use crate::MAX_DEPTH;

/// What a visitor calls a key whose value it wants to hear of. [`NO_SLOT`] stands for none.
pub(crate) type Slot = u8;

/// The value is of no interest.
pub(crate) const NO_SLOT: Slot = 0;

/// Set in a slot that also holds for the elements of arrays under its key, however deep.
pub(crate) const STICKY: Slot = 0x80;

/// What a value without members is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scalar {
    /// A string without escapes.
    Plain,
    /// A string that holds escapes.
    Escaped,
    /// A number or literal.
    Other,
}

/// What a walk reports.
pub(crate) trait Visit {
    /// The slot of the outermost value.
    fn root(&self) -> Slot {
        NO_SLOT
    }
    /// The slot for the value of a key, given the content between the key's quotes, the offset at
    /// which that begins and whether it holds escapes. `depth` is 1 for keys of the outermost
    /// object.
    fn key(&mut self, depth: usize, start: usize, key: &[u8], escaped: bool) -> Slot;
    /// A string (quotes included), number or literal under a slot.
    fn scalar(&mut self, slot: Slot, start: usize, end: usize, kind: Scalar);
    /// An object or array begins under `slot`, inside of `depth` others.
    fn open(&mut self, depth: usize, slot: Slot);
    /// A line break stands between two tokens.
    fn line_break(&mut self);
}

/// Hears nothing: for values that only have to be valid.
pub(crate) struct Skip;

impl Visit for Skip {
    #[inline(always)]
    fn key(&mut self, _: usize, _: usize, _: &[u8], _: bool) -> Slot {
        NO_SLOT
    }
    #[inline(always)]
    fn scalar(&mut self, _: Slot, _: usize, _: usize, _: Scalar) {}
    #[inline(always)]
    fn open(&mut self, _: usize, _: Slot) {}
    #[inline(always)]
    fn line_break(&mut self) {}
}

/// The offset of the first byte at or after `at` that is not white space.
#[inline(always)]
pub(crate) fn skip_space(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = text.get(at) {
        at += 1;
    }
    at
}

/// The containers that a walk is inside of. A frame holds the slot that an array passes on to its
/// elements; objects pass none on, their keys decide.
struct Frames {
    frames: [Slot; MAX_DEPTH],
    depth: usize,
}

/// The frame of an object. No visitor returns a slot of this value.
const OBJECT: Slot = 0x40;

impl Frames {
    #[inline(always)]
    fn push(&mut self, frame: Slot, at: usize) -> Result<(), JsonError> {
        let place = self.frames.get_mut(self.depth);
        *place.ok_or(JsonError {
            fault: JsonErrorKind::TooDeep,
            at,
        })? = frame;
        self.depth += 1;
        Ok(())
    }

    #[inline(always)]
    fn top(&self) -> Option<Slot> {
        self.depth.checked_sub(1).map(|top| self.frames[top])
    }
}

/// Validates the value that begins at `at` (no white space before it), tells `visitor` what is in
/// it and returns the offset after it.
///
/// # Errors
/// The first fault of the text; what the visitor has heard by then is to be thrown away.
#[inline]
pub(crate) fn walk<V: Visit>(
    text: &[u8],
    mut at: usize,
    visitor: &mut V,
) -> Result<usize, JsonError> {
    let mut frames = Frames {
        frames: [NO_SLOT; MAX_DEPTH],
        depth: 0,
    };
    let mut slot = visitor.root();
    loop {
        // A value begins at `at`.
        let opened = match text.get(at) {
            Some(b'{') => Some(OBJECT),
            Some(b'[') => Some(if slot & STICKY == 0 { NO_SLOT } else { slot }),
            _ => None,
        };
        if let Some(frame) = opened {
            frames.push(frame, at)?;
            visitor.open(frames.depth - 1, slot);
            at = space(text, at + 1, visitor);
            let close = if frame == OBJECT { b'}' } else { b']' };
            if text.get(at) != Some(&close) {
                slot = if frame == OBJECT {
                    key(text, &mut at, frames.depth, visitor)?
                } else {
                    frame
                };
                continue;
            }
        } else {
            let (end, kind) = scalar_end(text, at)?;
            if slot != NO_SLOT {
                visitor.scalar(slot, at, end, kind);
            }
            at = end;
        }
        // A value has ended at `at`, or an empty container is about to be closed there.
        loop {
            let Some(frame) = frames.top() else {
                return Ok(at);
            };
            at = space(text, at, visitor);
            match (text.get(at), frame) {
                (Some(b','), OBJECT) => {
                    at = space(text, at + 1, visitor);
                    slot = key(text, &mut at, frames.depth, visitor)?;
                    break;
                }
                (Some(b','), _) => {
                    at = space(text, at + 1, visitor);
                    slot = frame;
                    break;
                }
                (Some(b'}'), OBJECT) => {}
                (Some(b']'), frame) if frame != OBJECT => {}
                _ => return Err(JsonError::here(text, at)),
            }
            at += 1;
            frames.depth -= 1;
        }
    }
}

/// [`skip_space`], which between the tokens of AWS's own records finds nothing to skip.
#[inline(always)]
fn space<V: Visit>(text: &[u8], at: usize, visitor: &mut V) -> usize {
    match text.get(at) {
        Some(b' ' | b'\t' | b'\n' | b'\r') => {
            let end = skip_space(text, at);
            if text[at..end].iter().any(|b| matches!(b, b'\n' | b'\r')) {
                visitor.line_break();
            }
            end
        }
        _ => at,
    }
}

/// Reads the key at `at`, leaves `at` where its value begins and returns the key's slot.
#[inline(always)]
pub(super) fn key<V: Visit>(
    text: &[u8],
    at: &mut usize,
    depth: usize,
    visitor: &mut V,
) -> Result<Slot, JsonError> {
    if text.get(*at) != Some(&b'"') {
        return Err(JsonError::here(text, *at));
    }
    let start = *at + 1;
    let (end, escaped) = string_end(text, start)?;
    let colon = space(text, end + 1, visitor);
    if text.get(colon) != Some(&b':') {
        return Err(JsonError::here(text, colon));
    }
    *at = space(text, colon + 1, visitor);
    Ok(visitor.key(depth, start, &text[start..end], escaped))
}

/// The offset after the string, number or literal that begins at `at`, and what it is.
#[inline(always)]
fn scalar_end(text: &[u8], at: usize) -> Result<(usize, Scalar), JsonError> {
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
            fault: JsonErrorKind::Syntax,
            at,
        }),
        None if literal.starts_with(&text[at..]) => Err(JsonError::here(text, text.len())),
        None => Err(JsonError {
            fault: JsonErrorKind::Syntax,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn valid(text: &str) -> Result<usize, JsonError> {
        walk(text.as_bytes(), 0, &mut Skip)
    }

    #[test]
    fn accepts_what_json_allows() {
        for text in [
            "{}",
            "[]",
            "[[],{}]",
            r#"{"a":{"b":[1,-0,2.50,1e+9,-0.0E-2]}}"#,
            "\"\\u00e9\"",
            "null",
            "123456789012345678901234567890",
            "{ \"a\" :\n[ true , false ] }",
            "\"\u{2028}\"",
        ] {
            assert_eq!(valid(text), Ok(text.len()), "{text}");
        }
    }

    #[test]
    fn refuses_what_json_does_not_allow() {
        for text in [
            "",
            "{",
            "{]",
            "[}",
            "[1,]",
            "{,}",
            r#"{"a":1,}"#,
            r#"{"a"}"#,
            "{a:1}",
            "01x",
            "-",
            "1.",
            "1e",
            "+1",
            ".5",
            "tru",
            "nul1",
            "NaN",
            "'a'",
            "[1 2]",
            r#"{"a":1 "b":2}"#,
            "\"\t\"",
            r#""\x""#,
        ] {
            assert_ne!(valid(text), Ok(text.len()), "{text}");
        }
        assert_eq!(valid("[1,tr").unwrap_err().fault, JsonErrorKind::CutShort);
        assert_eq!(valid("[1,tx").unwrap_err().fault, JsonErrorKind::Syntax);
    }

    #[test]
    fn follows_containers_to_the_limit_and_no_deeper() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(valid(&nested(MAX_DEPTH)), Ok(2 * MAX_DEPTH));
        assert_eq!(
            valid(&nested(MAX_DEPTH + 1)).unwrap_err().fault,
            JsonErrorKind::TooDeep
        );
    }
}
