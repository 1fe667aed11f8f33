//! From bytes to text: whole-buffer gzip with a cap on the inflated size, or plain UTF-8.

use std::ffi::c_void;
use std::ptr::NonNull;
use std::str::Utf8Error;

use libdeflate_sys as sys;
use thiserror::Error;

/// The maximum size of one inflated input: 64 MiB. A Firehose record is at most 1,000 KiB, and
/// CloudTrail's JSON inflates by a factor of 7 to 20; the limit of the format is 1,032.
pub const MAX_INFLATED_BYTES: usize = 64 * 1024 * 1024;

/// Why bytes are not text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DecompressError {
    /// The gzip stream cannot be inflated.
    #[error(transparent)]
    Gzip(#[from] GzipError),
    /// The text is not UTF-8.
    #[error("not UTF-8 at byte {0}")]
    NotUtf8(usize),
}

impl From<Utf8Error> for DecompressError {
    fn from(error: Utf8Error) -> Self {
        Self::NotUtf8(error.valid_up_to())
    }
}

/// Decompresses one input after the other into the same buffer.
#[derive(Default)]
pub struct Decompressor {
    inflated: Vec<u8>,
}

impl Decompressor {
    /// The text in `bytes`: all members of a gzip stream, up to [`MAX_INFLATED_BYTES`], or the
    /// bytes themselves if they are not gzip.
    ///
    /// # Errors
    /// See [`DecompressError`].
    pub fn decompress<'s>(&'s mut self, bytes: &'s [u8]) -> Result<&'s str, DecompressError> {
        if !is_gzip(bytes) {
            return Ok(std::str::from_utf8(bytes)?);
        }
        inflate(bytes, MAX_INFLATED_BYTES, &mut self.inflated)?;
        Ok(std::str::from_utf8(&self.inflated)?)
    }
}

/// Why a gzip stream could not be inflated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum GzipError {
    /// A header, the compressed data, a checksum or a length is wrong, the data is truncated, or
    /// bytes that are not gzip follow it.
    #[error("gzip data is corrupt or cut short")]
    Corrupt,
    /// The stream inflates to more than the caller accepts.
    #[error("gzip data inflates to more than {cap} bytes")]
    OverCap {
        /// The cap in bytes.
        cap: usize,
    },
}

/// Whether the bytes start with the magic number of gzip (RFC 1952, section 2.3.1).
pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// Replaces the content of `out` with all members of the gzip stream `input`, at most `cap` bytes.
///
/// # Errors
/// See [`GzipError`]. The content of `out` is then unspecified.
pub fn inflate(input: &[u8], cap: usize, out: &mut Vec<u8>) -> Result<(), GzipError> {
    out.clear();
    out.reserve(expected_len(input).min(cap));
    let mut inflater = Inflater::new();
    let mut rest = input;
    loop {
        let room = (out.capacity() - out.len()).min(cap - out.len());
        match inflater.member(rest, room, out) {
            Member::Inflated(bytes) => rest = &rest[bytes..],
            Member::NoRoom if room == cap - out.len() => return Err(GzipError::OverCap { cap }),
            Member::NoRoom => out.reserve(out.capacity().saturating_mul(2).max(4096).min(cap)),
            Member::Corrupt => return Err(GzipError::Corrupt),
        }
        if rest.is_empty() {
            return Ok(());
        }
    }
}

/// The length in bytes that the trailer of the last member states, or four times the input if
/// deflate cannot reach that length (1,032 bytes for each byte).
fn expected_len(input: &[u8]) -> usize {
    let stated = input
        .last_chunk::<4>()
        .map_or(0, |bytes| u32::from_le_bytes(*bytes) as usize);
    if stated > input.len().saturating_mul(1032) {
        input.len().saturating_mul(4)
    } else {
        stated
    }
}

/// The result of one member.
enum Member {
    /// Inflated from this many bytes of the input.
    Inflated(usize),
    NoRoom,
    Corrupt,
}

/// libdeflate's decompressor. It is called without a safe wrapper, because existing wrappers do not
/// report how much of the input a member used and would lose the second of two members.
struct Inflater(NonNull<sys::libdeflate_decompressor>);

impl Inflater {
    fn new() -> Self {
        // SAFETY: has no arguments and returns an object or null.
        let raw = unsafe { sys::libdeflate_alloc_decompressor() };
        Self(NonNull::new(raw).expect("libdeflate allocates its 11 KB"))
    }

    /// Appends the content of the first member of `input`, at most `room` bytes.
    fn member(&mut self, input: &[u8], room: usize, out: &mut Vec<u8>) -> Member {
        let spare = out.spare_capacity_mut();
        let room = room.min(spare.len());
        let (mut taken, mut written) = (0, 0);
        // SAFETY: both buffers are valid for their whole stated length; libdeflate writes at most
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
                // SAFETY: libdeflate has initialized the first `written` bytes of the spare capacity.
                unsafe { out.set_len(out.len() + written) };
                Member::Inflated(taken)
            }
            sys::libdeflate_result_LIBDEFLATE_INSUFFICIENT_SPACE => Member::NoRoom,
            _ => Member::Corrupt,
        }
    }
}

impl Drop for Inflater {
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
    fn rejects_every_truncation_and_every_flipped_byte() {
        let stream =
            gzip(b"some content that is long enough to be worth compressing, content, content");
        for end in 0..stream.len() {
            assert_eq!(
                inflated(&stream[..end], 1 << 20),
                Err(GzipError::Corrupt),
                "truncated at {end}"
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
    fn rejects_bytes_after_the_stream() {
        assert_eq!(
            inflated(&[&gzip(b"x")[..], b"\0\0"].concat(), 100),
            Err(GzipError::Corrupt)
        );
        assert_eq!(inflated(b"", 100), Err(GzipError::Corrupt));
    }

    #[test]
    fn enforces_the_cap_exactly_whatever_the_trailer_states() {
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
