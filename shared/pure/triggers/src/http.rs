//! Requests to a function URL, payload format 2.0 (AWS Lambda developer guide, "Request and response
//! payloads").

use std::collections::HashMap;
use std::io::Read as _;

use flate2::read::MultiGzDecoder;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Maximum size of an inflated body in bytes: Firehose's limit for requests to an HTTP endpoint.
const MAX_INFLATED_BYTES: u64 = 64 * 1024 * 1024;

/// One HTTP request to a function URL.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpRequest {
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

/// The event is not an HTTP request.
#[derive(Debug, Error)]
#[error(
    "the event is not a request to a function URL (payload format 2.0 with headers, body and requestContext.http.method; line {line}, column {column}): call this function by its URL"
)]
pub struct NotHttpError {
    line: usize,
    column: usize,
}

/// A body that is not encoded as the request states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HttpBodyError {
    /// It is flagged as base64 and is not.
    #[error("the body is flagged as base64 and is not valid base64")]
    Base64,
    /// Its `content-encoding` is gzip and it is not.
    #[error(
        "content-encoding is gzip and the body is not valid gzip: set the delivery stream's content encoding to GZIP or disable it"
    )]
    Gzip,
    /// Its `content-encoding` is another one, which Firehose never uses.
    #[error("the content-encoding is neither gzip nor identity")]
    Encoding,
    /// It inflates to more than 64 MiB.
    #[error("the body inflates to more than 64 MiB, which Firehose does not send")]
    TooLarge,
}

impl HttpRequest {
    /// The request in the `event` of an invocation.
    ///
    /// # Errors
    /// See [`NotHttpError`].
    pub fn parse(event: &str) -> Result<Self, NotHttpError> {
        // The parser's own message may quote the event.
        serde_json::from_str(event).map_err(|error| NotHttpError {
            line: error.line(),
            column: error.column(),
        })
    }

    /// The method in upper case.
    pub fn method(&self) -> &str {
        &self.request_context.http.method
    }

    /// The value of the header of this lower-case name, empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The body, decoded and inflated.
    ///
    /// # Errors
    /// See [`HttpBodyError`].
    pub fn body(&self) -> Result<Vec<u8>, HttpBodyError> {
        let body = self.body.as_deref().unwrap_or_default();
        let body = if self.is_base64_encoded {
            base64_simd::STANDARD
                .decode_to_vec(body)
                .map_err(|_| HttpBodyError::Base64)?
        } else {
            body.as_bytes().to_vec()
        };
        let encoding = self.header("content-encoding").trim();
        if encoding.eq_ignore_ascii_case("gzip") {
            inflated(&body)
        } else if encoding.is_empty() || encoding.eq_ignore_ascii_case("identity") {
            Ok(body)
        } else {
            Err(HttpBodyError::Encoding)
        }
    }
}

fn inflated(gzip: &[u8]) -> Result<Vec<u8>, HttpBodyError> {
    let mut body = Vec::new();
    MultiGzDecoder::new(gzip)
        .take(MAX_INFLATED_BYTES + 1)
        .read_to_end(&mut body)
        .map_err(|_| HttpBodyError::Gzip)?;
    if body.len() as u64 > MAX_INFLATED_BYTES {
        return Err(HttpBodyError::TooLarge);
    }
    Ok(body)
}

/// The response to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpResponse {
    status_code: u16,
    headers: Headers,
    body: String,
    is_base64_encoded: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Headers {
    #[serde(rename = "content-type")]
    content_type: &'static str,
}

impl HttpResponse {
    /// A response with this status and a body of JSON.
    pub fn json(status_code: u16, body: String) -> Self {
        Self {
            status_code,
            headers: Headers {
                content_type: "application/json",
            },
            body,
            is_base64_encoded: false,
        }
    }
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

    fn body(encoding: &str, body: &[u8]) -> Result<Vec<u8>, HttpBodyError> {
        let event = json!({
            "headers": { "content-encoding": encoding },
            "body": base64_simd::STANDARD.encode_to_string(body),
            "isBase64Encoded": true,
            "requestContext": { "http": { "method": "POST" } },
        });
        HttpRequest::parse(&event.to_string()).unwrap().body()
    }

    fn plain(body: &Value, is_base64: bool) -> Result<Vec<u8>, HttpBodyError> {
        let event = json!({
            "body": body,
            "isBase64Encoded": is_base64,
            "requestContext": { "http": { "method": "POST" } },
        });
        HttpRequest::parse(&event.to_string()).unwrap().body()
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
    fn a_body_that_is_not_encoded_as_stated_is_rejected() {
        assert_eq!(plain(&json!("e3!="), true), Err(HttpBodyError::Base64));
        assert_eq!(body("gzip", b"{}"), Err(HttpBodyError::Gzip));
        let whole = gzip(b"{\"requestId\":\"a\"}");
        assert_eq!(
            body("gzip", &whole[..whole.len() - 9]),
            Err(HttpBodyError::Gzip)
        );
        assert_eq!(body("br", b"{}"), Err(HttpBodyError::Encoding));
    }

    #[test]
    fn a_body_is_inflated_up_to_the_limit_of_firehose() {
        let max = usize::try_from(MAX_INFLATED_BYTES).unwrap();
        let fits = body("gzip", &gzip(&vec![b' '; max])).unwrap();
        assert_eq!(fits.len(), max);
        assert_eq!(
            body("gzip", &gzip(&vec![b' '; max + 1])),
            Err(HttpBodyError::TooLarge)
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
            let error = HttpRequest::parse(event).err().unwrap().to_string();
            assert!(error.contains("call this function by its URL"), "{error}");
            assert!(!error.contains("alice"), "{error}");
        }
    }
}
