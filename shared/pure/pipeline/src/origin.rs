//! Where messages come from, as the HEC object tells it.

use cloudtrail::{DeliveryPath, Envelope, InputFormat};

use crate::event::Place;

/// What a route knows of the messages whose envelope does not tell.
#[derive(Debug, Clone, Default)]
pub struct Route {
    /// HEC `source` of a log file or a bare record. Plain text.
    pub source: String,
    /// The account that the input belongs to, or empty.
    pub account: String,
    /// The route of a bare record; without it, CloudWatch Logs: Firehose's own message extraction
    /// leaves bare records.
    pub path: Option<DeliveryPath>,
    /// The messages were kept after a failure and are sent again.
    pub is_replay: bool,
    /// When the input arrived, in milliseconds since 1970.
    pub arrival_ms: Option<i64>,
}

/// A log file that is read record by record.
#[derive(Debug, Clone)]
pub struct LogFile {
    pub(crate) origin: Origin,
    envelope: Envelope<'static>,
    arrival_ms: Option<i64>,
}

impl LogFile {
    /// The file that came by `route`.
    pub fn new(route: &Route) -> Self {
        let envelope = Envelope {
            form: InputFormat::LogFile,
            ..Envelope::default()
        };
        Self {
            origin: Origin::new(&envelope, route),
            envelope,
            arrival_ms: route.arrival_ms,
        }
    }

    pub(crate) fn place(&self) -> Place<'_> {
        Place {
            origin: &self.origin,
            envelope: &self.envelope,
            arrival_ms: self.arrival_ms,
        }
    }
}

/// Origin of the messages of one value. Source and account are contents of JSON strings.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) source: String,
    pub(crate) account: String,
    pub(crate) path: DeliveryPath,
}

impl Origin {
    pub(crate) fn new(envelope: &Envelope<'_>, route: &Route) -> Self {
        let Envelope {
            owner,
            log_group,
            log_stream,
            region,
            ..
        } = envelope;
        let (source, path) = match envelope.form {
            InputFormat::CloudWatchLogs | InputFormat::ControlMessage => (
                format!("cloudwatch:{log_group}:{log_stream}"),
                DeliveryPath::CloudWatch,
            ),
            InputFormat::EventBridge => (
                format!("eventbridge:{owner}:{region}"),
                DeliveryPath::EventBridge,
            ),
            InputFormat::LogFile => (string_content(&route.source), DeliveryPath::S3),
            InputFormat::Bare => (
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

/// `text` as it is spelled between the quotes of a JSON string.
fn string_content(text: &str) -> String {
    let quoted = serde_json::to_string(text).expect("a string is always JSON");
    quoted[1..quoted.len() - 1].to_owned()
}
