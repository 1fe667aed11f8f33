//! The response to a request of Firehose.

use serde::Serialize;
use serde_json::value::RawValue;
use thiserror::Error;
use triggers::{HttpBodyError, HttpResponse};

/// The maximum length in characters of a message to Firehose.
const MAX_MESSAGE: usize = 8192;

/// Why a request is not delivered. No message quotes the request.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EndpointError {
    /// The method is not POST.
    #[error("only POST is accepted: this is the HTTP endpoint of a delivery stream")]
    Method,
    /// The access key is missing or wrong.
    #[error(
        "the access key is not the one in the secret of RELAY_KEY_SECRET: set it as the access key of the delivery stream"
    )]
    AccessKey,
    /// The body cannot be decoded.
    #[error(transparent)]
    Encoding(#[from] HttpBodyError),
    /// The body has no records.
    #[error(
        "the body is not a request of Firehose; accepted is {{requestId, timestamp, records:[{{data}}]}} (line {line}, column {column})"
    )]
    Body {
        /// Line of the error in the body, from 1.
        line: usize,
        /// Column of the error, from 1.
        column: usize,
    },
    /// There is no id to echo.
    #[error(
        "the request id is missing or not valid: X-Amz-Firehose-Request-Id or requestId must have 1 to 256 printable ASCII characters"
    )]
    RequestId,
    /// Header and body have different ids.
    #[error("X-Amz-Firehose-Request-Id and requestId in the body differ")]
    DifferentIds,
    /// Some records are not the output of the transformation.
    #[error(
        "{failed} of {records} records (first: {first}, counted from 0) are not HEC objects, one per line, so that no transformation, and no masking, ran on them; nothing is relayed: set the function firehose-transform as the transformation of the delivery stream"
    )]
    Untransformed {
        /// Number of these records.
        failed: usize,
        /// Number of all records.
        records: usize,
        /// Index of the first of these records.
        first: usize,
    },
    /// Some events are not delivered.
    #[error("{undelivered} of {events} events are not delivered: {reason}")]
    Undelivered {
        /// Number of these events.
        undelivered: usize,
        /// Number of events that had to be delivered.
        events: usize,
        /// Why.
        reason: String,
    },
}

impl EndpointError {
    /// The HTTP status. Firehose repeats the request after each of these.
    pub fn status(&self) -> u16 {
        match self {
            Self::Method => 405,
            Self::AccessKey => 401,
            Self::Undelivered { .. } => 503,
            _ => 400,
        }
    }

    /// Whether the caller has not proved to be the delivery stream.
    pub fn is_unauthenticated(&self) -> bool {
        matches!(self, Self::Method | Self::AccessKey)
    }
}

/// The response to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointResponse {
    /// The id of the request; empty if it is unknown.
    pub request_id: String,
    /// Why the request is not delivered; `None` if it is.
    pub error: Option<EndpointError>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    request_id: &'a str,
    timestamp: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
}

const IS_JSON: &str = "strings and numbers are always JSON";

impl EndpointResponse {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.error.as_ref().map_or(200, EndpointError::status)
    }

    /// The response of a function URL as JSON; `timestamp` is the time in epoch milliseconds.
    pub fn to_json(&self, timestamp: u64) -> Box<RawValue> {
        let message = |error: &EndpointError| error.to_string().chars().take(MAX_MESSAGE).collect();
        let body = Body {
            request_id: &self.request_id,
            timestamp,
            error_message: self.error.as_ref().map(message),
        };
        let body = serde_json::to_string(&body).expect(IS_JSON);
        let response = HttpResponse::json(self.status(), body);
        serde_json::value::to_raw_value(&response).expect(IS_JSON)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn response(error: Option<EndpointError>) -> EndpointResponse {
        EndpointResponse {
            request_id: "a-1".to_owned(),
            error,
        }
    }

    #[test]
    fn a_response_has_the_documented_format() {
        assert_eq!(
            response(None).to_json(1_578_090_901_599).get(),
            r#"{"statusCode":200,"headers":{"content-type":"application/json"},"body":"{\"requestId\":\"a-1\",\"timestamp\":1578090901599}","isBase64Encoded":false}"#
        );
        assert_eq!(
            response(Some(EndpointError::DifferentIds)).to_json(7).get(),
            r#"{"statusCode":400,"headers":{"content-type":"application/json"},"body":"{\"requestId\":\"a-1\",\"timestamp\":7,\"errorMessage\":\"X-Amz-Firehose-Request-Id and requestId in the body differ\"}","isBase64Encoded":false}"#
        );
    }

    #[test]
    fn a_message_is_at_most_as_long_as_firehose_accepts() {
        let error = EndpointError::Undelivered {
            undelivered: 1,
            events: 2,
            reason: "é".repeat(10_000),
        };
        let response = response(Some(error)).to_json(7);
        let response: Value = serde_json::from_str(response.get()).unwrap();
        assert_eq!(response["statusCode"], 503);
        let body: Value = serde_json::from_str(response["body"].as_str().unwrap()).unwrap();
        let message = body["errorMessage"].as_str().unwrap();
        assert_eq!(message.chars().count(), MAX_MESSAGE);
        assert!(message.starts_with("1 of 2 events are not delivered: é"));
    }
}
