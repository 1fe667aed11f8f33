//! The transformation event, and the outcome of each record by the response.
//!
//! Amazon Data Firehose Developer Guide, "Transform source data in Amazon Data Firehose".

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use super::buffer::Record;
use super::{MAX_INVOCATION_BYTES, Transform};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    invocation_id: &'a str,
    delivery_stream_arn: &'a str,
    region: &'a str,
    records: Vec<EventRecord<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventRecord<'a> {
    record_id: &'a str,
    approximate_arrival_timestamp: u64,
    data: String,
}

#[derive(Deserialize)]
struct Response {
    records: Vec<ResponseRecord>,
}

#[derive(Deserialize)]
struct ResponseRecord {
    #[serde(rename = "recordId")]
    id: String,
    result: Option<String>,
    data: Option<String>,
}

/// The outcome of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The transformed data.
    Ok(Vec<u8>),
    Dropped,
    Failed {
        code: &'static str,
        message: String,
    },
}

impl Outcome {
    fn failed(code: &'static str, message: impl Into<String>) -> Self {
        Self::Failed {
            code,
            message: message.into(),
        }
    }
}

/// The transformation event as JSON.
pub(super) fn event(invocation_id: &str, stream_arn: &str, records: &[Record]) -> Vec<u8> {
    let event = Event {
        invocation_id,
        delivery_stream_arn: stream_arn,
        region: stream_arn.split(':').nth(3).unwrap_or_default(),
        records: records
            .iter()
            .map(|record| EventRecord {
                record_id: &record.id,
                approximate_arrival_timestamp: record.arrival_ms,
                data: base64_simd::STANDARD.encode_to_string(&record.data),
            })
            .collect(),
    };
    serde_json::to_vec(&event).expect("strings and numbers are always JSON")
}

/// One invocation. A panic of the transform fails the invocation, not the stream.
pub(super) async fn invoke(transform: &Transform, event: Vec<u8>) -> Result<Vec<u8>, String> {
    let transform = Transform::clone(transform);
    // A set, because it aborts its task when the stream is dropped.
    let mut invocation = JoinSet::new();
    invocation.spawn(async move { transform(event).await });
    match invocation.join_next().await {
        Some(Ok(result)) => result,
        _ => Err("the transform panicked".to_owned()),
    }
}

/// The outcome of each record, in the order of the request.
///
/// A response that cannot be parsed, is over the limit or has an unknown record id fails every record.
/// A record that is missing, duplicated or without a valid result fails alone.
pub(super) fn outcomes(records: &[Record], response: &[u8]) -> Vec<Outcome> {
    let mut results = match read(records, response) {
        Ok(results) => results,
        Err(failed) => return vec![failed; records.len()],
    };
    records
        .iter()
        .map(|record| match results.remove(record.id.as_str()) {
            None => Outcome::failed("Lambda.MissingRecordId", "the response lacks the record"),
            Some(None) => Outcome::failed(
                "Lambda.DuplicatedRecordId",
                "the response names the record more than once",
            ),
            Some(Some(result)) => outcome(result),
        })
        .collect()
}

/// The results by id; `None` for a duplicate id.
type Results<'a> = HashMap<&'a str, Option<ResponseRecord>>;

fn read<'a>(records: &'a [Record], response: &[u8]) -> Result<Results<'a>, Outcome> {
    if response.len() > MAX_INVOCATION_BYTES {
        return Err(Outcome::failed(
            "Lambda.FunctionError",
            format!(
                "the response holds {} bytes, more than {MAX_INVOCATION_BYTES}",
                response.len()
            ),
        ));
    }
    let response: Response = serde_json::from_slice(response).map_err(|error| {
        // The error's own text may quote the response.
        let (line, column) = (error.line(), error.column());
        Outcome::failed(
            "Lambda.JsonProcessingException",
            format!("the response is not valid at line {line}, column {column}"),
        )
    })?;
    let known: HashSet<&str> = records.iter().map(|record| record.id.as_str()).collect();
    let mut results = HashMap::with_capacity(known.len());
    for record in response.records {
        let Some(id) = known.get(record.id.as_str()) else {
            return Err(Outcome::failed(
                "Lambda.MissingRecordId",
                "the response names a record that was not sent",
            ));
        };
        results
            .entry(*id)
            .and_modify(|twice| *twice = None)
            .or_insert(Some(record));
    }
    Ok(results)
}

fn outcome(record: ResponseRecord) -> Outcome {
    const FAILED: &str = "Lambda.ProcessingFailedStatus";
    match record.result.as_deref() {
        Some("Dropped") => Outcome::Dropped,
        Some("Ok") => match record.data.as_deref().map(decode) {
            Some(Some(data)) => Outcome::Ok(data),
            Some(None) => Outcome::failed(FAILED, "the data is not base64"),
            None => Outcome::failed(FAILED, "a record with result Ok has no data"),
        },
        Some("ProcessingFailed") => Outcome::failed(FAILED, "the transform failed the record"),
        _ => Outcome::failed(
            FAILED,
            "the result is none of Ok, Dropped, ProcessingFailed",
        ),
    }
}

fn decode(data: &str) -> Option<Vec<u8>> {
    base64_simd::STANDARD.decode_to_vec(data.as_bytes()).ok()
}
