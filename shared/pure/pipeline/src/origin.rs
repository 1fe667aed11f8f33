//! Where messages come from, as the HEC object states it.

use cloudtrail::{DeliveryPath, Envelope, InputFormat, Message};

/// What the caller knows about the origin of a text. An envelope takes precedence.
#[derive(Debug, Clone, Default)]
pub struct Route {
    /// HEC `source` of a log file or a bare record. Plain text.
    pub source: String,
    /// The account that the input belongs to, or empty.
    pub account: String,
    /// The route of a bare record. `None` is CloudWatch Logs, because Firehose's own message
    /// extraction produces bare records.
    pub path: Option<DeliveryPath>,
    /// Whether the messages were stored after a failure and are sent again.
    pub is_replay: bool,
    /// When the input arrived, in milliseconds since 1970.
    pub arrival_ms: Option<i64>,
}

/// The origin of a log file that is processed record by record.
#[derive(Debug, Clone)]
pub struct LogFile {
    pub(crate) origin: Origin,
    envelope: Envelope<'static>,
    arrival_ms: Option<i64>,
}

impl LogFile {
    /// A file from `route`.
    pub fn new(route: &Route) -> Self {
        let envelope = Envelope {
            format: InputFormat::LogFile,
            ..Envelope::default()
        };
        Self {
            origin: Origin::new(&envelope, route),
            envelope,
            arrival_ms: route.arrival_ms,
        }
    }

    pub(crate) fn context(&self) -> MessageContext<'_> {
        MessageContext {
            origin: &self.origin,
            envelope: &self.envelope,
            arrival_ms: self.arrival_ms,
        }
    }
}

/// What surrounds a message.
#[derive(Clone, Copy)]
pub(crate) struct MessageContext<'c> {
    pub(crate) origin: &'c Origin,
    pub(crate) envelope: &'c Envelope<'c>,
    /// When the input arrived, in milliseconds since 1970.
    pub(crate) arrival_ms: Option<i64>,
}

impl MessageContext<'_> {
    /// The time of a message without an `eventTime`, in milliseconds since 1970: that of its log
    /// event, else the arrival of the input.
    pub(crate) fn time_of(&self, message: &Message<'_>) -> Option<i64> {
        message.timestamp_ms.or(self.arrival_ms)
    }
}

/// The origin of the messages of one value. Source and account are escaped for JSON strings.
#[derive(Debug, Clone)]
pub struct Origin {
    /// HEC `source`.
    pub source: String,
    /// The account of the envelope or the route; may be empty.
    pub account: String,
    /// `delivery_path`.
    pub path: DeliveryPath,
}

impl Origin {
    /// The origin of the messages in `envelope`, which arrived by `route`.
    pub fn new(envelope: &Envelope<'_>, route: &Route) -> Self {
        let Envelope {
            owner,
            log_group,
            log_stream,
            region,
            ..
        } = envelope;
        let (source, path) = match envelope.format {
            InputFormat::CloudWatchLogs | InputFormat::ControlMessage => (
                format!("cloudwatch:{log_group}:{log_stream}"),
                DeliveryPath::CloudWatch,
            ),
            InputFormat::EventBridge => (
                format!("eventbridge:{owner}:{region}"),
                DeliveryPath::EventBridge,
            ),
            InputFormat::LogFile => (string_content(&route.source), DeliveryPath::S3),
            InputFormat::BareRecord => (
                string_content(&route.source),
                route.path.unwrap_or(DeliveryPath::CloudWatch),
            ),
        };
        let account = if owner.is_empty() {
            string_content(&route.account)
        } else {
            (*owner).to_owned()
        };
        Self {
            source: if envelope.origin_source.is_empty() {
                source
            } else {
                envelope.origin_source.to_owned()
            },
            account,
            path: if route.is_replay {
                DeliveryPath::Replay
            } else {
                envelope.origin_path.unwrap_or(path)
            },
        }
    }
}

/// `text` escaped for a JSON string, without quotes.
fn string_content(text: &str) -> String {
    let quoted = serde_json::to_string(text).expect("a string is always JSON");
    quoted[1..quoted.len() - 1].to_owned()
}
