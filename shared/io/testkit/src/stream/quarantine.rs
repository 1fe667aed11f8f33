//! Records that could not be transformed or delivered, as Firehose writes them into the error bucket.

use serde::Serialize;

use super::buffer::{Record, now_ms};

/// Why a record is in the quarantine: the `error-output-type` of its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// `processing-failed`: the data is the record as it was put.
    Processing,
    /// `splunk-failed`: the data is the transformed record.
    Splunk,
}

/// One record in the quarantine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// Where it failed.
    pub failure: Failure,
    /// Its id in the transformation event.
    pub record_id: String,
    /// Original data (processing) or transformed data (Splunk).
    pub data: Vec<u8>,
    /// Firehose's error code, such as `Lambda.MissingRecordId` or `Splunk.AckTimeout`.
    pub code: &'static str,
    /// The reason, without a payload.
    pub message: String,
    /// Number of attempts, including the first.
    pub attempts: u32,
    /// When the record was put, epoch milliseconds.
    pub arrival_ms: u64,
    /// When the last attempt ended, epoch milliseconds.
    pub failed_ms: u64,
}

/// One line of a failed-record object.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    attempts_made: u32,
    arrival_timestamp: u64,
    error_code: &'a str,
    error_message: &'a str,
    attempt_ending_timestamp: u64,
    raw_data: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    lambda_arn: Option<&'a str>,
    #[serde(rename = "EventId", skip_serializing_if = "Option::is_none")]
    event_id: Option<&'a str>,
}

impl Quarantined {
    pub(super) fn new(
        failure: Failure,
        record: Record,
        code: &'static str,
        message: String,
        attempts: u32,
    ) -> Self {
        Self {
            failure,
            record_id: record.id,
            data: record.data,
            code,
            message,
            attempts,
            arrival_ms: record.arrival_ms,
            failed_ms: now_ms(),
        }
    }

    /// Its line (without the line break) in the object that Firehose writes under
    /// `processing-failed/` or `splunk-failed/`.
    pub fn object_line(&self) -> String {
        let processing = self.failure == Failure::Processing;
        let line = Line {
            attempts_made: self.attempts,
            arrival_timestamp: self.arrival_ms,
            error_code: self.code,
            error_message: &self.message,
            attempt_ending_timestamp: self.failed_ms,
            raw_data: base64_simd::STANDARD.encode_to_string(&self.data),
            lambda_arn: processing.then_some(
                "arn:aws:lambda:eu-west-1:111122223333:function:firehose-transform:$LATEST",
            ),
            event_id: (!processing).then_some(self.record_id.as_str()),
        };
        serde_json::to_string(&line).expect("strings and numbers are always JSON")
    }
}
