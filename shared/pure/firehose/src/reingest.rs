//! Re-ingestion: messages are put onto their stream again, in envelopes that Sightline writes.
//!
//! The envelopes are plain JSON, not gzip. Firehose fills its buffer for the next invocation by the
//! bytes that it receives: gzip would return in amounts that overflow the response again, plain text
//! returns in amounts that fit.

use std::io::Write;

use cloudtrail::{Decompressor, Envelope, InputFormat, Reader, Scratch};
use hec::JsonObjectWriter;
use pipeline::{EncodedEvent, Origin, Route};

use crate::request::Request;
use crate::response::base64_len;

/// How often a message may be re-ingested before its record is returned as `ProcessingFailed`.
pub const MAX_HOPS: u32 = 3;

/// Records that one `PutRecordBatch` call accepts (API reference, PutRecordBatch).
pub const MAX_BATCH_RECORDS: usize = 500;

/// Bytes that one `PutRecordBatch` call accepts (4 MiB). The reference does not say whether base64
/// counts; callers count it, which is right either way.
pub const MAX_BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Bytes that one record may have before base64 (API reference, Record: 1,000 KiB).
pub const MAX_RECORD_BYTES: usize = 1000 * 1024;

/// Bytes reserved for what an envelope holds in addition to its log events.
const ENVELOPE_ROOM: usize = 4096;

/// Some messages of one record, which are re-ingested as one record.
#[derive(Debug, Clone)]
pub(crate) struct Chunk {
    /// Index of the record in the request.
    pub(crate) record: usize,
    /// Indexes of the messages in the record's text, ascending.
    pub(crate) messages: Vec<usize>,
    /// Hop count of the envelope.
    hops: u32,
}

/// The records of one `PutRecordBatch` call.
#[derive(Debug, Default)]
pub struct ReingestBatch {
    /// The data of each record, before base64.
    pub records: Vec<Vec<u8>>,
    /// The number of the chunk of each record.
    chunks: Vec<usize>,
    bytes: usize,
}

impl ReingestBatch {
    /// Adds the record, or returns it if the call would exceed a limit of the API.
    fn push(&mut self, chunk: usize, data: Vec<u8>) -> Result<(), Vec<u8>> {
        let bytes = base64_len(data.len());
        if self.records.len() == MAX_BATCH_RECORDS || self.bytes + bytes > MAX_BATCH_BYTES {
            return Err(data);
        }
        self.bytes += bytes;
        self.records.push(data);
        self.chunks.push(chunk);
        Ok(())
    }
}

/// A `PutRecordBatch` call that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutError {
    /// The error code or the kind of failure; never data.
    pub reason: String,
    /// Whether a later call may succeed.
    pub is_transient: bool,
}

/// The chunks of an invocation, encoded batch by batch. Encoding reads the request again, so that a
/// request that inflates to many times the response costs no memory.
#[derive(Default)]
pub(crate) struct ReingestPlan {
    chunks: Vec<Chunk>,
    next: usize,
    /// Encoded for a full batch; the first record of the next batch.
    pending: Option<(usize, Vec<u8>)>,
    failed: Vec<usize>,
    decompressor: Decompressor,
    decoded: Vec<u8>,
}

impl ReingestPlan {
    /// Splits the messages of a record into chunks of which each fits into one response: at most
    /// `cap` bytes of HEC objects and, as an envelope, [`MAX_RECORD_BYTES`]. A message that exceeds
    /// either limit alone is a chunk of its own. `hops` is the hop count of their envelopes.
    pub(crate) fn add(&mut self, record: usize, events: &[EncodedEvent], cap: usize, hops: u32) {
        let (mut out, mut raw, mut value) = (0, 0, None);
        let mut start = 0;
        for event in events {
            let len = event.end - start;
            start = event.end;
            let fits = out + len <= cap && raw + event.raw_len < MAX_RECORD_BYTES - ENVELOPE_ROOM;
            match self.chunks.last_mut() {
                Some(chunk) if fits && value == Some(event.value) => {
                    chunk.messages.push(event.message);
                }
                _ => {
                    (out, raw, value) = (0, 0, Some(event.value));
                    self.chunks.push(Chunk {
                        record,
                        messages: vec![event.message],
                        hops,
                    });
                }
            }
            out += len;
            raw += event.raw_len + 1;
        }
    }

    /// The next batch, or `None` after the last.
    pub(crate) fn next_batch(
        &mut self,
        request: &Request<'_>,
        routes: &[Route],
    ) -> Option<ReingestBatch> {
        let mut batch = ReingestBatch::default();
        if let Some((chunk, data)) = self.pending.take() {
            batch
                .push(chunk, data)
                .expect("one record fits into an empty batch");
        }
        while self.next < self.chunks.len() {
            let number = self.next;
            self.next += 1;
            let chunk = &self.chunks[number];
            let decoded = request.records[chunk.record].decode(&mut self.decoded);
            let data = decoded.ok().and_then(|()| {
                let text = self.decompressor.decompress(&self.decoded).ok()?;
                encode(chunk, text, &routes[chunk.record])
            });
            let Some(data) = data else {
                self.failed.push(number);
                continue;
            };
            if let Err(data) = batch.push(number, data) {
                self.pending = Some((number, data));
                break;
            }
        }
        (!batch.records.is_empty()).then_some(batch)
    }

    /// Notes that the stream rejected these records of a batch.
    pub(crate) fn mark_rejected(&mut self, batch: &ReingestBatch, records: &[usize]) {
        let chunks = records.iter().map(|record| batch.chunks[*record]);
        self.failed.extend(chunks);
    }

    /// The chunks that could not be encoded or that the stream rejected.
    pub(crate) fn failed(&self) -> impl Iterator<Item = &Chunk> {
        self.failed.iter().map(|number| &self.chunks[*number])
    }
}

/// The envelope of a chunk of `text`: plain, or gzip if only that stays within
/// [`MAX_RECORD_BYTES`]. `None` if neither does.
fn encode(chunk: &Chunk, text: &str, route: &Route) -> Option<Vec<u8>> {
    let mut reader = Reader::new(text);
    let mut scratch = Scratch::default();
    let mut messages = chunk.messages.iter().peekable();
    let mut out = Vec::new();
    while let Some(next) = messages.peek() {
        let message = reader.next(&mut scratch).ok()??;
        if message.number != **next {
            continue;
        }
        messages.next();
        let envelope = reader.envelope();
        if out.is_empty() {
            let origin = Origin::new(envelope, route);
            begin_envelope(envelope, &origin, chunk.hops, &mut out);
        } else {
            out.push(b',');
        }
        match envelope.format {
            InputFormat::CloudWatchLogs => {
                out.extend_from_slice(&text.as_bytes()[message.span]);
            }
            _ => push_log_event(message.text, route, &mut out),
        }
    }
    out.extend_from_slice(b"]}");
    if out.len() > MAX_RECORD_BYTES {
        out = gzip(&out);
    }
    (out.len() <= MAX_RECORD_BYTES).then_some(out)
}

fn begin_envelope(envelope: &Envelope<'_>, origin: &Origin, hops: u32, out: &mut Vec<u8>) {
    let mut members = JsonObjectWriter::begin(out);
    members.content("messageType", "DATA_MESSAGE");
    members.content("owner", &origin.account);
    members.content("logGroup", envelope.log_group);
    members.content("logStream", envelope.log_stream);
    if !envelope.subscription_filters.is_empty() {
        let filters = envelope.subscription_filters.as_bytes();
        members.verbatim("subscriptionFilters", filters);
    }
    let mut own = Vec::new();
    let mut inner = JsonObjectWriter::begin(&mut own);
    inner.number("hops", u64::from(hops));
    inner.content("source", &origin.source);
    inner.content("delivery_path", origin.path.name());
    inner.end();
    members.verbatim("sightline", &own);
    members.verbatim("logEvents", b"[");
}

/// Writes a log event around a message that had none.
fn push_log_event(message: &[u8], route: &Route, out: &mut Vec<u8>) {
    let mut members = JsonObjectWriter::begin(out);
    members.content("id", "");
    if let Some(arrival_ms) = route.arrival_ms {
        members.verbatim("timestamp", arrival_ms.to_string().as_bytes());
    }
    members.text("message", &String::from_utf8_lossy(message));
    members.end();
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder
        .write_all(content)
        .expect("writing into memory cannot fail");
    encoder.finish().expect("writing into memory cannot fail")
}
