//! Calls to any service, in its protocol.

use bytes::Bytes;
use hyper::{Request, Response};
use serde_json::Value;

use super::Emulator;
use crate::function::{ACCOUNT, REGION};
use crate::loopback;

impl Emulator {
    /// The response to a call of a service with AWS's JSON protocol; `target` is service and operation.
    ///
    /// # Panics
    /// If the service rejects the call.
    pub fn call(&self, target: &str, input: &Value) -> Value {
        let (service, version) = match target.split('.').next() {
            Some("AmazonSQS") => ("sqs", "1.0"),
            Some("GraniteServiceVersion20100801") => ("monitoring", "1.0"),
            Some("secretsmanager") => ("secretsmanager", "1.1"),
            Some("Firehose_20150804") => ("firehose", "1.1"),
            Some("AWSEvents") => ("events", "1.1"),
            Some("Logs_20140328") => ("logs", "1.1"),
            Some("TrentService") => ("kms", "1.1"),
            _ => panic!("unknown service of {target}"),
        };
        let request = signed("POST", "/", service)
            .header("X-Amz-Target", target)
            .header("Content-Type", format!("application/x-amz-json-{version}"))
            .body(Bytes::from(input.to_string()))
            .expect("a well-formed request");
        let answer = self.exchange(request);
        if answer.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&answer).expect("a JSON response")
    }

    /// The response of a service with AWS's query protocol, in XML; the parameters need no escaping.
    ///
    /// # Panics
    /// If the service rejects the call.
    #[must_use]
    pub fn query(&self, service: &str, version: &str, action: &str, more: &str) -> String {
        let request = signed("POST", "/", service)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(Bytes::from(format!(
                "Action={action}&Version={version}{more}"
            )))
            .expect("a well-formed request");
        String::from_utf8(self.exchange(request)).expect("an XML response")
    }

    /// The response of Lambda to one call of its API.
    ///
    /// # Panics
    /// If it rejects the call.
    #[must_use]
    pub fn lambda(&self, method: &str, path: &str) -> Value {
        let request = signed(method, path, "lambda")
            .body(Bytes::new())
            .expect("a well-formed request");
        serde_json::from_slice(&self.exchange(request)).expect("a JSON response")
    }

    /// The response of a deployed function to an event.
    ///
    /// # Panics
    /// If it fails.
    #[must_use]
    pub fn invoke(&self, function: &str, event: Vec<u8>) -> Vec<u8> {
        let path = format!("/2015-03-31/functions/{function}/invocations");
        let request = signed("POST", &path, "lambda")
            .body(Bytes::from(event))
            .expect("a well-formed request");
        let response = self.send(request);
        let body = response.body().to_vec();
        assert!(
            response.status().is_success()
                && !response.headers().contains_key("x-amz-function-error"),
            "{function}: {} {}",
            response.status(),
            String::from_utf8_lossy(&body)
        );
        body
    }

    pub(super) fn s3(&self, method: &str, path: &str) -> Vec<u8> {
        self.s3_with(method, path, &[])
    }

    pub(super) fn s3_with(&self, method: &str, path: &str, content: &[u8]) -> Vec<u8> {
        let request = signed(method, path, "s3")
            .body(Bytes::copy_from_slice(content))
            .expect("a well-formed request");
        self.exchange(request)
    }

    /// The response to any request, including rejections.
    ///
    /// # Panics
    /// If there is no response.
    #[must_use]
    pub fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        let what = format!("{} {}", request.method(), request.uri());
        loopback::send(&self.authority, request).unwrap_or_else(|error| panic!("{what}: {error}"))
    }

    fn exchange(&self, request: Request<Bytes>) -> Vec<u8> {
        let what = format!(
            "{} {} {:?}",
            request.method(),
            request.uri(),
            request.headers().get("x-amz-target")
        );
        let (head, body) = self.send(request).into_parts();
        assert!(
            head.status.is_success(),
            "{what}: {} {}",
            head.status,
            String::from_utf8_lossy(&body)
        );
        body.to_vec()
    }
}

/// The texts of the elements of this name in an XML response, in their order.
#[must_use]
pub fn texts(xml: &str, element: &str) -> Vec<String> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    xml.split(&open)
        .skip(1)
        .filter_map(|rest| rest.split_once(&close))
        .map(|(text, _)| text.to_owned())
        .collect()
}

/// A request with the account's access key. The emulator reads the key and ignores the signature.
fn signed(method: &str, path: &str, service: &str) -> hyper::http::request::Builder {
    let scope = format!("{ACCOUNT}/20240501/{REGION}/{service}/aws4_request");
    Request::builder().method(method).uri(path).header(
        "Authorization",
        format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"),
    )
}
