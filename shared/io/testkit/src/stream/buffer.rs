//! Records that wait for the transformation.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use super::MAX_INVOCATION_BYTES;

/// One record in the stream.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) id: String,
    /// Epoch milliseconds.
    pub(super) arrival_ms: u64,
    pub(super) arrived: Instant,
    pub(super) data: Vec<u8>,
}

/// Bytes in a request for invocationId, deliveryStreamArn, region and the brackets, in bytes.
const FRAME: usize = 1024;
/// Bytes for the keys, recordId and arrival time of one record.
const RECORD_FRAME: usize = 192;

impl Record {
    /// Its maximum size in a request, in bytes.
    fn request_bytes(&self) -> usize {
        RECORD_FRAME + self.data.len().div_ceil(3) * 4
    }
}

/// The time in epoch milliseconds.
pub(super) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |elapsed| elapsed.as_millis() as u64)
}

/// When an invocation is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Now,
    At(Instant),
    /// The buffer is empty.
    Never,
}

/// The buffer before the transformation.
#[derive(Debug)]
pub(super) struct Buffer {
    records: VecDeque<Record>,
    bytes: usize,
    limit: usize,
    interval: Duration,
}

impl Buffer {
    pub(super) fn new(limit: usize, interval: Duration) -> Self {
        Self {
            records: VecDeque::new(),
            bytes: 0,
            limit,
            interval,
        }
    }

    pub(super) fn push(&mut self, record: Record) {
        self.bytes += record.data.len();
        self.records.push_back(record);
    }

    /// When the next batch is due; at once during a flush.
    pub(super) fn due(&self, flushing: bool) -> Due {
        match self.records.front() {
            None => Due::Never,
            Some(_) if flushing || self.bytes >= self.limit => Due::Now,
            Some(oldest) => match oldest.arrived.checked_add(self.interval) {
                Some(at) if at > Instant::now() => Due::At(at),
                Some(_) => Due::Now,
                None => Due::Never,
            },
        }
    }

    /// The oldest records, up to the buffer size and the limit of one invocation.
    pub(super) fn cut(&mut self) -> Vec<Record> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        let mut request = FRAME;
        while let Some(next) = self.records.front() {
            request += next.request_bytes();
            let full = bytes >= self.limit || request > MAX_INVOCATION_BYTES;
            // One record alone always fits: 1,000 KiB are 1.4 MB of base64.
            if full && !batch.is_empty() {
                break;
            }
            let record = self.records.pop_front().expect("the front was just seen");
            bytes += record.data.len();
            batch.push(record);
        }
        self.bytes -= bytes;
        batch
    }
}
