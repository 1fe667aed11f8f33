//! Deliveries that end in a 400 without a HEC code, which does not show whether the events or a
//! setting are wrong.

/// Consecutive failures after which a setting must be wrong.
const MAX_CONSECUTIVE: u32 = 3;

/// Counts consecutive deliveries that end in a 400 without a HEC code.
#[derive(Default)]
pub(super) struct BadRequests {
    consecutive: u32,
    /// Events that had been accepted at the last failure.
    accepted: u64,
}

impl BadRequests {
    /// Counts a failure, after `accepted` events in total were accepted. Returns whether a setting
    /// must be wrong rather than the events.
    pub(super) fn add(&mut self, accepted: u64) -> bool {
        if accepted > self.accepted {
            self.consecutive = 0;
        }
        self.accepted = accepted;
        self.consecutive += 1;
        self.consecutive >= MAX_CONSECUTIVE
    }
}
