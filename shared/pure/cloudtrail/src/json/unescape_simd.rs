//! Unescaping of whole messages: in blocks of 16 bytes on x86-64 processors with SSSE3, else run by run.
//!
//! A message in a CloudWatch Logs envelope is a record with a backslash before each of its quotes:
//! some 165 in 1.7 KB. Copying the runs between them mispredicts a branch at each. Here the
//! backslashes that begin an escape are found as bits and removed with one byte shuffle. Escapes for
//! another byte than the one after the backslash (`\n`, `\u0041`) are rare and handled one by one.

use super::unescape::{Scratch, unescape_runs};
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

/// Unescapes whole blocks, and returns the offset at which slower code has to continue: at the
/// closing quote, at an error, or in the last block of the text.
#[cfg(target_arch = "x86_64")]
fn unescape_simd(text: &[u8], at: usize, scratch: &mut Scratch) -> usize {
    if std::is_x86_feature_detected!("ssse3") {
        // SAFETY: the processor has SSSE3, the only requirement of the function.
        unsafe { ssse3::unescape_ssse3(text, at, scratch) }
    } else {
        at
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn unescape_simd(_text: &[u8], at: usize, _scratch: &mut Scratch) -> usize {
    at
}

#[cfg(target_arch = "x86_64")]
mod ssse3 {
    use core::arch::x86_64::*;

    use crate::json::scalar::{BLOCK, block_at, masks, vector};
    use crate::json::unescape::{Scratch, unescape_one};

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
    /// odd positions carries through it, which distinguishes even from odd starts without a loop.
    #[inline(always)]
    fn initiators(backslash: u32) -> u32 {
        const ODD: u32 = 0xAAAA_AAAA;
        (((backslash << 1 | ODD).wrapping_sub(backslash)) ^ ODD) & backslash
    }

    /// See [`super::unescape_simd`].
    #[target_feature(enable = "ssse3")]
    pub(super) fn unescape_ssse3(text: &[u8], mut at: usize, scratch: &mut Scratch) -> usize {
        while let Some(block) = block_at(text, at) {
            let found = masks(block);
            if found.special() == 0 {
                scratch.room(BLOCK)[..BLOCK].copy_from_slice(block);
                scratch.grow(BLOCK);
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
            // An initiator in the last byte is processed with the next block and what it escapes.
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
        scratch.grow(first + second);
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
                    let own = unescaped(&content);
                    match read.next() {
                        Some(Ok(text)) => {
                            assert_eq!(own, Ok((text, read.byte_offset() - 2)), "{content}")
                        }
                        _ => assert!(own.is_err(), "{content}"),
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
