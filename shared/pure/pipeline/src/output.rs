//! The HEC objects of a text.

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
