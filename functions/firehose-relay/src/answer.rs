//! What Firehose is answered.

use serde::Serialize;
use serde_json::value::RawValue;
use thiserror::Error;
use triggers::{HttpBodyError, HttpResponse};

/// The most characters of a message that Firehose takes.
const MOST_MESSAGE: usize = 8192;

/// Why a request is not relayed. No message holds anything of the request.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// Only deliveries are answered.
    #[error("only POST is answered here: this is the HTTP endpoint of a delivery stream")]
    Method,
    /// The access key is missing or another one.
    #[error(
        "the access key is not the one in the secret of RELAY_KEY_SECRET: set the delivery stream's access key to it"
    )]
    Key,
    /// The body cannot be decoded.
    #[error(transparent)]
    Encoding(#[from] HttpBodyError),
    /// The body has no records.
    #[error(
        "the body is no delivery of Firehose: {{requestId, timestamp, records:[{{data}}]}} is expected (line {line}, column {column})"
    )]
    Body {
        /// Where it ends to be one.
        line: usize,
        /// The same.
        column: usize,
    },
    /// Nothing can be echoed.
    #[error(
        "the request id is missing or malformed: X-Amz-Firehose-Request-Id or requestId is to be 1 to 256 printable ASCII characters"
    )]
    Id,
    /// Header and body belong to two requests.
    #[error("X-Amz-Firehose-Request-Id and requestId in the body differ")]
    OtherId,
    /// Records that the transformation did not make.
    #[error(
        "{failed} of {records} records (first: {first}, counted from 0) are not HEC objects one a line, so that no transformation, and no masking, ran on them; nothing is relayed: give the delivery stream the firehose-transform function as its transformation"
    )]
    Untransformed {
        /// How many.
        failed: usize,
        /// Of how many.
        records: usize,
        /// The place of the first.
        first: usize,
    },
    /// Events are left.
    #[error("{left} of {events} events are not delivered: {reason}")]
    Left {
        /// How many.
        left: usize,
        /// Of how many that were still to be delivered.
        events: usize,
        /// Why.
        reason: String,
    },
}

impl Refusal {
    /// The HTTP status. Firehose sends again after each of these.
    pub fn status(&self) -> u16 {
        match self {
            Self::Method => 405,
            Self::Key => 401,
            Self::Left { .. } => 503,
            _ => 400,
        }
    }

    /// Whether whoever called has not shown to be the delivery stream.
    pub(crate) fn is_of_a_stranger(&self) -> bool {
        matches!(self, Self::Method | Self::Key)
    }
}

/// The answer to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The id of the request, empty where it is not known.
    pub request_id: String,
    /// Why the request is not done; nothing where it is.
    pub refusal: Option<Refusal>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    request_id: &'a str,
    timestamp: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
}

const PLAIN: &str = "texts and numbers can be written as JSON";

impl Answer {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.refusal.as_ref().map_or(200, Refusal::status)
    }

    /// The response of a function URL, given the time in epoch milliseconds.
    pub fn response(&self, timestamp: u64) -> Box<RawValue> {
        let message = |refusal: &Refusal| refusal.to_string().chars().take(MOST_MESSAGE).collect();
        let body = Body {
            request_id: &self.request_id,
            timestamp,
            error_message: self.refusal.as_ref().map(message),
        };
        let body = serde_json::to_string(&body).expect(PLAIN);
        let response = HttpResponse::json(self.status(), body);
        serde_json::value::to_raw_value(&response).expect(PLAIN)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn answer(refusal: Option<Refusal>) -> Answer {
        Answer {
            request_id: "a-1".to_owned(),
            refusal,
        }
    }

    #[test]
    fn a_response_has_the_exact_form() {
        assert_eq!(
            answer(None).response(1_578_090_901_599).get(),
            r#"{"statusCode":200,"headers":{"content-type":"application/json"},"body":"{\"requestId\":\"a-1\",\"timestamp\":1578090901599}","isBase64Encoded":false}"#
        );
        assert_eq!(
            answer(Some(Refusal::OtherId)).response(7).get(),
            r#"{"statusCode":400,"headers":{"content-type":"application/json"},"body":"{\"requestId\":\"a-1\",\"timestamp\":7,\"errorMessage\":\"X-Amz-Firehose-Request-Id and requestId in the body differ\"}","isBase64Encoded":false}"#
        );
    }

    #[test]
    fn a_message_is_no_longer_than_firehose_takes() {
        let refusal = Refusal::Left {
            left: 1,
            events: 2,
            reason: "é".repeat(10_000),
        };
        let response = answer(Some(refusal)).response(7);
        let response: Value = serde_json::from_str(response.get()).unwrap();
        assert_eq!(response["statusCode"], 503);
        let body: Value = serde_json::from_str(response["body"].as_str().unwrap()).unwrap();
        let message = body["errorMessage"].as_str().unwrap();
        assert_eq!(message.chars().count(), MOST_MESSAGE);
        assert!(message.starts_with("1 of 2 events are not delivered: é"));
    }
}
