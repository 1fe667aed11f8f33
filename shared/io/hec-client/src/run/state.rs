//! What all requests of a run share: its deadline, why it stopped, and pauses between requests.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hec::EventBatch;
use tokio::sync::watch;

use crate::collector::Collector;
use crate::report::DeliveryError;

/// The state that the requests of a run share.
pub(super) struct RunState<'r> {
    pub(super) collector: &'r Collector,
    pub(super) events: &'r EventBatch,
    pub(super) until: Instant,
    /// Why the run stopped.
    error: watch::Sender<Option<DeliveryError>>,
    /// Turns true when sending is to stop.
    stop: Option<watch::Receiver<bool>>,
    /// No request is sent before this: the collector's last `Retry-After`.
    retry_after: Mutex<Option<Instant>>,
    requests: AtomicU64,
    retries: AtomicU64,
}

impl<'r> RunState<'r> {
    pub(super) fn new(
        collector: &'r Collector,
        events: &'r EventBatch,
        until: Instant,
        stop: Option<watch::Receiver<bool>>,
    ) -> Self {
        Self {
            collector,
            events,
            until,
            error: watch::Sender::default(),
            stop,
            retry_after: Mutex::default(),
            requests: AtomicU64::new(0),
            retries: AtomicU64::new(0),
        }
    }

    /// Stops the run; the first reason is kept.
    pub(super) fn stop(&self, error: DeliveryError) {
        self.error.send_if_modified(|known| {
            let is_first = known.is_none();
            known.get_or_insert(error);
            is_first
        });
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.error.borrow().is_some()
    }

    /// Why the run stopped, if it did.
    pub(super) fn into_error(self) -> Option<DeliveryError> {
        self.error.send_replace(None)
    }

    /// Waits until the run stops.
    async fn stopped(&self) {
        let mut error = self.error.subscribe();
        // The sender lives as long as the run.
        let _closed = error.wait_for(Option::is_some).await;
    }

    /// Waits until the run has been stopped for as long as [`RetryPolicy::stop`] allows.
    ///
    /// [`RetryPolicy::stop`]: crate::RetryPolicy::stop
    pub(super) async fn stopped_for_long(&self) {
        self.stopped().await;
        tokio::time::sleep(self.collector.retry_policy.stop).await;
    }

    /// Waits until the caller requests a stop; forever if it cannot.
    pub(super) async fn stop_requested(&self) {
        if let Some(mut stop) = self.stop.clone()
            && stop.wait_for(|is_requested| *is_requested).await.is_ok()
        {
            return;
        }
        std::future::pending().await
    }

    /// Waits until a requested stop leaves no more time to the requests under way.
    pub(super) async fn stop_overdue(&self) {
        self.stop_requested().await;
        tokio::time::sleep(self.collector.retry_policy.stop).await;
    }

    /// Counts a request.
    pub(super) fn count(&self, is_retry: bool) {
        self.requests.fetch_add(1, Relaxed);
        self.retries.fetch_add(u64::from(is_retry), Relaxed);
    }

    /// How many requests there were, and how many of them were retries.
    pub(super) fn requests(&self) -> (u64, u64) {
        (self.requests.load(Relaxed), self.retries.load(Relaxed))
    }

    /// The time left until the deadline, unless the run stopped or has no time left.
    pub(super) fn time_left(&self) -> Option<Duration> {
        let left = self.until.saturating_duration_since(Instant::now());
        (!left.is_zero() && !self.is_stopped()).then_some(left)
    }

    /// Pauses for `pause`, shorter if the run stops. Returns whether time is left afterwards;
    /// without waiting if there is none.
    pub(super) async fn pause(&self, pause: Duration) -> bool {
        let has_time = self.time_left().is_some_and(|time| time > pause);
        if has_time {
            let _stopped = tokio::time::timeout(pause, self.stopped()).await;
        }
        has_time
    }

    /// Sends no request of the run before `pause` is over.
    pub(super) fn set_retry_after(&self, pause: Duration) {
        let mut retry_after = self
            .retry_after
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *retry_after = (*retry_after).max(Instant::now().checked_add(pause));
    }

    /// Waits as long as the collector's `Retry-After` requires, until the deadline at the latest.
    pub(super) async fn wait_for_retry_after(&self) {
        let retry_after = *self
            .retry_after
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = retry_after.map(|at| at.min(self.until)) {
            let _stopped = tokio::time::timeout_at(at.into(), self.stopped()).await;
        }
    }
}
