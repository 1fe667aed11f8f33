//! Messages that go back onto their stream, as envelopes of our own.
//!
//! They go back as plain JSON, not as gzip. Firehose fills its buffer for the next invocation by
//! the bytes it is given: gzip would come back in numbers that overflow the response again, plain
//! text comes back in the measure that fits.

use std::io::Write;

use cloudtrail::{Envelope, InputFormat, Reader, Scratch};
use firehose::{BATCH_BYTES, BATCH_RECORDS, RECORD_BYTES, base64_len};
use hec::JsonObjectWriter;

use crate::lane::EncodedEvent;
use crate::open::Decompressor;
use crate::origin::{Origin, Route};

/// Room that is left for what an envelope holds beside its log events.
const ENVELOPE_ROOM: usize = 4096;

/// Some messages of one record.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    /// The record's place in the request.
    pub(crate) record: usize,
    /// The messages' places in the record's text, ascending.
    pub(crate) numbers: Vec<usize>,
    /// What the envelope will say.
    pub(crate) hops: u32,
}

/// One `PutRecordBatch` call.
#[derive(Debug, Default)]
pub struct Batch {
    /// The data of each record, before base64.
    pub records: Vec<Vec<u8>>,
    /// The piece that each record is.
    pub(crate) pieces: Vec<usize>,
    bytes: usize,
}

impl Batch {
    /// Takes the record unless the call would go over a limit of the API with it.
    pub(crate) fn push(&mut self, piece: usize, data: Vec<u8>) -> Result<(), Vec<u8>> {
        let bytes = base64_len(data.len());
        if self.records.len() == BATCH_RECORDS || self.bytes + bytes > BATCH_BYTES {
            return Err(data);
        }
        self.bytes += bytes;
        self.records.push(data);
        self.pieces.push(piece);
        Ok(())
    }
}

/// Cuts the messages of a record into pieces of which each can be answered in one response: at
/// most `cap` bytes of HEC objects and, as an envelope, the bytes that a record may have. A
/// message that is over either alone gets a piece of its own.
pub(crate) fn cut(record: usize, events: &[EncodedEvent], cap: usize, hops: u32) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let (mut out, mut raw, mut value) = (0, 0, None);
    let mut begins = 0;
    for event in events {
        let len = event.end - begins;
        begins = event.end;
        let fits = out + len <= cap && raw + event.raw_len < RECORD_BYTES - ENVELOPE_ROOM;
        match pieces.last_mut() {
            Some(piece) if fits && value == Some(event.value) => piece.numbers.push(event.number),
            _ => {
                (out, raw, value) = (0, 0, Some(event.value));
                pieces.push(Piece {
                    record,
                    numbers: vec![event.number],
                    hops,
                });
            }
        }
        out += len;
        raw += event.raw_len + 1;
    }
    pieces
}

/// The envelope of a piece, given the bytes of its record: plain, or gzip where only that stays
/// within what a record may have. `None` where neither does, or the record cannot be read.
pub(crate) fn encode(
    piece: &Piece,
    bytes: &[u8],
    route: &Route,
    opener: &mut Decompressor,
) -> Option<Vec<u8>> {
    let text = opener.decompress(bytes).ok()?;
    let mut reader = Reader::new(text);
    let mut scratch = Scratch::default();
    let mut numbers = piece.numbers.iter().peekable();
    let mut out = Vec::new();
    while let Some(number) = numbers.peek() {
        let message = reader.next(&mut scratch).ok()??;
        if message.number != **number {
            continue;
        }
        numbers.next();
        let envelope = reader.envelope();
        if out.is_empty() {
            begin_envelope(
                envelope,
                &Origin::new(envelope, route),
                piece.hops,
                &mut out,
            );
        } else {
            out.push(b',');
        }
        match envelope.form {
            InputFormat::CloudWatchLogs => out.extend_from_slice(&text.as_bytes()[message.place]),
            _ => push_log_event(message.text, route, &mut out),
        }
    }
    out.extend_from_slice(b"]}");
    if out.len() > RECORD_BYTES {
        out = gzip(&out);
    }
    (out.len() <= RECORD_BYTES).then_some(out)
}

fn begin_envelope(envelope: &Envelope<'_>, origin: &Origin, hops: u32, out: &mut Vec<u8>) {
    let mut pairs = JsonObjectWriter::begin(out);
    pairs.content("messageType", "DATA_MESSAGE");
    pairs.content("owner", &origin.account);
    pairs.content("logGroup", envelope.log_group);
    pairs.content("logStream", envelope.log_stream);
    if !envelope.subscription_filters.is_empty() {
        pairs.verbatim(
            "subscriptionFilters",
            envelope.subscription_filters.as_bytes(),
        );
    }
    let mut put_back = Vec::new();
    let mut inner = JsonObjectWriter::begin(&mut put_back);
    inner.number("hops", u64::from(hops));
    inner.content("source", &origin.source);
    inner.content("delivery_path", origin.path.name());
    inner.end();
    pairs.verbatim("sightline", &put_back);
    pairs.verbatim("logEvents", b"[");
}

/// A message that had no log event gets one.
fn push_log_event(message: &[u8], route: &Route, out: &mut Vec<u8>) {
    let mut pairs = JsonObjectWriter::begin(out);
    pairs.content("id", "");
    if let Some(arrival_ms) = route.arrival_ms {
        pairs.verbatim("timestamp", arrival_ms.to_string().as_bytes());
    }
    pairs.text("message", &String::from_utf8_lossy(message));
    pairs.end();
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder
        .write_all(content)
        .expect("writing into memory cannot fail");
    encoder.finish().expect("writing into memory cannot fail")
}
