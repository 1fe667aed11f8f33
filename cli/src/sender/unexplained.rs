//! How often in a row a delivery fails without showing whether the events or a setting are wrong.

/// Consecutive unexplained failures after which a setting must be wrong.
const MAX_UNEXPLAINED: u32 = 3;

/// Counts consecutive unexplained failures.
#[derive(Default)]
pub(super) struct UnexplainedFailures {
    consecutive: u32,
    /// Events that had been accepted at the last failure.
    accepted: u64,
}

impl UnexplainedFailures {
    /// Counts a failure, after `accepted` events in total were accepted. Returns whether a setting
    /// must be wrong rather than the events.
    pub(super) fn add(&mut self, accepted: u64) -> bool {
        if accepted > self.accepted {
            self.consecutive = 0;
        }
        self.accepted = accepted;
        self.consecutive += 1;
        self.consecutive >= MAX_UNEXPLAINED
    }
}
