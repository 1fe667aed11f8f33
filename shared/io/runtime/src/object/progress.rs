//! How far an object has been read, and which of its events are pending.

use cloudtrail::DeliveryPath;
use hec::EventBatch;
use hec_client::DeliveryReport;
use pipeline::{LogFile, Route};
use triggers::ObjectTask;

/// Unparsed values after which an object is not considered a CloudTrail log file.
const MAX_UNPARSED: usize = 1000;

/// Bytes of unparsed values, likewise.
const MAX_UNPARSED_BYTES: usize = 4_000_000;

/// How far an object has been read.
pub(crate) struct ObjectProgress<'t> {
    pub(crate) task: &'t ObjectTask,
    pub(crate) route: Route,
    pub(crate) file: LogFile,
    /// The object's name for the log.
    pub(crate) input: String,
    /// The next record's number.
    pub(crate) number: u64,
    pub(crate) pending: EventBatch,
    /// The record of each pending object.
    numbers: Vec<u64>,
    /// Values before the first one that can be parsed. Until then the content of the object is
    /// unknown, and nothing is pending.
    unparsed: Vec<Unparsed>,
    unparsed_bytes: usize,
    /// The object is known to hold CloudTrail events.
    pub(crate) known: bool,
}

/// A value that cannot be parsed.
pub(crate) struct Unparsed {
    pub(crate) number: u64,
    pub(crate) value: Vec<u8>,
    pub(crate) reason: String,
}

impl<'t> ObjectProgress<'t> {
    /// At the beginning of the object of `task`.
    pub(crate) fn new(task: &'t ObjectTask, is_replay: bool) -> Self {
        let input = task.to_string();
        let route = Route {
            source: input.clone(),
            path: Some(DeliveryPath::S3),
            is_replay,
            ..Route::default()
        };
        Self {
            task,
            file: LogFile::new(&route),
            route,
            input,
            number: 0,
            pending: EventBatch::default(),
            numbers: Vec::new(),
            unparsed: Vec::new(),
            unparsed_bytes: 0,
            // Records are only ever delivered from objects that are known.
            known: task.next_record > 0 || !task.delivered.is_empty(),
        }
    }

    /// The number of the next record, unless it needs no further work.
    pub(crate) fn advance(&mut self) -> Option<u64> {
        let number = self.number;
        self.number += 1;
        (!self.task.is_done(number)).then_some(number)
    }

    /// Notes that the pending objects from `first` on belong to the record of this number.
    pub(crate) fn note(&mut self, first: usize, number: u64) {
        self.numbers
            .extend((first..self.pending.len()).map(|_| number));
    }

    /// Stores an unparsed value until the content of the object is known.
    pub(crate) fn set_aside(&mut self, number: u64, value: &[u8], reason: String) {
        self.unparsed_bytes += value.len();
        self.unparsed.push(Unparsed {
            number,
            value: value.to_vec(),
            reason,
        });
    }

    /// Notes that the object holds CloudTrail events, and returns the values that were set aside, for
    /// the caller to forward.
    pub(crate) fn become_known(&mut self) -> Vec<Unparsed> {
        self.known = true;
        self.unparsed_bytes = 0;
        std::mem::take(&mut self.unparsed)
    }

    /// Whether so much of the object is unparsed that it is not considered a CloudTrail log file.
    pub(crate) fn exceeds_unparsed_limit(&self) -> bool {
        self.unparsed.len() >= MAX_UNPARSED || self.unparsed_bytes > MAX_UNPARSED_BYTES
    }

    /// Why the first value of the object could not be parsed, if no value could.
    pub(crate) fn unparsed_reason(&self) -> Option<&str> {
        self.unparsed.first().map(|value| value.reason.as_str())
    }

    /// What remains to be forwarded if nothing is pending. Includes values that were set aside.
    pub(crate) fn remaining(&self) -> ObjectTask {
        let first_aside = self.unparsed.first().map(|value| value.number);
        self.task
            .remaining(&[], &[], first_aside.unwrap_or(self.number))
    }

    /// Clears the pending objects after their delivery. Returns what remains to be forwarded; `None` if
    /// everything was delivered.
    pub(crate) fn finish_delivery(&mut self, report: &DeliveryReport) -> Option<ObjectTask> {
        let numbers = std::mem::take(&mut self.numbers);
        self.pending.clear();
        if report.undelivered.is_empty() {
            return None;
        }
        let records = |undelivered: bool| -> Vec<u64> {
            let objects = numbers.iter().enumerate();
            let chosen = objects.filter(|(at, _)| report.is_undelivered(*at) == undelivered);
            let mut chosen: Vec<u64> = chosen.map(|(_, number)| *number).collect();
            // The fallback events of values that were set aside follow later records.
            chosen.sort_unstable();
            chosen
        };
        let undelivered = records(true);
        let mut delivered = records(false);
        // A record with several objects is delivered when all of them are.
        delivered.retain(|number| undelivered.binary_search(number).is_err());
        Some(self.task.remaining(&undelivered, &delivered, self.number))
    }
}
