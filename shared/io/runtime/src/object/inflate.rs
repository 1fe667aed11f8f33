//! The bytes of an object, inflated as they arrive.

use std::future::Future;
use std::io::{self, Write as _};

use bytes::Bytes;
use cloudtrail::{Splitter, is_gzip};
use flate2::write::MultiGzDecoder;
use thiserror::Error;

/// The bytes of an object as they arrive.
pub trait ByteChunks {
    /// The next bytes, or `None` at the end.
    fn next(&mut self) -> impl Future<Output = Option<Result<Bytes, TruncatedBody>>>;
}

/// The object's body ended early. The bytes before that are intact.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the object's body ended early: {0}")]
pub struct TruncatedBody(pub String);

/// Compressed bytes that are inflated at once. Gzip inflates up to a thousandfold, so that 16 KiB
/// become at most 16 MiB, which stays within what may be buffered.
const SLICE_BYTES: usize = 16 * 1024;

/// Inflates gzip, recognized by its first bytes; plain text stays as it is.
pub(crate) struct Inflater {
    /// The first bytes, while they are too few to recognize gzip.
    first_bytes: Vec<u8>,
    encoding: Option<Encoding>,
}

enum Encoding {
    Plain,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
}

impl Inflater {
    pub(crate) fn new() -> Self {
        Self {
            first_bytes: Vec::new(),
            encoding: None,
        }
    }

    /// Splits `bytes` into parts that can be pushed one by one.
    pub(crate) fn slices(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
        bytes.chunks(SLICE_BYTES)
    }

    /// Pushes the text of `bytes` to `splitter`.
    ///
    /// # Errors
    /// The gzip stream is corrupt; the text before that has been pushed.
    pub(crate) fn push(&mut self, bytes: &[u8], splitter: &mut Splitter) -> io::Result<()> {
        match &mut self.encoding {
            Some(Encoding::Plain) => splitter.push(bytes),
            Some(Encoding::Gzip(gzip)) => {
                let written = gzip.write_all(bytes).and_then(|()| gzip.flush());
                move_text(gzip, splitter);
                written?;
            }
            None => {
                self.first_bytes.extend_from_slice(bytes);
                if self.first_bytes.len() >= 2 {
                    self.detect();
                    let first_bytes = std::mem::take(&mut self.first_bytes);
                    return self.push(&first_bytes, splitter);
                }
            }
        }
        Ok(())
    }

    /// Pushes the remaining text at the end of the object.
    ///
    /// # Errors
    /// The gzip stream is truncated.
    pub(crate) fn finish(&mut self, splitter: &mut Splitter) -> io::Result<()> {
        if self.encoding.is_none() {
            splitter.push(&self.first_bytes);
        }
        if let Some(Encoding::Gzip(gzip)) = &mut self.encoding {
            let finished = gzip.try_finish();
            move_text(gzip, splitter);
            finished?;
        }
        Ok(())
    }

    fn detect(&mut self) {
        self.encoding = Some(if is_gzip(&self.first_bytes) {
            Encoding::Gzip(Box::new(MultiGzDecoder::new(Vec::new())))
        } else {
            Encoding::Plain
        });
    }
}

fn move_text(gzip: &mut MultiGzDecoder<Vec<u8>>, splitter: &mut Splitter) {
    let inflated = gzip.get_mut();
    splitter.push(inflated);
    inflated.clear();
}
