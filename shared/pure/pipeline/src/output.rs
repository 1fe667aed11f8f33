//! What the pipeline returns: HEC objects, and counts by which every event is accounted for.

use std::ops::AddAssign;

use cloudtrail::DeliveryPath;

/// HEC objects, one per line, each with the message that it was encoded from.
#[derive(Debug, Default)]
pub struct Output {
    /// The objects, each followed by a newline.
    pub bytes: Vec<u8>,
    pub(crate) events: Vec<EncodedEvent>,
}

/// One object of an [`Output`].
#[derive(Debug, Clone, Copy)]
pub struct EncodedEvent {
    /// Offset in bytes after the object and its newline.
    pub end: usize,
    /// Index of its message in the text.
    pub message: usize,
    /// Index of the value of the text that holds the message.
    pub value: usize,
    /// Bytes of its log event in the text, or of the message if there is no log event.
    pub raw_len: usize,
    /// The route of the message.
    pub path: DeliveryPath,
    /// Its `eventTime` in epoch seconds.
    pub event_time: Option<i64>,
    /// Whether it has a blinding outcome.
    pub blinding: bool,
}

impl Output {
    /// Empties the output and keeps its capacity.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.events.clear();
    }

    /// The objects in the order of `bytes`.
    pub fn events(&self) -> &[EncodedEvent] {
        &self.events
    }

    /// Removes the objects of messages of at most `limit` bytes, and returns their number.
    pub fn remove_events_up_to(&mut self, limit: usize) -> usize {
        let before = self.events.len();
        let (mut start, mut kept) = (0, 0);
        let bytes = &mut self.bytes;
        self.events.retain_mut(|event| {
            let object = start..event.end;
            start = event.end;
            if event.raw_len <= limit {
                return false;
            }
            let length = object.len();
            bytes.copy_within(object, kept);
            kept += length;
            event.end = kept;
            true
        });
        bytes.truncate(kept);
        before - self.events.len()
    }

    /// The number of events with a blinding outcome.
    pub fn blinding_events(&self) -> u64 {
        self.events.iter().filter(|event| event.blinding).count() as u64
    }

    /// Offsets after each object.
    pub fn ends(&self) -> impl Iterator<Item = usize> + '_ {
        self.events.iter().map(|event| event.end)
    }

    /// Route and `eventTime` (epoch seconds) of every event that has one.
    pub fn event_times(&self) -> impl Iterator<Item = (DeliveryPath, i64)> + '_ {
        let time = |event: &EncodedEvent| Some((event.path, event.event_time?));
        self.events.iter().filter_map(time)
    }
}

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
