//! CloudTrail events of EventBridge and CloudWatch Logs.

use cloudtrail::is_cloudtrail_detail_type;

use crate::json::JsonObject;
use crate::payload::Payload;

/// A text with CloudTrail events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventText {
    /// An event of EventBridge as it was received.
    Plain(String),
    /// Gzip or plain bytes: an envelope of CloudWatch Logs.
    Bytes(Vec<u8>),
}

impl AsRef<[u8]> for EventText {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Plain(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

impl Payload for EventText {
    const ACCEPTED: &str = "CloudTrail events of EventBridge (detail-type \"… via CloudTrail\"), alone or in SQS or SNS, \
         and CloudWatch Logs subscription events (awslogs.data)";

    fn from_event(event: &str) -> Result<Option<Self>, &'static str> {
        const UNKNOWN: &str = "the form of the event is not known";
        let parsed = JsonObject::parse(event).ok_or(UNKNOWN)?;
        if let Some(logs) = parsed.object("awslogs") {
            let data = logs.string("data").ok_or("awslogs has no data")?;
            let bytes = base64_simd::STANDARD.decode_to_vec(data.as_bytes());
            let bytes = bytes.map_err(|_| "awslogs.data is not base64")?;
            return Ok(Some(Self::Bytes(bytes)));
        }
        let detail_type = parsed.string("detail-type").ok_or(UNKNOWN)?;
        if parsed.raw("detail").is_none() || !is_cloudtrail_detail_type(&detail_type) {
            return Err("the EventBridge event is not one of CloudTrail");
        }
        Ok(Some(Self::Plain(event.to_owned())))
    }

    fn from_record(_record: &str) -> Result<Option<Self>, &'static str> {
        Err("a record is neither of SQS nor of SNS")
    }
}
