//! One request and its reply, whatever that is.

use std::time::{Duration, SystemTime};

use bytes::BytesMut;
use hec::Verdict;
use reqwest::header::RETRY_AFTER;
use reqwest::{RequestBuilder, Response};

use crate::cookies::Cookies;
use crate::protocol::Protocol;

/// The most of a reply that is read; a HEC reply has some 50 bytes.
const MAX_REPLY: usize = 64 * 1024;

/// One reply, or why there is none.
pub(crate) struct Heard {
    pub(crate) verdict: Verdict,
    pub(crate) retry_after: Option<Duration>,
    /// A success by its status that no collector gives.
    pub(crate) is_no_reply: bool,
    /// For people: no content.
    pub(crate) note: String,
    /// For the polls that follow.
    pub(crate) cookies: Cookies,
}

/// The reply to `request`, which has so many `objects`, or what became of it after `time`.
pub(crate) async fn hear(
    protocol: &Protocol,
    request: RequestBuilder,
    time: Duration,
    objects: usize,
) -> Heard {
    let response = match request.timeout(time).send().await {
        Ok(response) => response,
        Err(error) => return nothing(&error),
    };
    let status = response.status().as_u16();
    let mut cookies = Cookies::default();
    cookies.store(response.headers());
    let retry_after = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| pause_in(value.to_str().ok()?));
    match read(response).await {
        Ok(body) => Heard {
            verdict: protocol.verdict(status, &body, objects),
            retry_after,
            is_no_reply: status == 200,
            note: note_of(status, &body),
            cookies,
        },
        Err(error) => nothing(&error),
    }
}

/// Without a reply the objects may be indexed or not, and are sent again.
fn nothing(error: &reqwest::Error) -> Heard {
    Heard {
        verdict: Verdict::Busy { indexed: 0 },
        retry_after: None,
        is_no_reply: false,
        note: without_reply(error),
        cookies: Cookies::default(),
    }
}

/// Why there is no reply, for people.
pub(crate) fn without_reply(error: &reqwest::Error) -> String {
    let reason = if error.is_timeout() {
        "no reply in time"
    } else if error.is_connect() {
        "no connection, or no trusted one"
    } else {
        "the connection broke"
    };
    reason.to_owned()
}

/// A reply for people: its status and code, without its text.
pub(crate) fn note_of(status: u16, body: &[u8]) -> String {
    format!("HTTP {status}{}", code_in(body))
}

/// The body of a reply as far as it is read.
pub(crate) async fn read(mut response: Response) -> reqwest::Result<BytesMut> {
    let mut body = BytesMut::new();
    while body.len() < MAX_REPLY
        && let Some(chunk) = response.chunk().await?
    {
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// `, code 7` of a HEC reply.
fn code_in(body: &[u8]) -> String {
    let reply: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let code = reply.as_ref().and_then(|reply| reply.get("code")?.as_u64());
    code.map_or_else(
        || " without a HEC reply".to_owned(),
        |code| format!(", code {code}"),
    )
}

/// What `Retry-After` says, in seconds or as a date (RFC 9110, section 10.2.3).
fn pause_in(value: &str) -> Option<Duration> {
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
    fn a_pause_is_told_in_seconds_or_as_a_date() {
        let seconds = Duration::from_secs;
        assert_eq!(pause_in("7"), Some(seconds(7)));
        assert_eq!(pause_in(" 0 "), Some(Duration::ZERO));
        assert_eq!(pause_in("Sun, 06 Nov 1994 08:49:37 GMT"), Some(seconds(0)));
        let hour = httpdate::fmt_http_date(SystemTime::now() + seconds(3600));
        assert!(pause_in(&hour).unwrap() > seconds(3500));
        assert_eq!(pause_in("soon"), None);
        assert_eq!(pause_in("-1"), None);
    }
}
