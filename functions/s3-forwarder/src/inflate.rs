//! The bytes of an object, inflated as they arrive.

use std::future::Future;
use std::io::{self, Write as _};

use bytes::Bytes;
use cloudtrail::{Splitter, is_gzip};
use flate2::write::MultiGzDecoder;
use thiserror::Error;

/// The bytes of an object as they arrive.
pub trait Chunks {
    /// The next bytes, or `None` at the end.
    fn next(&mut self) -> impl Future<Output = Option<Result<Bytes, Broken>>>;
}

/// The object's body ended early. The bytes before that are intact.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the object's body ended early: {0}")]
pub struct Broken(pub String);

/// Compressed bytes that are inflated at once. Gzip inflates up to a thousandfold, which stays
/// within what may be buffered.
const SLICE: usize = 16 * 1024;

/// Inflates gzip, recognized by its first bytes, and passes plain text on.
pub(crate) struct Inflater {
    /// The first bytes, while they are too few to recognize gzip.
    begun: Vec<u8>,
    kind: Option<Kind>,
}

enum Kind {
    Plain,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
}

impl Inflater {
    pub(crate) fn new() -> Self {
        Self {
            begun: Vec::new(),
            kind: None,
        }
    }

    /// Cuts `bytes` into parts that can be pushed one by one.
    pub(crate) fn slices(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
        bytes.chunks(SLICE)
    }

    /// Pushes the text of `bytes` to `splitter`.
    ///
    /// # Errors
    /// The gzip stream is corrupt; the text before that has been pushed.
    pub(crate) fn push(&mut self, bytes: &[u8], splitter: &mut Splitter) -> io::Result<()> {
        match &mut self.kind {
            Some(Kind::Plain) => splitter.push(bytes),
            Some(Kind::Gzip(gzip)) => {
                let written = gzip.write_all(bytes).and_then(|()| gzip.flush());
                pass_on(gzip, splitter);
                written?;
            }
            None => {
                self.begun.extend_from_slice(bytes);
                if self.begun.len() >= 2 {
                    self.begin();
                    let begun = std::mem::take(&mut self.begun);
                    return self.push(&begun, splitter);
                }
            }
        }
        Ok(())
    }

    /// Pushes the rest of the text at the end of the object.
    ///
    /// # Errors
    /// The gzip stream is truncated.
    pub(crate) fn finish(&mut self, splitter: &mut Splitter) -> io::Result<()> {
        if self.kind.is_none() {
            splitter.push(&self.begun);
        }
        if let Some(Kind::Gzip(gzip)) = &mut self.kind {
            let finished = gzip.try_finish();
            pass_on(gzip, splitter);
            finished?;
        }
        Ok(())
    }

    fn begin(&mut self) {
        self.kind = Some(if is_gzip(&self.begun) {
            Kind::Gzip(Box::new(MultiGzDecoder::new(Vec::new())))
        } else {
            Kind::Plain
        });
    }
}

fn pass_on(gzip: &mut MultiGzDecoder<Vec<u8>>, splitter: &mut Splitter) {
    let inflated = gzip.get_mut();
    splitter.push(inflated);
    inflated.clear();
}
