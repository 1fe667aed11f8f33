//! Counts by which every event can be accounted for.

use std::ops::AddAssign;

/// Counts of one text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TextStats {
    /// Messages found.
    pub events_in: usize,
    /// Messages with a HEC object in the output.
    pub events_out: usize,
    /// Records that the selection dropped.
    pub events_dropped: usize,
    /// Whether the text is Lambda's record of a failed invocation, so that no other route carries
    /// its events.
    pub failed_invocation: bool,
    /// How often the text has been re-ingested.
    pub hops: u32,
}

/// Counts of one or more invocations.
///
/// `events_in = events_out + events_dropped + events_quarantined + events_reingested` always
/// holds. A record that cannot be parsed has no countable events and adds to `records_failed` only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Messages found.
    pub events_in: u64,
    /// Messages forwarded to the next hop, placeholders included.
    pub events_out: u64,
    /// Records that the selection dropped.
    pub events_dropped: u64,
    /// Messages in records that are returned as `ProcessingFailed` although they can be parsed.
    pub events_quarantined: u64,
    /// Messages re-ingested into their stream.
    pub events_reingested: u64,
    /// Records that cannot be parsed.
    pub records_failed: u64,
    /// Forwarded messages with a blinding outcome.
    pub blinding_events: u64,
    /// Bytes of forwarded HEC objects, before base64.
    pub bytes_out: u64,
    /// Requests with events to the collector.
    pub hec_requests: u64,
    /// Repeated requests among `hec_requests`.
    pub hec_retries: u64,
    /// How often delivery stopped because of a wrong token or another setting.
    pub configuration_faults: u64,
}

impl Counters {
    /// Whether every event that entered is accounted for.
    pub fn reconcile(&self) -> bool {
        let known = self.events_out
            + self.events_dropped
            + self.events_quarantined
            + self.events_reingested;
        self.events_in == known
    }
}

impl AddAssign for Counters {
    fn add_assign(&mut self, other: Self) {
        self.events_in += other.events_in;
        self.events_out += other.events_out;
        self.events_dropped += other.events_dropped;
        self.events_quarantined += other.events_quarantined;
        self.events_reingested += other.events_reingested;
        self.records_failed += other.records_failed;
        self.blinding_events += other.blinding_events;
        self.bytes_out += other.bytes_out;
        self.hec_requests += other.hec_requests;
        self.hec_retries += other.hec_retries;
        self.configuration_faults += other.configuration_faults;
    }
}
