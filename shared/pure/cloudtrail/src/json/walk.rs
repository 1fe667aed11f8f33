//! One validating pass over a JSON value, which reports the values of selected keys.

use super::scalar::{Scalar, scalar_end, skip_space, string_end};
use crate::error::{JsonError, JsonErrorKind};

/// The maximum number of nested containers. Real records have fewer than 20 levels; the limit bounds
/// the cost of a hostile one.
pub const MAX_DEPTH: usize = 128;

/// The number that a visitor gives to a key whose value it visits; [`NO_SLOT`] for other keys.
pub(crate) type Slot = u8;

/// The value is not visited.
pub(crate) const NO_SLOT: Slot = 0;

/// Set in a slot that also applies to the elements of arrays under its key, at any depth.
pub(crate) const STICKY: Slot = 0x80;

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
    /// There is a line break between two tokens.
    fn line_break(&mut self);
}

/// Visits nothing: for values that only have to be valid.
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

/// The open containers of a walk. The frame of an array holds the slot of its elements; in an object
/// the keys determine the slots.
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
            kind: JsonErrorKind::TooDeep,
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

/// Validates the value that begins at `at` (without white space before it), reports its content to
/// `visitor`, and returns the offset after it.
///
/// # Errors
/// The first error in the text; callers discard what the visitor collected.
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
        match next_slot(text, &mut at, &mut frames, visitor)? {
            Some(next) => slot = next,
            None => return Ok(at),
        }
    }
}

/// Continues after a value that ends at `at`, or in an empty container that is closed there: closes
/// containers, and goes to the next value. Returns its slot; `None` after the outermost value.
#[inline(always)]
fn next_slot<V: Visit>(
    text: &[u8],
    at: &mut usize,
    frames: &mut Frames,
    visitor: &mut V,
) -> Result<Option<Slot>, JsonError> {
    loop {
        let Some(frame) = frames.top() else {
            return Ok(None);
        };
        *at = space(text, *at, visitor);
        match (text.get(*at), frame) {
            (Some(b','), OBJECT) => {
                *at = space(text, *at + 1, visitor);
                return key(text, at, frames.depth, visitor).map(Some);
            }
            (Some(b','), _) => {
                *at = space(text, *at + 1, visitor);
                return Ok(Some(frame));
            }
            (Some(b'}'), OBJECT) => {}
            (Some(b']'), frame) if frame != OBJECT => {}
            _ => return Err(JsonError::here(text, *at)),
        }
        *at += 1;
        frames.depth -= 1;
    }
}

/// As [`skip_space`]; records that AWS writes have no white space between tokens.
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

#[cfg(test)]
mod tests;
