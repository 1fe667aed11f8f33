//! One request and its response, or why there is none.

use std::time::{Duration, SystemTime};

use bytes::BytesMut;
use hec::ResponseClass;
use reqwest::header::RETRY_AFTER;
use reqwest::{RequestBuilder, Response};

use crate::connection::ConnectionError;
use crate::cookies::Cookies;
use crate::protocol::Protocol;

/// The most of a response body that is read; a HEC reply has some 50 bytes.
const MAX_REPLY_BYTES: usize = 64 * 1024;

/// The collector's response to a request with objects.
pub(crate) struct HecResponse {
    pub(crate) class: ResponseClass,
    pub(crate) retry_after: Option<Duration>,
    /// A 200 that is not the reply of a collector.
    pub(crate) is_foreign: bool,
    /// For people: status and code, never the text.
    pub(crate) note: String,
    /// For the polls that follow.
    pub(crate) cookies: Cookies,
}

/// Sends `request`, which has so many `objects`, and waits `time` for its response.
///
/// # Errors
/// There is none. The objects may be indexed or not.
pub(crate) async fn send_request(
    protocol: &Protocol,
    request: RequestBuilder,
    time: Duration,
    objects: usize,
) -> Result<HecResponse, ConnectionError> {
    let is_tls = protocol.is_tls();
    let response = request.timeout(time).send().await;
    let response = response.map_err(|error| ConnectionError::new(&error, is_tls))?;
    let status = response.status().as_u16();
    let mut cookies = Cookies::default();
    cookies.store(response.headers());
    let retry_after = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| parse_retry_after(value.to_str().ok()?));
    let body = read(response).await;
    let body = body.map_err(|error| ConnectionError::new(&error, is_tls))?;
    Ok(HecResponse {
        class: protocol.classify(status, &body, objects),
        retry_after,
        is_foreign: status == 200,
        note: note_of(status, &body),
        cookies,
    })
}

/// A response for people: its status and code, without its text.
pub(crate) fn note_of(status: u16, body: &[u8]) -> String {
    let reply: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    match reply.as_ref().and_then(|reply| reply.get("code")?.as_u64()) {
        Some(code) => format!("HTTP {status}, code {code}"),
        None => format!("HTTP {status} without a HEC reply"),
    }
}

/// The body of a response as far as it is read.
pub(crate) async fn read(mut response: Response) -> reqwest::Result<BytesMut> {
    let mut body = BytesMut::new();
    while body.len() < MAX_REPLY_BYTES
        && let Some(chunk) = response.chunk().await?
    {
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The pause that `Retry-After` asks for, in seconds or as a date (RFC 9110, section 10.2.3).
fn parse_retry_after(value: &str) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_in_seconds_or_a_date() {
        let seconds = Duration::from_secs;
        assert_eq!(parse_retry_after("7"), Some(seconds(7)));
        assert_eq!(parse_retry_after(" 0 "), Some(Duration::ZERO));
        let past = parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(past, Some(seconds(0)));
        let hour = httpdate::fmt_http_date(SystemTime::now() + seconds(3600));
        assert!(parse_retry_after(&hour).unwrap() > seconds(3500));
        assert_eq!(parse_retry_after("soon"), None);
        assert_eq!(parse_retry_after("-1"), None);
    }
}
