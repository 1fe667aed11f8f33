//! Classification of one line of a stored object.

use std::borrow::Cow;

use serde::Deserialize;

/// What a line contains.
pub(super) enum Line<'l> {
    /// HEC objects, one per line, which are sent unchanged.
    Ready(Cow<'l, [u8]>),
    /// Input that was never transformed.
    Raw(Cow<'l, [u8]>),
}

/// A line of an object that Firehose stores after a failure.
#[derive(Deserialize)]
struct FailedRecord {
    #[serde(rename = "rawData")]
    raw_data: String,
    #[serde(rename = "lambdaArn")]
    lambda_arn: Option<String>,
    #[serde(rename = "errorCode", default)]
    error_code: String,
}

/// The message of a queue that was copied to a file.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "detail-type")]
    detail_type: String,
}

/// Classifies a line by its format.
///
/// # Errors
/// The format is unknown, or the base64 of a Firehose error record is not valid.
pub(super) fn classify_line(line: &[u8]) -> Result<Line<'_>, String> {
    if let Ok(failed) = serde_json::from_slice::<FailedRecord>(line) {
        let data = base64_simd::STANDARD.decode_to_vec(failed.raw_data);
        let data = data.map_err(|_| "rawData is not valid base64".to_owned())?;
        // The input of a failed transformation was never masked, even if it looks like HEC objects.
        let failed_transform =
            failed.lambda_arn.is_some() || failed.error_code.starts_with("Lambda.");
        return Ok(if !failed_transform && is_ready(&data) {
            Line::Ready(data.into())
        } else {
            Line::Raw(data.into())
        });
    }
    if is_ready(line) {
        return Ok(Line::Ready(line.into()));
    }
    if std::str::from_utf8(line).is_ok_and(pipeline::is_invocation_record) {
        return Ok(Line::Raw(line.into()));
    }
    match serde_json::from_slice::<Event>(line) {
        Ok(event) if event.detail_type.ends_with("via CloudTrail") => Ok(Line::Raw(line.into())),
        _ => Err("unknown format; accepts dead letters, Firehose error records, EventBridge events and Lambda's \
                  records of failed invocations (`sightline send` delivers log files)"
            .to_owned()),
    }
}

/// Whether `data` consists of HEC objects, one per line.
fn is_ready(data: &[u8]) -> bool {
    let mut lines = non_empty_lines(data).peekable();
    lines.peek().is_some() && lines.all(hec::is_object)
}

/// The lines of `data` without surrounding white space, except for empty ones.
pub(super) fn non_empty_lines(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = data.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    lines.filter(|line| !line.is_empty())
}
