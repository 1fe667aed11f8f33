//! String content without its escapes.
//!
//! A message in a CloudWatch Logs envelope is a record with a backslash before each of its
//! quotes, some 165 in 1.7 KB. Copying run by run between them mispredicts at every one, so the
//! fast path takes 16 bytes at a time, finds the backslashes that begin an escape and squeezes
//! them out with one byte shuffle. Escapes that stand for another byte than the one after the
//! backslash (`\n`, `\u0041`) are rare and taken one by one.

use std::borrow::Cow;

use super::JsonError;
use super::string::{hex4, next_special};

/// A buffer for unescaped text that is reused from message to message.
#[derive(Default)]
pub struct Scratch {
    /// Always initialised to its whole length, of which the first `len` bytes are content.
    bytes: Vec<u8>,
    len: usize,
}

impl Scratch {
    /// The content.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    fn clear(&mut self) {
        self.len = 0;
    }

    /// Room for `more` bytes after the content.
    #[inline(always)]
    fn room(&mut self, more: usize) -> &mut [u8] {
        if self.bytes.len() - self.len < more {
            let doubled = (self.bytes.len() * 2).max(self.len + more).max(4096);
            self.bytes.resize(doubled, 0);
        }
        &mut self.bytes[self.len..]
    }

    fn push(&mut self, content: &[u8]) {
        self.room(content.len())[..content.len()].copy_from_slice(content);
        self.len += content.len();
    }
}

/// Replaces the content of `scratch` with the unescaped content of the string that begins at
/// `at`, and returns the offset of its closing quote.
///
/// A UTF-16 surrogate without its partner, which UTF-8 cannot hold, stays spelled as its escape.
///
/// # Errors
/// As for any JSON string: an unknown escape, a raw control character, no closing quote.
pub fn unescape(text: &[u8], at: usize, scratch: &mut Scratch) -> Result<usize, JsonError> {
    scratch.clear();
    let at = squeeze(text, at, scratch);
    unescape_runs(text, at, scratch)
}

/// The value of a JSON string, given the content between its quotes; `None` where that is no
/// such content. A UTF-16 surrogate without its partner stays spelled as its escape.
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
    scratch.bytes.truncate(scratch.len);
    String::from_utf8(scratch.bytes).ok().map(Cow::Owned)
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

/// Unescapes the one escape whose backslash is at `at` and returns the offset after it.
fn unescape_one(text: &[u8], at: usize, scratch: &mut Scratch) -> Result<usize, JsonError> {
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

/// Unescapes a `\u` escape, with the second half of a surrogate pair where one follows.
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

/// Unescapes whole blocks while they hold nothing but plain bytes and the escapes `\"`, `\\` and
/// `\/`, and returns the offset at which slower code has to go on.
#[cfg(target_arch = "x86_64")]
fn squeeze(text: &[u8], at: usize, scratch: &mut Scratch) -> usize {
    if std::is_x86_feature_detected!("ssse3") {
        // SAFETY: the processor has SSSE3, the only thing the function needs beyond its safe body.
        unsafe { ssse3::squeeze(text, at, scratch) }
    } else {
        at
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn squeeze(_text: &[u8], at: usize, _scratch: &mut Scratch) -> usize {
    at
}

#[cfg(target_arch = "x86_64")]
mod ssse3 {
    use core::arch::x86_64::*;

    use super::super::block::{BLOCK, block_at, masks, vector};
    use super::{Scratch, unescape_one};

    /// For each set of bytes to keep out of eight, the shuffle that moves them to the front.
    static KEEP: [u64; 256] = shuffles();

    const fn shuffles() -> [u64; 256] {
        let mut table = [0; 256];
        let mut keep = 0;
        while keep < 256 {
            let (mut byte, mut to) = (0, 0);
            while byte < 8 {
                if keep >> byte & 1 == 1 {
                    table[keep] |= (byte as u64) << (8 * to);
                    to += 1;
                }
                byte += 1;
            }
            keep += 1;
        }
        table
    }

    /// The backslashes that begin an escape, in a block whose first byte is not itself escaped:
    /// in a run of backslashes the first, third, fifth and so on. Subtracting the run from the
    /// odd positions carries through it, which tells even from odd starts without a loop.
    #[inline(always)]
    fn initiators(backslash: u32) -> u32 {
        const ODD: u32 = 0xAAAA_AAAA;
        (((backslash << 1 | ODD).wrapping_sub(backslash)) ^ ODD) & backslash
    }

    /// See [`super::squeeze`].
    #[target_feature(enable = "ssse3")]
    pub(super) fn squeeze(text: &[u8], mut at: usize, scratch: &mut Scratch) -> usize {
        while let Some(block) = block_at(text, at) {
            let found = masks(block);
            if found.special() == 0 {
                scratch.room(BLOCK)[..BLOCK].copy_from_slice(block);
                scratch.len += BLOCK;
                at += BLOCK;
                continue;
            }
            let begins = initiators(found.backslash);
            let escaped = begins << 1;
            let slash = {
                let equal = _mm_cmpeq_epi8(vector(block), _mm_set1_epi8(b'/' as i8));
                _mm_movemask_epi8(equal) as u32
            };
            let odd = escaped & 0xFFFF & !(found.quote | found.backslash | slash);
            let stop = found.quote & !escaped | found.control | odd >> 1;
            // An initiator in the last byte is left to the next block, beside what it escapes.
            let take = (stop | (begins & 0x8000) | 0x1_0000).trailing_zeros();
            keep(block, !begins & ((1 << take) - 1), scratch);
            at += take as usize;
            if stop & ((2 << take) - 1) != 0 {
                if odd >> 1 & (1 << take) == 0 {
                    return at;
                }
                match unescape_one(text, at, scratch) {
                    Ok(after) => at = after,
                    Err(_) => return at,
                }
            }
        }
        at
    }

    /// Appends the bytes of `block` whose bit is set in `keep`.
    #[inline]
    #[target_feature(enable = "ssse3")]
    fn keep(block: &[u8; BLOCK], keep: u32, scratch: &mut Scratch) {
        let (low, high) = ((keep & 0xFF) as usize, (keep >> 8 & 0xFF) as usize);
        let order = _mm_set_epi64x(
            KEEP[high].wrapping_add(0x0808_0808_0808_0808) as i64,
            KEEP[low] as i64,
        );
        let moved = _mm_shuffle_epi8(vector(block), order);
        let halves = [
            _mm_cvtsi128_si64(moved),
            _mm_cvtsi128_si64(_mm_unpackhi_epi64(moved, moved)),
        ];
        let (first, second) = (low.count_ones() as usize, high.count_ones() as usize);
        let room = scratch.room(BLOCK);
        room[..8].copy_from_slice(&halves[0].to_le_bytes());
        room[first..first + 8].copy_from_slice(&halves[1].to_le_bytes());
        scratch.len += first + second;
    }
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
    fn keeps_a_lone_surrogate_spelled_out() {
        assert_eq!(unescaped(r#"a\ud800b""#).unwrap().0, r"a\ud800b");
        assert_eq!(
            unescaped(r#"\udc00\ud83d\ude00""#).unwrap().0,
            "\\udc00\u{1F600}"
        );
        assert_eq!(unescaped(r#"\ud800\u0041""#).unwrap().0, r"\ud800A");
    }

    #[test]
    fn refuses_raw_control_characters_and_unknown_escapes() {
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
