//! What is to be done about one Firehose invocation.

use cloudtrail::{DeliveryPath, ParseError};
use firehose::{DataError, Request, RequestError, Response};
use settings::Settings;
use thiserror::Error;

use crate::counters::Counters;
use crate::lane::{Output, RecordPipeline, TextStats};
use crate::open::{DecompressError, Decompressor};
use crate::origin::Route;
use crate::put_back::{Batch, Piece, cut, encode};

/// How often a message may be put back on its stream before it is left to `processing-failed/`.
pub const MAX_HOPS: u32 = 3;

/// Why a record is answered `ProcessingFailed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Why {
    /// It has no bytes.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The bytes are no text.
    #[error(transparent)]
    Open(#[from] DecompressError),
    /// The text is nothing we know.
    #[error(transparent)]
    ParseError(#[from] ParseError),
    /// It is read, but too large for one answer, and it holds one event alone.
    #[error("one event is larger than a response or MAX_RECORD_BYTES allows")]
    TooLarge,
    /// It does not fit, and a stream that Kinesis feeds takes nothing back.
    #[error("does not fit the response, and a Kinesis stream feeds the delivery stream")]
    FromKinesis,
    /// It does not fit, and has been put back as often as is allowed.
    #[error("does not fit the response after {MAX_HOPS} times on the stream")]
    Hops,
    /// It does not fit, and could not be put back.
    #[error("does not fit the response and could not be put back on the stream")]
    NotPutBack,
}

impl Why {
    /// Whether the record itself cannot be read, so that its events are not known.
    fn is_unreadable(self) -> bool {
        matches!(self, Self::Data(_) | Self::Open(_) | Self::ParseError(_))
    }
}

/// A record that is answered `ProcessingFailed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    /// Its place in the request.
    pub record: usize,
    /// Why.
    pub why: Why,
}

/// The limits of an answer.
struct Limits {
    record: usize,
    response: usize,
    can_put_back: bool,
}

/// An invocation, all but the records that have to be put back on the stream: the shell puts
/// [`Plan::next_batch`] after batch, says which pieces were not taken, and asks for the response.
pub struct Plan<'a> {
    request: Request<'a>,
    response: Response,
    routes: Vec<Route>,
    pieces: Vec<Piece>,
    next_piece: usize,
    /// Encoded for a batch that was full; begins the next one.
    held: Option<(usize, Vec<u8>)>,
    not_put_back: Vec<usize>,
    failures: Vec<Failure>,
    counters: Counters,
    event_times: Vec<(DeliveryPath, i64)>,
    opener: Decompressor,
    decoded: Vec<u8>,
}

impl<'a> Plan<'a> {
    /// Runs every record of an invocation's event through the lane.
    ///
    /// # Errors
    /// The event is no transformation request. Nothing of it is in the error.
    pub fn new(
        event: &'a str,
        settings: &Settings,
        lane: &mut RecordPipeline,
    ) -> Result<Self, RequestError> {
        let request = Request::parse(event)?;
        let routes = request.records.iter().map(|record| Route {
            source: format!("firehose:{}", request.stream_name()),
            account: request.account().to_owned(),
            is_replay: false,
            path: None,
            arrival_ms: record.arrival_ms(),
        });
        let mut plan = Self {
            response: Response::new(&request, settings.max_response_bytes),
            routes: routes.collect(),
            pieces: Vec::new(),
            next_piece: 0,
            held: None,
            not_put_back: Vec::new(),
            failures: Vec::new(),
            counters: Counters::default(),
            event_times: Vec::new(),
            opener: Decompressor::default(),
            decoded: Vec::new(),
            request,
        };
        let limits = Limits {
            record: settings.max_record_bytes.unwrap_or(usize::MAX),
            response: settings.max_response_bytes,
            can_put_back: plan.request.source_kinesis_stream_arn.is_none(),
        };
        let mut output = Output::default();
        for record in 0..plan.request.records.len() {
            output.clear();
            match plan.read(record, lane, &mut output) {
                Ok(passed) => plan.place(record, passed, &output, &limits),
                Err(why) => plan.fail(record, why),
            }
        }
        Ok(plan)
    }

    fn read(
        &mut self,
        record: usize,
        lane: &mut RecordPipeline,
        output: &mut Output,
    ) -> Result<TextStats, Why> {
        self.request.records[record].decode(&mut self.decoded)?;
        let text = self.opener.decompress(&self.decoded)?;
        Ok(lane.run_text(text, &self.routes[record], output)?)
    }

    /// Answers a record that has been read: with all of its events, or with none where they do
    /// not fit and are put back.
    fn place(&mut self, record: usize, passed: TextStats, output: &Output, limits: &Limits) {
        let id = self.request.records[record].id();
        let events = output.events.len() as u64;
        self.counters.events_in += passed.events_in as u64;
        self.counters.events_dropped += passed.events_dropped as u64;
        if events == 0 {
            return self.response.dropped(id);
        }
        if output.bytes.len() <= self.response.room(id).min(limits.record) {
            self.response.ok(id, &output.bytes);
            self.counters.events_out += events;
            self.counters.blinding_events += output.blinding_events();
            self.counters.bytes_out += output.bytes.len() as u64;
            return self.event_times.extend(output.event_times());
        }
        let alone = Response::room_alone(id, limits.response).min(limits.record);
        let why = match output.events.len() {
            1 if output.bytes.len() > alone => Some(Why::TooLarge),
            _ if !limits.can_put_back => Some(Why::FromKinesis),
            _ if passed.hops >= MAX_HOPS => Some(Why::Hops),
            _ => None,
        };
        if let Some(why) = why {
            self.counters.events_quarantined += events;
            return self.fail(record, why);
        }
        self.pieces
            .extend(cut(record, &output.events, alone, passed.hops + 1));
        self.counters.events_reingested += events;
        self.response.dropped(id);
    }

    fn fail(&mut self, record: usize, why: Why) {
        self.response.failed(self.request.records[record].id());
        self.failures.push(Failure { record, why });
        self.counters.records_failed += u64::from(why.is_unreadable());
    }

    /// The name of the stream that the records came on and go back to.
    pub fn stream_name(&self) -> &str {
        self.request.stream_name()
    }

    /// The next call of `PutRecordBatch` that is to be made, or `None` after the last.
    pub fn next_batch(&mut self) -> Option<Batch> {
        let mut batch = Batch::default();
        if let Some((piece, data)) = self.held.take() {
            batch
                .push(piece, data)
                .expect("a record fits an empty batch");
        }
        while self.next_piece < self.pieces.len() {
            let number = self.next_piece;
            self.next_piece += 1;
            let piece = &self.pieces[number];
            let record = &self.request.records[piece.record];
            let data = record.decode(&mut self.decoded).ok().and_then(|()| {
                encode(
                    piece,
                    &self.decoded,
                    &self.routes[piece.record],
                    &mut self.opener,
                )
            });
            let Some(data) = data else {
                self.not_put_back.push(number);
                continue;
            };
            if let Err(data) = batch.push(number, data) {
                self.held = Some((number, data));
                break;
            }
        }
        (!batch.records.is_empty()).then_some(batch)
    }

    /// Notes that these records of a batch, by their places in it, were not taken by the stream.
    pub fn not_put_back(&mut self, batch: &Batch, records: &[usize]) {
        self.not_put_back
            .extend(records.iter().map(|record| batch.pieces[*record]));
    }

    /// The response to the invocation, and what was counted.
    ///
    /// A record of which a piece could not be put back is `ProcessingFailed` as a whole, since
    /// Firehose keeps whole records; those of its pieces that the stream took come twice then.
    pub fn finish(mut self) -> Finished {
        let mut failed = Vec::new();
        for number in std::mem::take(&mut self.not_put_back) {
            let piece = &self.pieces[number];
            let events = piece.numbers.len() as u64;
            self.counters.events_reingested -= events;
            self.counters.events_quarantined += events;
            failed.push(piece.record);
        }
        failed.sort_unstable();
        failed.dedup();
        let why = Why::NotPutBack;
        self.failures
            .extend(failed.iter().map(|&record| Failure { record, why }));
        debug_assert!(self.counters.reconcile());
        Finished {
            response: self.response.finish(&self.request, &failed),
            counters: self.counters,
            event_times: self.event_times,
            failures: self.failures,
            records: self.request.records.len(),
        }
    }
}

/// What came of an invocation.
pub struct Finished {
    /// The response as JSON.
    pub response: Vec<u8>,
    /// What was counted.
    pub counters: Counters,
    /// Routes and event times (epoch seconds) of the records that were handed on.
    pub event_times: Vec<(DeliveryPath, i64)>,
    /// The records that are answered `ProcessingFailed`.
    pub failures: Vec<Failure>,
    /// Records in the request.
    pub records: usize,
}
