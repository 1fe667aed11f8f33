//! Faults that a test requests from a collector.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::ReplyCode;

/// What goes wrong with one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 503 code 9; nothing is indexed.
    BusyCode9,
    /// 503 code 9 with the number N after the first N objects were indexed, as observed with Splunk
    /// when its queue fills within a request. A shorter batch is accepted completely.
    BusyAt(usize),
    /// This code without an object number; nothing is indexed.
    Reply(ReplyCode),
    /// The request is handled normally, and a success has this code instead of 0.
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
    /// Code 6 as if object N (0-based) were not valid: those before it are indexed. A shorter batch
    /// is accepted completely.
    InvalidAt(usize),
    /// Code 7 for the first object, with the number 1, as observed with Splunk.
    WrongIndex,
    /// 200 with an HTML body, like the login page of a proxy; nothing is indexed.
    HtmlOk,
    /// The connection is dropped while the body is being sent; nothing is indexed.
    ResetMidBody,
    /// Everything is indexed, then the connection is dropped without a reply.
    ResetAfterIndexing,
    /// The request is handled normally after this time.
    Slow(Duration),
    /// The request is accepted and indexed, but its acknowledgment stays `false`.
    NeverAck,
    /// The request is accepted, and its events stay in memory for this time before they are indexed;
    /// `None` is forever. A restart during this time loses them.
    IndexedAfter(Option<Duration>),
    /// [`Fault::BusyAt`], and the first N objects stay in memory until a restart loses them.
    BusyAtInMemory(usize),
    /// The collector restarts instead of replying: acknowledgments and events in memory are lost,
    /// and every connection is dropped.
    Restart,
}

/// A queue of faults. Each applies to one request with a valid token.
///
/// Requests with events and acknowledgment polls have separate queues, so that polls do not
/// consume faults for events. Health checks use none. Faults about objects have no effect on polls.
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

    /// Removes the remaining faults.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// The number of remaining faults.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether none remain.
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
