//! Faults that a test asks a collector for.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::ReplyCode;

/// What goes wrong with one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 503 code 9; nothing is indexed.
    BusyCode9,
    /// 503 code 9 after the first N objects were indexed, naming object N, as seen from Splunk
    /// when its queue fills within a request. A shorter batch is accepted whole.
    BusyAt(usize),
    /// This code of the table, without an object number; nothing is indexed.
    Reply(ReplyCode),
    /// The request is handled as usual, and a success has this code instead of 0.
    SuccessAs(ReplyCode),
    /// This status with an empty body, and `Retry-After` in seconds; nothing is indexed.
    Status {
        /// The HTTP status, 200 to 599; anything else becomes 500.
        status: u16,
        /// Seconds for `Retry-After`, or no such header.
        retry_after: Option<u64>,
    },
    /// 413 with an HTML body; nothing is indexed.
    TooLarge,
    /// Code 6 as if object N (0-based) were broken: those before it are indexed. A shorter
    /// batch is accepted whole.
    InvalidAt(usize),
    /// Code 7 for the first object, named as Splunk was seen to: by the number after it.
    WrongIndex,
    /// 200 with an HTML body, as a login page in between gives; nothing is indexed.
    HtmlOk,
    /// The connection is dropped while the body is on its way; nothing is indexed.
    ResetMidBody,
    /// Everything is indexed, then the connection is dropped without a reply.
    ResetAfterIndexing,
    /// The request is handled as usual, this much later.
    Slow(Duration),
    /// The request is accepted and indexed, but its acknowledgment never turns true.
    NeverAck,
    /// The request is accepted, and its events stay in memory this long before they are indexed,
    /// without end for `None`. A restart meanwhile loses them.
    IndexedAfter(Option<Duration>),
    /// [`Fault::BusyAt`], and the first N objects stay in memory until a restart loses them.
    BusyAtInMemory(usize),
    /// The collector restarts instead of replying: acknowledgments and events in memory are lost,
    /// and every connection is dropped.
    Restart,
}

/// A queue of faults; each is used up by one request with a valid token.
///
/// Requests with events and acknowledgment polls have a queue each, so that polling cannot take a
/// fault meant for data. Health checks use none. For polls, faults about objects have no effect.
#[derive(Debug, Default)]
pub struct Faults(Mutex<VecDeque<Fault>>);

impl Faults {
    /// Adds a fault at the end.
    pub fn push(&self, fault: Fault) {
        self.lock().push_back(fault);
    }

    /// Adds several at the end, in order.
    pub fn extend(&self, faults: impl IntoIterator<Item = Fault>) {
        self.lock().extend(faults);
    }

    /// Removes those that are still to be used up.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// How many are still to be used up.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether all are used up.
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    pub(super) fn next(&self) -> Option<Fault> {
        self.lock().pop_front()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
