//! Where an object stands while it is read.

use cloudtrail::DeliveryPath;
use delivery::Delivered;
use hec::Objects;
use pipeline::{LogFile, Route};
use tracing::warn;

use crate::task::Task;

/// Values that cannot be read after which an object is nobody's that we know.
const MOST_STRANGE: usize = 1000;

/// Bytes of such values.
const MOST_STRANGE_BYTES: usize = 4_000_000;

/// Where an object stands.
pub(crate) struct Reading<'t> {
    pub(crate) task: &'t Task,
    pub(crate) route: Route,
    pub(crate) file: LogFile,
    /// The object's name for the log.
    pub(crate) input: String,
    /// The next record's number.
    pub(crate) number: u64,
    pub(crate) pending: Objects,
    /// The record of each pending object.
    numbers: Vec<u64>,
    /// Values before the first that can be read: until then the object may be anybody's, and
    /// nothing is pending.
    strange: Vec<Strange>,
    strange_bytes: usize,
    /// Whether the object is known to be CloudTrail's.
    pub(crate) is_known: bool,
}

/// A value that cannot be read.
pub(crate) struct Strange {
    pub(crate) number: u64,
    pub(crate) value: Vec<u8>,
    pub(crate) reason: String,
}

impl<'t> Reading<'t> {
    /// At the beginning of the object of `task`.
    pub(crate) fn new(task: &'t Task, is_replay: bool) -> Self {
        let input = task.object().to_string();
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
            pending: Objects::default(),
            numbers: Vec::new(),
            strange: Vec::new(),
            strange_bytes: 0,
            // Only of an object that is known is anything done with.
            is_known: task.next_record > 0 || !task.delivered.is_empty(),
        }
    }

    /// The number of the record that comes next, unless that is done with.
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

    /// Puts a value aside until it is known whose the object is.
    pub(crate) fn put_aside(&mut self, number: u64, value: &[u8], reason: String) {
        self.strange_bytes += value.len();
        self.strange.push(Strange {
            number,
            value: value.to_vec(),
            reason,
        });
    }

    /// The values that were put aside, which are to be handed on: the object is known now.
    pub(crate) fn become_known(&mut self) -> Vec<Strange> {
        self.is_known = true;
        self.strange_bytes = 0;
        std::mem::take(&mut self.strange)
    }

    /// Whether so much of the object cannot be read that it is nobody's that we know.
    pub(crate) fn is_foreign_by_now(&self) -> bool {
        self.strange.len() >= MOST_STRANGE || self.strange_bytes > MOST_STRANGE_BYTES
    }

    /// Whether nothing but values that cannot be read was found.
    pub(crate) fn is_foreign(&self) -> bool {
        !self.strange.is_empty()
    }

    /// Says that the object is nobody's that we know.
    pub(crate) fn warn_of_foreign(&self) {
        let reason = self.strange.first().map(|strange| strange.reason.as_str());
        warn!(
            object = self.input,
            reason, "it is no CloudTrail log file by its content and is passed over"
        );
    }

    /// What is still to be done where nothing is pending. Values that were put aside are.
    pub(crate) fn rest(&self) -> Task {
        let first_aside = self.strange.first().map(|strange| strange.number);
        self.task.rest(&[], &[], first_aside.unwrap_or(self.number))
    }

    /// Empties what was pending. Returns what is still to be done, or `None` where all of it was
    /// delivered.
    pub(crate) fn settle(&mut self, delivered: &Delivered) -> Option<Task> {
        let numbers = std::mem::take(&mut self.numbers);
        self.pending.clear();
        if delivered.left.is_empty() {
            return None;
        }
        let numbered = |is_left: bool| -> Vec<u64> {
            let places = numbers.iter().enumerate();
            let chosen = places.filter(|(at, _)| delivered.is_left(*at) == is_left);
            let mut chosen: Vec<u64> = chosen.map(|(_, number)| *number).collect();
            // What stands for values that were put aside is pending behind later records.
            chosen.sort_unstable();
            chosen
        };
        let left = numbered(true);
        let mut accepted = numbered(false);
        // A record of several objects is done with when all of them are.
        accepted.retain(|number| left.binary_search(number).is_err());
        Some(self.task.rest(&left, &accepted, self.number))
    }
}
