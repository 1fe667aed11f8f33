//! What a reader returns: messages, and what surrounds them.

use std::ops::Range;

/// The format of one value of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InputFormat {
    /// A CloudWatch Logs subscription envelope with data.
    CloudWatchLogs,
    /// A CloudWatch Logs reachability probe, which has no messages.
    ControlMessage,
    /// An EventBridge event; its `detail` is the message.
    EventBridge,
    /// A CloudTrail log file; the elements of `Records` are the messages.
    LogFile,
    /// A record without an envelope.
    #[default]
    BareRecord,
}

/// The route of a record, as SIEM users see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "named after the routes")]
pub enum DeliveryPath {
    CloudWatch,
    EventBridge,
    S3,
    History,
    Replay,
}

impl DeliveryPath {
    const ALL: [Self; 5] = [
        Self::CloudWatch,
        Self::EventBridge,
        Self::S3,
        Self::History,
        Self::Replay,
    ];

    /// The value of the annotation `delivery_path`.
    pub fn name(self) -> &'static str {
        match self {
            Self::CloudWatch => "cloudwatch",
            Self::EventBridge => "eventbridge",
            Self::S3 => "s3",
            Self::History => "history",
            Self::Replay => "replay",
        }
    }

    /// The path with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|path| path.name() == name)
    }
}

/// What surrounds the messages of one value. Strings keep their escapes, so that they can be
/// written into another JSON string as they are; absent ones are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// The format of the value.
    pub format: InputFormat,
    /// The account: `owner` of a CloudWatch Logs envelope, `account` of an EventBridge event.
    pub owner: &'a str,
    /// `logGroup`.
    pub log_group: &'a str,
    /// `logStream`.
    pub log_stream: &'a str,
    /// The JSON array `subscriptionFilters`, verbatim.
    pub subscription_filters: &'a str,
    /// `region` of an EventBridge event.
    pub region: &'a str,
    /// How often Sightline has re-ingested the messages.
    pub hops: u32,
    /// The HEC `source` of re-ingested messages.
    pub origin_source: &'a str,
    /// The original route of re-ingested messages.
    pub origin_path: Option<DeliveryPath>,
}

impl Envelope<'_> {
    /// An empty envelope of this format.
    pub(crate) fn of(format: InputFormat) -> Self {
        Self {
            format,
            ..Self::default()
        }
    }
}

/// One message, which may or may not be a CloudTrail record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message<'s> {
    /// The content. Valid UTF-8 if the text is.
    pub text: &'s [u8],
    /// The time of the log event in milliseconds since 1970, if it has one.
    pub timestamp_ms: Option<i64>,
    /// The id of the log event with its escapes, or empty.
    pub id: &'s str,
    /// The offsets of the log event in the text, or of the message if there is no log event.
    pub span: Range<usize>,
    /// Counts the messages of the text from 0.
    pub number: usize,
    /// Counts the values of the text from 0; the envelope changes with it.
    pub value: usize,
}

impl<'s> Message<'s> {
    /// A message without an envelope, the only one of its text.
    pub fn bare(text: &'s [u8]) -> Self {
        Self {
            text,
            timestamp_ms: None,
            id: "",
            span: 0..text.len(),
            number: 0,
            value: 0,
        }
    }
}
