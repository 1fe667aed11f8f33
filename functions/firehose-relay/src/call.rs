//! A call of the function's URL, payload format 2.0.

use std::collections::HashMap;
use std::io::Read as _;

use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use thiserror::Error;

use crate::answer::Refusal;

/// The most bytes of an inflated body: what Firehose holds its requests to.
const MOST_INFLATED: u64 = 64 * 1024 * 1024;

/// One HTTP request to the function's URL.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    #[serde(default)]
    headers: HashMap<String, String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
    request_context: RequestContext,
}

#[derive(Deserialize)]
struct RequestContext {
    http: Http,
}

#[derive(Deserialize)]
struct Http {
    method: String,
}

/// The event is no HTTP request.
#[derive(Debug, Error)]
#[error(
    "the event is no request to a function URL (payload format 2.0 with headers, body and requestContext.http.method; line {line}, column {column}): call this function by its URL"
)]
pub struct BadEvent {
    line: usize,
    column: usize,
}

impl Call {
    /// The call in an `event` of Lambda.
    ///
    /// # Errors
    /// See [`BadEvent`].
    pub fn parse(event: &str) -> Result<Self, BadEvent> {
        // The parser's own message may quote what it found.
        serde_json::from_str(event).map_err(|error| BadEvent {
            line: error.line(),
            column: error.column(),
        })
    }

    /// The method in capitals.
    pub(crate) fn method(&self) -> &str {
        &self.request_context.http.method
    }

    /// The value of the header of this lower-case name, empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The body as Firehose wrote it.
    ///
    /// # Errors
    /// It is not what the call says it is.
    pub fn body(&self) -> Result<Vec<u8>, Refusal> {
        let body = self.body.as_deref().unwrap_or_default();
        let body = if self.is_base64_encoded {
            base64_simd::STANDARD
                .decode_to_vec(body)
                .map_err(|_| Refusal::Base64)?
        } else {
            body.as_bytes().to_vec()
        };
        let encoding = self.header("content-encoding").trim();
        if encoding.eq_ignore_ascii_case("gzip") {
            inflated(&body)
        } else if encoding.is_empty() || encoding.eq_ignore_ascii_case("identity") {
            Ok(body)
        } else {
            Err(Refusal::Encoding)
        }
    }
}

fn inflated(gzip: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut body = Vec::new();
    MultiGzDecoder::new(gzip)
        .take(MOST_INFLATED + 1)
        .read_to_end(&mut body)
        .map_err(|_| Refusal::Gzip)?;
    if body.len() as u64 > MOST_INFLATED {
        return Err(Refusal::TooLarge);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use serde_json::{Value, json};

    use super::*;

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(plain).unwrap();
        gzip.finish().unwrap()
    }

    fn body(encoding: &str, body: &[u8]) -> Result<Vec<u8>, Refusal> {
        let event = json!({
            "headers": { "content-encoding": encoding },
            "body": base64_simd::STANDARD.encode_to_string(body),
            "isBase64Encoded": true,
            "requestContext": { "http": { "method": "POST" } },
        });
        Call::parse(&event.to_string()).unwrap().body()
    }

    fn plain(body: &Value, is_base64: bool) -> Result<Vec<u8>, Refusal> {
        let event = json!({
            "body": body,
            "isBase64Encoded": is_base64,
            "requestContext": { "http": { "method": "POST" } },
        });
        Call::parse(&event.to_string()).unwrap().body()
    }

    #[test]
    fn a_body_is_plain_or_base64_or_gzip_or_absent() {
        assert_eq!(
            plain(&json!("{\"a\":\"é\"}"), false).unwrap(),
            "{\"a\":\"é\"}".as_bytes()
        );
        assert_eq!(plain(&json!("e30="), true).unwrap(), b"{}");
        assert_eq!(plain(&Value::Null, false).unwrap(), b"");
        for encoding in ["gzip", "GZIP", " gzip "] {
            assert_eq!(body(encoding, &gzip(b"{}")).unwrap(), b"{}");
        }
        let members = [gzip(b"{"), gzip(b"}")].concat();
        assert_eq!(body("gzip", &members).unwrap(), b"{}");
        assert_eq!(body("identity", b"{}").unwrap(), b"{}");
    }

    #[test]
    fn a_body_that_is_not_what_it_is_called_is_refused() {
        assert_eq!(plain(&json!("e3!="), true), Err(Refusal::Base64));
        assert_eq!(body("gzip", b"{}"), Err(Refusal::Gzip));
        let whole = gzip(b"{\"requestId\":\"a\"}");
        assert_eq!(body("gzip", &whole[..whole.len() - 9]), Err(Refusal::Gzip));
        assert_eq!(body("br", b"{}"), Err(Refusal::Encoding));
    }

    #[test]
    fn a_body_stops_inflating_at_what_firehose_may_send() {
        let most = usize::try_from(MOST_INFLATED).unwrap();
        let fits = body("gzip", &gzip(&vec![b' '; most])).unwrap();
        assert_eq!(fits.len(), most);
        assert_eq!(
            body("gzip", &gzip(&vec![b' '; most + 1])),
            Err(Refusal::TooLarge)
        );
    }

    #[test]
    fn an_event_of_another_kind_is_named_and_not_quoted() {
        for event in [
            r#"{"Records":[{"userName":"alice"}]}"#,
            r#"{"requestContext":{"http":{"method":["alice"]}}}"#,
            r#"{"requestContext":"alice"}"#,
            "[]",
        ] {
            let error = Call::parse(event).err().unwrap().to_string();
            assert!(error.contains("call this function by its URL"), "{error}");
            assert!(!error.contains("alice"), "{error}");
        }
    }
}
