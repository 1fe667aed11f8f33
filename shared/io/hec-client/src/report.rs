//! The outcome of a delivery.

use std::ops::Range;

use thiserror::Error;

use crate::dead_letters::DeadLetterError;

/// How a delivery ended: each event is accepted, rejected or undelivered.
#[derive(Debug, Default)]
pub struct DeliveryReport {
    /// How many events the collector accepted.
    pub accepted: usize,
    /// Permanently rejected events, in order. From [`crate::DeliveryClient`]: those that are stored
    /// as dead letters.
    pub rejected: Vec<RejectedEvent>,
    /// Events that may be accepted later, in order.
    pub undelivered: Vec<Range<usize>>,
    /// Why events are undelivered.
    pub error: Option<DeliveryError>,
    /// Requests with events.
    pub requests: u64,
    /// Of those, repeated ones.
    pub retries: u64,
}

impl DeliveryReport {
    /// How many events are undelivered.
    pub fn undelivered_count(&self) -> usize {
        self.undelivered.iter().map(Range::len).sum()
    }

    /// Whether the event with this number is undelivered.
    pub fn is_undelivered(&self, number: usize) -> bool {
        let mut ranges = self.undelivered.iter();
        ranges.any(|range| range.contains(&number))
    }

    /// Why events are undelivered, in words; empty if all are delivered.
    pub fn reason(&self) -> String {
        let error = self.error.as_ref();
        error.map(ToString::to_string).unwrap_or_default()
    }
}

/// An event that the collector rejects permanently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RejectedEvent {
    /// Its number among the events of the delivery.
    pub number: usize,
    /// The reason as it appears in a dead letter's key: `hec-6`, `too-large`, `http-400`.
    pub reason: &'static str,
}

/// Why events are undelivered.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DeliveryError {
    /// The collector did not accept the events in time; its last reply, or why there was none.
    #[error("the collector did not accept the events in time: {0}")]
    Unavailable(String),
    /// No connection succeeds until a setting changes, here or at the collector.
    #[error("no connection to the collector: {0}")]
    Connection(String),
    /// The token is rejected, also after a refresh.
    #[error("the collector rejects the token from {token} ({reply})")]
    Unauthorized {
        /// Status and code.
        reply: String,
        /// Where the token is stored: a file or a secret.
        token: String,
    },
    /// No request is accepted until a setting changes, here or at the collector.
    #[error(
        "the collector rejects every request ({0}): check HEC_URL, HEC_PROFILE, HEC_INDEX and the token's settings there"
    )]
    Misconfigured(String),
    /// The reply is 400 without a HEC code, and nothing shows whether a setting or an event is
    /// wrong.
    #[error(
        "400 without a HEC code, and nothing else is accepted: check HEC_URL, any proxy in front of the collector, and whether it rejects these events"
    )]
    BadRequestWithoutCode,
    /// The collector accepted the events and did not acknowledge in time that they are indexed; its
    /// last reply to a poll.
    #[error(
        "the collector accepted the events and did not acknowledge in time that they are indexed ({0})"
    )]
    Unacknowledged(String),
    /// The collector accepted the events, and its endpoint for acknowledgments is not there.
    #[error(
        "the collector accepted the events and replies HTTP {status} to polls for their acknowledgment at {path}: \
         check HEC_URL and any proxy in front of the collector, or set HEC_ACKS=off"
    )]
    NoAckEndpoint {
        /// Of the last reply.
        status: u16,
        /// The path of the URL.
        path: String,
    },
    /// The delivery was stopped.
    #[error("sending was stopped")]
    Stopped,
    /// Rejected events could not be stored as dead letters.
    #[error(transparent)]
    DeadLetter(#[from] DeadLetterError),
}

impl DeliveryError {
    /// Whether a setting has to change, here or at the collector, before events are accepted again.
    pub fn is_configuration(&self) -> bool {
        matches!(
            self,
            Self::Connection(_)
                | Self::Unauthorized { .. }
                | Self::Misconfigured(_)
                | Self::BadRequestWithoutCode
                | Self::NoAckEndpoint { .. }
        )
    }
}
