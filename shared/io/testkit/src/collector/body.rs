//! Request bodies: read within the size limit and inflated.

use std::io::Read as _;

use bytes::{Bytes, BytesMut};
use flate2::read::MultiGzDecoder;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::header::{CONTENT_ENCODING, HeaderMap};

/// How far past the limit a body is read and thrown away, in bytes. A client that is still
/// writing when the connection closes may never see the 413.
const DRAINED: usize = 64 << 20;

/// Why a body cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// Over the limit, as sent or inflated.
    TooLarge,
    /// Not valid gzip.
    Corrupt,
    /// The client went away.
    Gone,
}

/// How the body is encoded, or nothing for an encoding that Splunk answers with 415.
pub(super) fn is_gzip(headers: &HeaderMap) -> Option<bool> {
    match headers.get(CONTENT_ENCODING).map(|value| value.as_bytes()) {
        None | Some(b"" | b"identity") => Some(false),
        Some(b"gzip" | b"x-gzip") => Some(true),
        Some(_) => None,
    }
}

/// The body as sent.
pub(super) async fn read(mut body: Incoming, limit: usize) -> Result<Bytes, Unreadable> {
    let mut read = BytesMut::new();
    let mut total = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Unreadable::Gone)?.into_data() else {
            continue; // trailers
        };
        total += data.len();
        if total > limit.saturating_add(DRAINED) {
            return Err(Unreadable::TooLarge);
        }
        if total <= limit {
            read.extend_from_slice(&data);
        }
    }
    if total > limit {
        return Err(Unreadable::TooLarge);
    }
    Ok(read.freeze())
}

/// The content of all gzip members, at most `limit` bytes.
pub(super) fn inflate(gzip: &[u8], limit: usize) -> Result<Bytes, Unreadable> {
    let mut plain = Vec::new();
    MultiGzDecoder::new(gzip)
        .take(limit as u64 + 1)
        .read_to_end(&mut plain)
        .map_err(|_| Unreadable::Corrupt)?;
    if plain.len() > limit {
        return Err(Unreadable::TooLarge);
    }
    Ok(Bytes::from(plain))
}
