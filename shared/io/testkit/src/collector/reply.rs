//! Replies of a HEC collector: codes, their HTTP status and their text.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, RETRY_AFTER};
use hyper::{Response, StatusCode};

/// The reply codes of this collector.
///
/// Splunk, "Troubleshoot HTTP Event Collector", possible error codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyCode {
    /// 0: everything in the request is accepted.
    Success,
    /// 1: the token exists but is switched off.
    TokenDisabled,
    /// 2: no `Authorization` header.
    TokenRequired,
    /// 3: the header has an unknown format.
    InvalidAuthorization,
    /// 4: no such token.
    InvalidToken,
    /// 5: an empty body.
    NoData,
    /// 6: not JSON, or not a HEC object.
    InvalidDataFormat,
    /// 7: the token may not write to this index.
    IncorrectIndex,
    /// 8: an internal error.
    InternalServerError,
    /// 9: queues are full.
    ServerBusy,
    /// 10: acknowledgment needs a channel.
    ChannelMissing,
    /// 11: the channel is not a GUID.
    InvalidChannel,
    /// 12: an object without `event`.
    EventRequired,
    /// 13: an object whose `event` is the empty string.
    EventBlank,
    /// 14: the token has no acknowledgment.
    AckDisabled,
    /// 15: `fields` is nested.
    IndexedFields,
    /// 17: the reply of `/health`.
    Healthy,
    /// 23: the server is shutting down.
    ShuttingDown,
    /// 24: a success, while the queue is nearly full.
    QueueNearlyFull,
    /// 25: a success, while acknowledgments are nearly too many.
    AcksNearlyFull,
    /// 26: the queue is full.
    QueueFull,
    /// 27: the channel has too many acknowledgments.
    AcksFull,
}

impl ReplyCode {
    /// The number in the reply's `code`.
    pub fn code(self) -> u8 {
        self.row().0
    }

    /// The HTTP status that goes with the code.
    pub fn status(self) -> u16 {
        self.row().1
    }

    fn row(self) -> (u8, u16, &'static str) {
        match self {
            Self::Success => (0, 200, "Success"),
            Self::TokenDisabled => (1, 403, "Token disabled"),
            Self::TokenRequired => (2, 401, "Token is required"),
            Self::InvalidAuthorization => (3, 401, "Invalid authorization"),
            Self::InvalidToken => (4, 403, "Invalid token"),
            Self::NoData => (5, 400, "No data"),
            Self::InvalidDataFormat => (6, 400, "Invalid data format"),
            Self::IncorrectIndex => (7, 400, "Incorrect index"),
            Self::InternalServerError => (8, 500, "Internal server error"),
            Self::ServerBusy => (9, 503, "Server is busy"),
            Self::ChannelMissing => (10, 400, "Data channel is missing"),
            Self::InvalidChannel => (11, 400, "Invalid data channel"),
            Self::EventRequired => (12, 400, "Event field is required"),
            Self::EventBlank => (13, 400, "Event field cannot be blank"),
            Self::AckDisabled => (14, 400, "ACK is disabled"),
            Self::IndexedFields => (15, 400, "Error in handling indexed fields"),
            Self::Healthy => (17, 200, "HEC is healthy"),
            Self::ShuttingDown => (23, 503, "Server is shutting down"),
            Self::QueueNearlyFull => (24, 200, "Queue is approaching capacity"),
            Self::AcksNearlyFull => (25, 200, "Ack is approaching capacity"),
            Self::QueueFull => (26, 429, "Queue is at capacity"),
            Self::AcksFull => (27, 429, "Ack channel is at capacity"),
        }
    }
}

/// A reply before it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// `{"text":…,"code":…}`.
    Code(ReplyCode),
    /// The same, naming the first object that is not indexed (0-based).
    At(ReplyCode, usize),
    /// A success, with the id for acknowledgment polls.
    Accepted(ReplyCode, u64),
    /// The reply of `/ack` as JSON.
    Acks(String),
    /// Any status, and `Retry-After` in seconds.
    Bare(StatusCode, Option<u64>),
    /// A page, as from a proxy or for a request that is too large.
    Html(StatusCode),
}

impl Reply {
    /// The response on the wire.
    pub(super) fn into_response(self) -> Response<Full<Bytes>> {
        let (status, content_type, body) = match &self {
            Self::Code(code) => json(*code, ""),
            Self::At(code, number) => json(*code, &format!(",\"invalid-event-number\":{number}")),
            Self::Accepted(code, ack) => json(*code, &format!(",\"ackId\":{ack}")),
            Self::Acks(body) => (StatusCode::OK, "application/json", body.clone()),
            Self::Bare(status, _) => (*status, "text/plain", String::new()),
            Self::Html(status) => (*status, "text/html", page(*status)),
        };
        let mut response = Response::builder()
            .status(status)
            .header(CONTENT_TYPE, content_type);
        if let Self::Bare(_, Some(seconds)) = self {
            response = response.header(RETRY_AFTER, seconds);
        }
        response
            .body(Full::new(Bytes::from(body)))
            .expect("status and headers come from valid constants and numbers")
    }
}

fn json(code: ReplyCode, more: &str) -> (StatusCode, &'static str, String) {
    let (number, status, text) = code.row();
    let status = StatusCode::from_u16(status).expect("the table holds valid statuses");
    let body = format!("{{\"text\":\"{text}\",\"code\":{number}{more}}}");
    (status, "application/json", body)
}

fn page(status: StatusCode) -> String {
    format!(
        "<!doctype html><html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"
    )
}
