//! One invocation: records in, a response and re-ingested records out.

use cloudtrail::{DecompressError, Decompressor, DeliveryPath, ParseError};
use pipeline::{Counters, Output, RecordPipeline, Route, TextStats};
use settings::Settings;
use thiserror::Error;

use crate::reingest::{MAX_HOPS, ReingestBatch, ReingestPlan};
use crate::request::{DataError, Request, RequestError};
use crate::response::Response;

/// Why a record is returned as `ProcessingFailed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FailureReason {
    /// The record has no data.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The data is not text.
    #[error(transparent)]
    Decompress(#[from] DecompressError),
    /// The text cannot be parsed.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// The record holds one event, which no response has room for.
    #[error("one event is larger than a response or MAX_RECORD_BYTES allows")]
    TooLarge,
    /// The record does not fit, and nothing can be put into a stream that Kinesis feeds.
    #[error("does not fit the response, and a Kinesis stream feeds the delivery stream")]
    FromKinesis,
    /// The record does not fit and was re-ingested as often as is allowed.
    #[error("does not fit the response after {MAX_HOPS} times on the stream")]
    TooManyHops,
    /// The record does not fit and could not be re-ingested.
    #[error("does not fit the response and could not be re-ingested")]
    ReingestFailed,
}

impl FailureReason {
    /// Whether the record cannot be parsed, so that its events are unknown.
    fn is_parse_failure(self) -> bool {
        matches!(self, Self::Data(_) | Self::Decompress(_) | Self::Parse(_))
    }
}

/// A record that is returned as `ProcessingFailed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailedRecord {
    /// Index of the record in the request.
    pub record: usize,
    /// Why.
    pub reason: FailureReason,
}

/// Limits of the response.
struct Limits {
    record: usize,
    response: usize,
    can_reingest: bool,
}

/// The result of an invocation.
pub struct TransformResult {
    /// The response as JSON.
    pub response: Vec<u8>,
    /// What was counted.
    pub counters: Counters,
    /// Route and `eventTime` (epoch seconds) of the forwarded records.
    pub event_times: Vec<(DeliveryPath, i64)>,
    /// The records that are returned as `ProcessingFailed`.
    pub failures: Vec<FailedRecord>,
    /// Number of records in the request.
    pub records: usize,
}

/// One invocation. The caller puts every [`TransformInvocation::next_batch`] into the stream,
/// reports rejected records with [`TransformInvocation::mark_rejected`], and then takes the response
/// from [`TransformInvocation::finish`].
pub struct TransformInvocation<'a> {
    request: Request<'a>,
    response: Response,
    routes: Vec<Route>,
    reingest: ReingestPlan,
    failures: Vec<FailedRecord>,
    counters: Counters,
    event_times: Vec<(DeliveryPath, i64)>,
}

impl<'a> TransformInvocation<'a> {
    /// Runs every record of the invocation's `event` through the pipeline.
    ///
    /// # Errors
    /// The event is not a transformation request. The error quotes nothing of it.
    pub fn new(
        event: &'a str,
        settings: &Settings,
        pipeline: &mut RecordPipeline,
    ) -> Result<Self, RequestError> {
        let request = Request::parse(event)?;
        let routes = request.records.iter().map(|record| Route {
            source: format!("firehose:{}", request.stream_name()),
            account: request.account().to_owned(),
            is_replay: false,
            path: None,
            arrival_ms: record.arrival_ms(),
        });
        let mut invocation = Self {
            response: Response::new(&request, settings.transform.max_response_bytes),
            routes: routes.collect(),
            reingest: ReingestPlan::default(),
            failures: Vec::new(),
            counters: Counters::default(),
            event_times: Vec::new(),
            request,
        };
        let limits = Limits {
            record: settings.transform.max_record_bytes.unwrap_or(usize::MAX),
            response: settings.transform.max_response_bytes,
            can_reingest: invocation.request.source_kinesis_stream_arn.is_none(),
        };
        invocation.transform(&limits, pipeline);
        Ok(invocation)
    }

    fn transform(&mut self, limits: &Limits, pipeline: &mut RecordPipeline) {
        let mut decoded = Vec::new();
        let mut decompressor = Decompressor::default();
        let mut output = Output::default();
        for number in 0..self.request.records.len() {
            output.clear();
            let (record, route) = (&self.request.records[number], &self.routes[number]);
            let mut encode = || -> Result<TextStats, FailureReason> {
                record.decode(&mut decoded)?;
                let text = decompressor.decompress(&decoded)?;
                // The text is read again to re-ingest it, which an unwrapped one does not allow.
                Ok(pipeline.run_without_unwrapping(text, route, &mut output)?)
            };
            match encode() {
                Ok(stats) => self.respond(number, stats, &output, limits),
                Err(reason) => self.fail(number, reason),
            }
        }
    }

    /// Adds a parsed record to the response: with all of its events, or with none if they do not
    /// fit and are re-ingested.
    fn respond(&mut self, record: usize, stats: TextStats, output: &Output, limits: &Limits) {
        let id = self.request.records[record].id();
        let events = output.events().len() as u64;
        self.counters.events_in += stats.events_in as u64;
        self.counters.events_dropped += stats.events_dropped as u64;
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
        let room = Response::room_alone(id, limits.response).min(limits.record);
        let reason = match events {
            1 if output.bytes.len() > room => Some(FailureReason::TooLarge),
            _ if !limits.can_reingest => Some(FailureReason::FromKinesis),
            _ if stats.hops >= MAX_HOPS => Some(FailureReason::TooManyHops),
            _ => None,
        };
        if let Some(reason) = reason {
            self.counters.events_quarantined += events;
            return self.fail(record, reason);
        }
        self.reingest
            .add(record, output.events(), room, stats.hops + 1);
        self.counters.events_reingested += events;
        self.response.dropped(id);
    }

    fn fail(&mut self, record: usize, reason: FailureReason) {
        self.response.failed(self.request.records[record].id());
        self.failures.push(FailedRecord { record, reason });
        self.counters.records_failed += u64::from(reason.is_parse_failure());
    }

    /// The name of the stream that the records came from and are re-ingested into.
    pub fn stream_name(&self) -> &str {
        self.request.stream_name()
    }

    /// The records of the next `PutRecordBatch` call, or `None` after the last.
    pub fn next_batch(&mut self) -> Option<ReingestBatch> {
        self.reingest.next_batch(&self.request, &self.routes)
    }

    /// Notes that the stream rejected these records (indexes) of a batch.
    pub fn mark_rejected(&mut self, batch: &ReingestBatch, records: &[usize]) {
        self.reingest.mark_rejected(batch, records);
    }

    /// The response and the counters.
    ///
    /// A record with a chunk that could not be re-ingested is `ProcessingFailed` as a whole, because
    /// Firehose keeps whole records; its other chunks are then delivered twice.
    pub fn finish(mut self) -> TransformResult {
        let mut failed = Vec::new();
        for chunk in self.reingest.failed() {
            let events = chunk.messages.len() as u64;
            self.counters.events_reingested -= events;
            self.counters.events_quarantined += events;
            failed.push(chunk.record);
        }
        failed.sort_unstable();
        failed.dedup();
        let reason = FailureReason::ReingestFailed;
        let failures = failed.iter().map(|&record| FailedRecord { record, reason });
        self.failures.extend(failures);
        debug_assert!(self.counters.reconcile());
        TransformResult {
            response: self.response.finish(&self.request, &failed),
            counters: self.counters,
            event_times: self.event_times,
            failures: self.failures,
            records: self.request.records.len(),
        }
    }
}
