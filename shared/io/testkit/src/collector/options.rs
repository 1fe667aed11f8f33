//! Options of a collector.

use std::sync::Arc;

use super::{Fault, UnknownChannel};

/// `max_content_length` of a current Splunk Enterprise, in bytes.
pub const SPLUNK_MAX_CONTENT_LENGTH: usize = 838_860_800;

/// Receives the exact bytes of every accepted HEC object (on `/raw`: of every line).
pub type OnEvent = Arc<dyn Fn(&[u8]) + Send + Sync>;

/// Options of a [`Collector`](super::Collector).
#[derive(Clone)]
pub struct CollectorOptions {
    /// The only valid token.
    pub token: String,
    /// Whether the token has indexer acknowledgment, so that requests need a channel.
    pub acks: bool,
    /// The reply to polls on unknown channels.
    pub unknown_channel: UnknownChannel,
    /// Servers behind a load balancer that is sticky by cookie. Each has its own channels; a
    /// request without a cookie goes to the next one. 1 is a collector without a load balancer.
    pub backends: usize,
    /// Largest body in bytes, compressed and inflated. Larger ones get a 413.
    pub max_content_length: usize,
    /// A text that a firewall in front of the collector blocks: a request that contains it gets a 400
    /// with an empty body, and nothing is indexed.
    pub firewall: Option<String>,
    /// Receives accepted objects. If it is `None`, the collector keeps them for [`Collector::events`](super::Collector::events).
    pub on_event: Option<OnEvent>,
    /// Faults for the first requests with events.
    pub faults: Vec<Fault>,
    /// Faults for the first acknowledgment polls.
    pub poll_faults: Vec<Fault>,
}

impl CollectorOptions {
    /// A collector without acknowledgment that keeps its events, with Splunk's size limit.
    pub fn new(token: impl Into<String>) -> Self {
        Self {
            token: token.into(),
            acks: false,
            unknown_channel: UnknownChannel::default(),
            backends: 1,
            max_content_length: SPLUNK_MAX_CONTENT_LENGTH,
            firewall: None,
            on_event: None,
            faults: Vec::new(),
            poll_faults: Vec::new(),
        }
    }
}
