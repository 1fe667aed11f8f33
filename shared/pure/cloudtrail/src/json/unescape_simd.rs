//! Unescaping in blocks of 16 bytes, for x86-64 processors with SSSE3.
//!
//! A message in a CloudWatch Logs envelope is a record with a backslash before each of its quotes:
//! some 165 in 1.7 KB. Copying the runs between them mispredicts a branch at each. Here the
//! backslashes that begin an escape are found as bits and removed with one byte shuffle. Escapes for
//! another byte than the one after the backslash (`\n`, `\u0041`) are rare and handled one by one.

use core::arch::x86_64::*;

use super::escape::{Scratch, unescape_one};
use super::string::{BLOCK, block_at, masks, vector};

/// Unescapes whole blocks, and returns the offset at which slower code has to continue: at the
/// closing quote, at an error, or in the last block of the text.
pub(super) fn unescape_simd(text: &[u8], at: usize, scratch: &mut Scratch) -> usize {
    if std::is_x86_feature_detected!("ssse3") {
        // SAFETY: the processor has SSSE3, the only requirement of the function.
        unsafe { unescape_ssse3(text, at, scratch) }
    } else {
        at
    }
}

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

/// See [`unescape_simd`].
#[target_feature(enable = "ssse3")]
fn unescape_ssse3(text: &[u8], mut at: usize, scratch: &mut Scratch) -> usize {
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
        // An initiator in the last byte is left to the next block, together with what it escapes.
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
