//! Request bodies: read within the size limit and inflated.

use std::io::Read as _;

use bytes::{Bytes, BytesMut};
use flate2::read::MultiGzDecoder;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::header::{CONTENT_ENCODING, HeaderMap};

/// Bytes that are read and discarded beyond the limit. A client that is still writing when the
/// connection closes may not receive the 413.
const MAX_DISCARDED: usize = 64 << 20;

/// Why a body cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BodyError {
    /// Over the limit, as sent or inflated.
    TooLarge,
    /// Not valid gzip.
    Corrupt,
    /// The client closed the connection.
    Closed,
}

/// Whether the body is gzip; `None` for an encoding that Splunk answers with 415.
pub(super) fn is_gzip(headers: &HeaderMap) -> Option<bool> {
    match headers.get(CONTENT_ENCODING).map(|value| value.as_bytes()) {
        None | Some(b"" | b"identity") => Some(false),
        Some(b"gzip" | b"x-gzip") => Some(true),
        Some(_) => None,
    }
}

/// The body as it was sent.
pub(super) async fn read(mut body: Incoming, limit: usize) -> Result<Bytes, BodyError> {
    let mut read = BytesMut::new();
    let mut total = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| BodyError::Closed)?.into_data() else {
            continue; // trailers
        };
        total += data.len();
        if total > limit.saturating_add(MAX_DISCARDED) {
            return Err(BodyError::TooLarge);
        }
        if total <= limit {
            read.extend_from_slice(&data);
        }
    }
    if total > limit {
        return Err(BodyError::TooLarge);
    }
    Ok(read.freeze())
}

/// The content of all gzip members, at most `limit` bytes.
pub(super) fn inflate(gzip: &[u8], limit: usize) -> Result<Bytes, BodyError> {
    let mut plain = Vec::new();
    MultiGzDecoder::new(gzip)
        .take(limit as u64 + 1)
        .read_to_end(&mut plain)
        .map_err(|_| BodyError::Corrupt)?;
    if plain.len() > limit {
        return Err(BodyError::TooLarge);
    }
    Ok(Bytes::from(plain))
}
