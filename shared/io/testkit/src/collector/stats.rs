//! Counters of a collector.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The counters of a collector so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CollectorStats {
    /// Event and raw requests with a valid token, including rejected ones.
    pub requests: u64,
    /// Objects (lines on `/raw`) accepted.
    pub events: u64,
    /// Bytes of bodies as sent.
    pub bytes: u64,
    /// Bytes of bodies after inflating.
    pub inflated_bytes: u64,
    /// Acknowledgment ids returned.
    pub acks: u64,
    /// Acknowledgment polls.
    pub ack_polls: u64,
    /// Requests rejected because of their authorization.
    pub unauthorized: u64,
}

#[derive(Default)]
pub(super) struct Counters {
    requests: AtomicU64,
    events: AtomicU64,
    bytes: AtomicU64,
    inflated_bytes: AtomicU64,
    acks: AtomicU64,
    ack_polls: AtomicU64,
    unauthorized: AtomicU64,
}

impl Counters {
    pub(super) fn request(&self) {
        self.requests.fetch_add(1, Relaxed);
    }

    pub(super) fn event(&self) {
        self.events.fetch_add(1, Relaxed);
    }

    pub(super) fn body(&self, sent: usize, inflated: usize) {
        self.bytes.fetch_add(sent as u64, Relaxed);
        self.inflated_bytes.fetch_add(inflated as u64, Relaxed);
    }

    pub(super) fn ack(&self) {
        self.acks.fetch_add(1, Relaxed);
    }

    pub(super) fn ack_poll(&self) {
        self.ack_polls.fetch_add(1, Relaxed);
    }

    pub(super) fn unauthorized(&self) {
        self.unauthorized.fetch_add(1, Relaxed);
    }

    pub(super) fn snapshot(&self) -> CollectorStats {
        CollectorStats {
            requests: self.requests.load(Relaxed),
            events: self.events.load(Relaxed),
            bytes: self.bytes.load(Relaxed),
            inflated_bytes: self.inflated_bytes.load(Relaxed),
            acks: self.acks.load(Relaxed),
            ack_polls: self.ack_polls.load(Relaxed),
            unauthorized: self.unauthorized.load(Relaxed),
        }
    }
}
