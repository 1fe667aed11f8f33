//! Whole-buffer gzip, with a cap on what it may inflate to.

use std::ffi::c_void;
use std::ptr::NonNull;

use libdeflate_sys as sys;
use thiserror::Error;

/// Why a gzip stream could not be inflated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum GzipError {
    /// A header, the compressed data, a checksum or a length is wrong, the data is cut short, or
    /// something that is not gzip follows it.
    #[error("gzip data is corrupt or cut short")]
    Corrupt,
    /// There is more in it than the caller takes.
    #[error("gzip data inflates to more than {cap} bytes")]
    OverCap {
        /// The cap in bytes.
        cap: usize,
    },
}

/// Whether the bytes begin as gzip does (RFC 1952, section 2.3.1).
pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// Replaces the content of `out` with all members of the gzip stream `input`, `cap` bytes at most.
///
/// # Errors
/// See [`GzipError`]. The content of `out` is then of no use.
pub fn inflate(input: &[u8], cap: usize, out: &mut Vec<u8>) -> Result<(), GzipError> {
    out.clear();
    out.reserve(expected_len(input).min(cap));
    let mut decompressor = Decompressor::new();
    let mut rest = input;
    loop {
        let room = (out.capacity() - out.len()).min(cap - out.len());
        match decompressor.member(rest, room, out) {
            Member::Taken(bytes) => rest = &rest[bytes..],
            Member::NoRoom if room == cap - out.len() => return Err(GzipError::OverCap { cap }),
            Member::NoRoom => out.reserve(out.capacity().saturating_mul(2).max(4096).min(cap)),
            Member::Corrupt => return Err(GzipError::Corrupt),
        }
        if rest.is_empty() {
            return Ok(());
        }
    }
}

/// The length in bytes that the last member claims to inflate to, as far as deflate could reach
/// it (1,032 bytes for each one), or four times the input where the claim is absurd.
fn expected_len(input: &[u8]) -> usize {
    let claimed = input
        .last_chunk::<4>()
        .map_or(0, |bytes| u32::from_le_bytes(*bytes) as usize);
    if claimed > input.len().saturating_mul(1032) {
        input.len().saturating_mul(4)
    } else {
        claimed
    }
}

/// What came of one member.
enum Member {
    /// Inflated; it was this many bytes of the input.
    Taken(usize),
    NoRoom,
    Corrupt,
}

/// libdeflate's decompressor. It is called without a safe wrapper, since those that exist do not
/// tell how much of the input a member took: of a stream of two members they would lose one.
struct Decompressor(NonNull<sys::libdeflate_decompressor>);

impl Decompressor {
    fn new() -> Self {
        // SAFETY: takes nothing and returns an object or null.
        let raw = unsafe { sys::libdeflate_alloc_decompressor() };
        Self(NonNull::new(raw).expect("libdeflate allocates its 11 KB"))
    }

    /// Appends what the first member of `input` inflates to, `room` bytes at most.
    fn member(&mut self, input: &[u8], room: usize, out: &mut Vec<u8>) -> Member {
        let spare = out.spare_capacity_mut();
        let room = room.min(spare.len());
        let (mut taken, mut written) = (0, 0);
        // SAFETY: both buffers are ours for their whole stated length; libdeflate writes at most
        // `room` bytes, reads at most `input.len()`, and the two counters are valid to write.
        let result = unsafe {
            sys::libdeflate_gzip_decompress_ex(
                self.0.as_ptr(),
                input.as_ptr().cast::<c_void>(),
                input.len(),
                spare.as_mut_ptr().cast::<c_void>(),
                room,
                &mut taken,
                &mut written,
            )
        };
        match result {
            sys::libdeflate_result_LIBDEFLATE_SUCCESS => {
                debug_assert!(written <= room && taken <= input.len());
                // SAFETY: libdeflate has initialised the first `written` bytes of the spare room.
                unsafe { out.set_len(out.len() + written) };
                Member::Taken(taken)
            }
            sys::libdeflate_result_LIBDEFLATE_INSUFFICIENT_SPACE => Member::NoRoom,
            _ => Member::Corrupt,
        }
    }
}

impl Drop for Decompressor {
    fn drop(&mut self) {
        // SAFETY: the object came from libdeflate and is freed once.
        unsafe { sys::libdeflate_free_decompressor(self.0.as_ptr()) }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn inflated(input: &[u8], cap: usize) -> Result<Vec<u8>, GzipError> {
        let mut out = Vec::new();
        inflate(input, cap, &mut out).map(|()| out)
    }

    #[test]
    fn reads_every_member() {
        let long = vec![b'x'; 100_000];
        let stream = [gzip(b"first,"), gzip(b""), gzip(&long), gzip(b"last")].concat();
        assert_eq!(
            inflated(&stream, 1 << 20).unwrap(),
            [b"first,", &long[..], b"last"].concat()
        );
    }

    #[test]
    fn refuses_every_cut_and_every_flipped_byte() {
        let stream =
            gzip(b"some content that is long enough to be worth compressing, content, content");
        for end in 0..stream.len() {
            assert_eq!(
                inflated(&stream[..end], 1 << 20),
                Err(GzipError::Corrupt),
                "cut at {end}"
            );
        }
        // Bytes 4 to 9 of the header are time, flags and system, which no checksum covers.
        for at in (0..3).chain(10..stream.len()) {
            let mut flipped = stream.clone();
            flipped[at] ^= 0x55;
            assert!(inflated(&flipped, 1 << 20).is_err(), "flipped byte {at}");
        }
    }

    #[test]
    fn refuses_bytes_after_the_stream() {
        assert_eq!(
            inflated(&[&gzip(b"x")[..], b"\0\0"].concat(), 100),
            Err(GzipError::Corrupt)
        );
        assert_eq!(inflated(b"", 100), Err(GzipError::Corrupt));
    }

    #[test]
    fn holds_the_cap_exactly_whatever_the_trailer_claims() {
        let content = vec![0; 50_000];
        let stream = gzip(&content);
        assert_eq!(inflated(&stream, 50_000).unwrap(), content);
        assert_eq!(
            inflated(&stream, 49_999),
            Err(GzipError::OverCap { cap: 49_999 })
        );
        let twice = [&stream[..], &stream[..]].concat();
        assert_eq!(
            inflated(&twice, 99_999),
            Err(GzipError::OverCap { cap: 99_999 })
        );
        let mut lying = stream;
        let end = lying.len();
        lying[end - 4..].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(inflated(&lying, 1 << 20), Err(GzipError::Corrupt));
    }
}
