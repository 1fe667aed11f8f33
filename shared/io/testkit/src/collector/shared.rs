//! The state of a collector.

use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

use super::faults::Faults;
use super::memory::{Memory, UnknownChannel};
use super::options::OnEvent;
use super::stats::Counters;
use super::sticky::Backends;

/// The state that all connections of one collector share.
pub(super) struct Shared {
    pub(super) token: String,
    pub(super) max_content_length: usize,
    pub(super) acks: bool,
    pub(super) unknown_channel: UnknownChannel,
    pub(super) backends: Backends,
    pub(super) memory: Memory,
    /// Counts restarts; each one drops every connection.
    pub(super) restarts: watch::Sender<u64>,
    pub(super) firewall: Option<String>,
    pub(super) on_event: Option<OnEvent>,
    pub(super) events: Mutex<Vec<Vec<u8>>>,
    pub(super) faults: Faults,
    pub(super) poll_faults: Faults,
    pub(super) counters: Counters,
}

impl Shared {
    pub(super) fn is_blocked_by_firewall(&self, content: &[u8]) -> bool {
        self.firewall.as_ref().is_some_and(|text| {
            let mut windows = content.windows(text.len());
            windows.any(|window| window == text.as_bytes())
        })
    }

    /// Indexes the objects whose time in memory is over.
    pub(super) fn release(&self) {
        for object in self.memory.release() {
            self.index(&object);
        }
    }

    /// Loses the objects in memory, and drops every connection.
    pub(super) fn restart(&self) {
        self.release();
        self.memory.restart();
        self.restarts.send_modify(|count| *count += 1);
    }

    /// Indexes one object, which no restart can lose from then on.
    pub(super) fn index(&self, object: &[u8]) {
        self.counters.event();
        match &self.on_event {
            Some(on_event) => on_event(object),
            None => self
                .events
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(object.to_vec()),
        }
    }
}
