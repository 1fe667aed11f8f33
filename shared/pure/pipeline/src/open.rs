//! From bytes to text: gzip or plain, told by content.

use std::str::Utf8Error;

use cloudtrail::{GzipError, inflate, is_gzip};
use thiserror::Error;

/// What one input may inflate to. A Firehose record is at most 1,000 KiB and CloudTrail inflates
/// some 7 to 20 times; gzip could reach 1,032 times.
pub const MAX_INFLATED_BYTES: usize = 64 * 1024 * 1024;

/// Why bytes are no text.
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

/// Opens inputs one after the other, into one buffer.
#[derive(Default)]
pub struct Decompressor {
    inflated: Vec<u8>,
}

impl Decompressor {
    /// The text in `bytes`: all members of it where it is gzip, up to [`MAX_INFLATED_BYTES`],
    /// otherwise as it is.
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
