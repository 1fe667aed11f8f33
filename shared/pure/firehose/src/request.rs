//! What Firehose sends to a transformation function.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use thiserror::Error;

/// One invocation. Keys that are not named here are ignored.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request<'a> {
    /// The stream's ARN; some samples of AWS write the key `deliverySteamArn`.
    #[serde(borrow, default, alias = "deliverySteamArn")]
    pub delivery_stream_arn: Option<Cow<'a, str>>,
    /// The Kinesis stream that feeds the delivery stream, if any. `PutRecordBatch` is not possible on
    /// such a delivery stream.
    #[serde(borrow, default)]
    pub source_kinesis_stream_arn: Option<Cow<'a, str>>,
    /// The records, each to be returned once and in this order.
    #[serde(borrow)]
    pub records: Vec<RequestRecord<'a>>,
}

impl<'a> Request<'a> {
    /// Parses an invocation's event.
    ///
    /// # Errors
    /// The event is not JSON, or has no `records` that each have a `recordId`.
    pub fn parse(event: &'a str) -> Result<Self, RequestError> {
        // A derived struct would also accept an array.
        if event.trim_ascii_start().starts_with('[') {
            return Err(RequestError {
                what: "it is an array",
                line: 1,
                column: 1,
            });
        }
        serde_json::from_str(event).map_err(|error| RequestError {
            what: if error.is_data() {
                "it has no records with ids"
            } else {
                "it is not JSON"
            },
            line: error.line(),
            column: error.column(),
        })
    }

    /// The stream's name from its ARN, or empty.
    pub fn stream_name(&self) -> &str {
        let arn = self.delivery_stream_arn.as_deref().unwrap_or_default();
        arn.split_once("deliverystream/")
            .map_or("", |(_, name)| name)
    }

    /// The stream's account from its ARN, or empty.
    pub fn account(&self) -> &str {
        let arn = self.delivery_stream_arn.as_deref().unwrap_or_default();
        arn.split(':').nth(4).unwrap_or_default()
    }
}

/// An event that is not a transformation request, and where that shows. The text of serde's own
/// error is omitted, because it may quote the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "the event is not a Firehose transformation request: {what} (line {line}, column {column})"
)]
pub struct RequestError {
    what: &'static str,
    line: usize,
    column: usize,
}

/// One record. All values are kept unparsed, so that an invalid one costs this record alone.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestRecord<'a> {
    #[serde(borrow)]
    record_id: &'a RawValue,
    #[serde(borrow, default)]
    approximate_arrival_timestamp: Option<&'a RawValue>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    /// Replaces `data` if Kafka feeds the stream.
    #[serde(borrow, default)]
    kafka_record_value: Option<&'a RawValue>,
}

/// Why a record has no data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DataError {
    /// There is no string under `data` or `kafkaRecordValue`.
    #[error("data is missing or no string")]
    Missing,
    /// The string is not base64 (RFC 4648, with padding).
    #[error("data is not base64")]
    NotBase64,
}

impl RequestRecord<'_> {
    /// The id as written in the request, with its quotes.
    pub fn id(&self) -> &str {
        self.record_id.get()
    }

    /// When Firehose received the record, in milliseconds since 1970.
    pub fn arrival_ms(&self) -> Option<i64> {
        self.approximate_arrival_timestamp?.get().parse().ok()
    }

    /// Replaces the content of `out` with the record's data.
    ///
    /// # Errors
    /// See [`DataError`].
    pub fn decode(&self, out: &mut Vec<u8>) -> Result<(), DataError> {
        out.clear();
        let value = self
            .data
            .or(self.kafka_record_value)
            .ok_or(DataError::Missing)?
            .get();
        let content = value
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        let content = content.ok_or(DataError::Missing)?;
        // Some JSON encoders escape the slash, a character of base64.
        let content: Cow<'_, str> = match content.contains('\\') {
            true => Cow::Owned(serde_json::from_str(value).map_err(|_| DataError::NotBase64)?),
            false => Cow::Borrowed(content),
        };
        base64_simd::STANDARD
            .decode_append(content.as_bytes(), out)
            .map_err(|_| DataError::NotBase64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(record: &str) -> Result<Vec<u8>, DataError> {
        let event = format!(r#"{{"records":[{{"recordId":"1",{record}}}]}}"#);
        let mut out = b"old".to_vec();
        Request::parse(&event).unwrap().records[0]
            .decode(&mut out)
            .map(|()| out)
    }

    #[test]
    fn parses_what_firehose_and_its_samples_send() {
        let event = r#"{"invocationId":"i","deliverySteamArn":"arn:aws:firehose:us-east-1:111122223333:deliverystream/s",
            "region":"us-east-1","sourceKinesisStreamArn":"k","new":{"key":[1]},"records":[{"recordId":"a\/b",
            "approximateArrivalTimestamp":1510772160000,"data":"eA==","kinesisRecordMetadata":{"subsequenceNumber":"0"}}]}"#;
        let request = Request::parse(event).unwrap();
        assert_eq!(
            (request.stream_name(), request.account()),
            ("s", "111122223333")
        );
        assert_eq!(request.records[0].id(), r#""a\/b""#);
        assert_eq!(request.records[0].arrival_ms(), Some(1_510_772_160_000));
    }

    #[test]
    fn an_array_is_not_a_request() {
        let error = Request::parse("[null, null, []]").unwrap_err();
        assert!(error.to_string().contains("it is an array"), "{error}");
    }

    #[test]
    fn decodes_strictly_and_record_by_record() {
        assert_eq!(decoded(r#""data":"eHk=""#).unwrap(), b"xy");
        assert_eq!(decoded(r#""kafkaRecordValue":"eHk=""#).unwrap(), b"xy");
        assert_eq!(decoded(r#""data":"P\/8=""#).unwrap(), b"?\xff");
        assert_eq!(decoded(r#""data":"""#).unwrap(), b"");
        for bad in [
            r#""data":"eHk""#,
            r#""data":"eH k=""#,
            r#""data":"*""#,
            r#""data":"eHl=""#,
        ] {
            assert_eq!(decoded(bad), Err(DataError::NotBase64), "{bad}");
        }
        for odd in [
            r#""data":5"#,
            r#""data":null"#,
            r#""other":1"#,
            r#""data":{"a":"b"}"#,
        ] {
            assert_eq!(decoded(odd), Err(DataError::Missing), "{odd}");
        }
    }

    #[test]
    fn rejects_events_without_records() {
        for event in [
            "",
            "[]",
            "{}",
            r#"{"records":5}"#,
            r#"{"records":[{"data":""}]}"#,
        ] {
            assert!(Request::parse(event).is_err(), "{event}");
        }
        let error = Request::parse(r#"{"records":"alice"}"#)
            .unwrap_err()
            .to_string();
        assert!(!error.contains("alice"), "{error}");
        assert!(
            Request::parse(r#"{"records":[]}"#)
                .unwrap()
                .records
                .is_empty()
        );
    }
}
