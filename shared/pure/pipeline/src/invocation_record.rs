//! Lambda's record of a failed asynchronous invocation, and the event in it.
//!
//! After its retries Lambda sends such a record to the function's on-failure destination:
//! `{"version":…,"timestamp":…,"requestContext":{…},"requestPayload":<the event>,
//! "responseContext":{…},"responsePayload":{…}}`. In S3 each is an object under
//! `aws/lambda/async/<function>/YYYY/MM/DD/` (AWS Lambda developer guide, "Capturing records of
//! Lambda asynchronous invocations"). No other copy of the event exists.

use std::borrow::Cow;

use base64_simd::STANDARD;
use cloudtrail::{Decompressor, is_cloudtrail_detail_type};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct InvocationRecord<'r> {
    #[serde(rename = "requestContext", borrow)]
    _context: &'r RawValue,
    #[serde(rename = "requestPayload", borrow)]
    payload: &'r RawValue,
}

/// The keys of an event that show what it is.
#[derive(Deserialize)]
struct Event<'e> {
    #[serde(borrow)]
    awslogs: Option<AwsLogs<'e>>,
    #[serde(rename = "detail-type")]
    detail_type: Option<String>,
}

#[derive(Deserialize)]
struct AwsLogs<'e> {
    #[serde(borrow)]
    data: Cow<'e, str>,
}

/// Whether `text` is Lambda's record of a failed invocation.
pub fn is_invocation_record(text: &str) -> bool {
    payload(text).is_some()
}

/// The event of the invocation that `text` records, verbatim.
fn payload(text: &str) -> Option<&str> {
    let record: InvocationRecord<'_> = object(text)?;
    Some(record.payload.get())
}

/// `text` as a JSON object. A derived struct would also accept an array.
fn object<'t, T: Deserialize<'t>>(text: &'t str) -> Option<T> {
    let is_object = text.trim_start().starts_with('{');
    is_object.then(|| serde_json::from_str(text).ok()).flatten()
}

/// The CloudTrail events, in an [input format](cloudtrail::InputFormat), of the failed invocation
/// that `text` records; `None` if `text` is not such a record.
///
/// # Errors
/// Why the record holds no CloudTrail events.
pub(crate) fn event_in(text: &str) -> Option<Result<Cow<'_, str>, &'static str>> {
    payload(text).map(cloudtrail_text)
}

fn cloudtrail_text(event: &str) -> Result<Cow<'_, str>, &'static str> {
    const EXPECTED: &str = "requestPayload is neither a CloudWatch Logs subscription event nor a CloudTrail event of EventBridge";
    let parsed: Event<'_> = object(event).ok_or(EXPECTED)?;
    match (parsed.awslogs, parsed.detail_type) {
        (Some(logs), _) => subscription_text(&logs.data).map(Cow::Owned),
        (None, Some(kind)) if is_cloudtrail_detail_type(&kind) => Ok(Cow::Borrowed(event)),
        _ => Err(EXPECTED),
    }
}

/// The envelope in `awslogs.data`: base64 of gzip.
fn subscription_text(data: &str) -> Result<String, &'static str> {
    let bytes = STANDARD
        .decode_to_vec(data)
        .map_err(|_| "awslogs.data is not base64")?;
    let mut decompressor = Decompressor::default();
    let text = decompressor.decompress(&bytes);
    text.map(str::to_owned)
        .map_err(|_| "awslogs.data is not gzip of UTF-8 text of at most 64 MiB")
}
