//! Authorization and channel of a request.

use hyper::header::{AUTHORIZATION, HeaderMap};

use super::ReplyCode;

/// Checks the token of a request.
///
/// `Splunk <token>` and Basic with the token as password are accepted, Bearer is not.
///
/// # Errors
/// The code of the rejection.
pub(super) fn authorize(headers: &HeaderMap, token: &str) -> Result<(), ReplyCode> {
    let Some(value) = headers.get(AUTHORIZATION) else {
        return Err(ReplyCode::TokenRequired);
    };
    let value = value.to_str().unwrap_or_default().trim();
    let Some((scheme, credentials)) = value.split_once(' ') else {
        return Err(ReplyCode::InvalidAuthorization);
    };
    let credentials = credentials.trim();
    let token_sent = if scheme.eq_ignore_ascii_case("splunk") {
        credentials.as_bytes().to_vec()
    } else if scheme.eq_ignore_ascii_case("basic") {
        password(credentials).ok_or(ReplyCode::InvalidAuthorization)?
    } else {
        return Err(ReplyCode::InvalidAuthorization);
    };
    if same(&token_sent, token.as_bytes()) {
        Ok(())
    } else {
        Err(ReplyCode::InvalidToken)
    }
}

fn password(credentials: &str) -> Option<Vec<u8>> {
    let decoded = base64_simd::STANDARD
        .decode_to_vec(credentials.as_bytes())
        .ok()?;
    let colon = decoded.iter().position(|byte| *byte == b':')?;
    Some(decoded[colon + 1..].to_vec())
}

/// Equality in constant time for a given length.
fn same(left: &[u8], right: &[u8]) -> bool {
    let difference = left
        .iter()
        .zip(right)
        .fold(0, |seen, (l, r)| std::hint::black_box(seen | (l ^ r)));
    left.len() == right.len() && difference == 0
}

/// The channel from the header or the query, if it is a GUID.
///
/// # Errors
/// Code 10 without a channel, 11 if it is not a GUID.
pub(super) fn channel(headers: &HeaderMap, query: Option<&str>) -> Result<String, ReplyCode> {
    let channel = match headers.get("x-splunk-request-channel") {
        Some(value) => value.to_str().unwrap_or_default(),
        None => query
            .unwrap_or_default()
            .split('&')
            .find_map(|pair| pair.strip_prefix("channel="))
            .unwrap_or_default(),
    };
    match channel {
        "" => Err(ReplyCode::ChannelMissing),
        guid if is_guid(guid) => Ok(guid.to_ascii_lowercase()),
        _ => Err(ReplyCode::InvalidChannel),
    }
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
