//! Pauses between requests, and the time that is left.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use tracing::debug;

use super::request::Attempts;
use super::{Outcome, Run};
use crate::report::DeliveryError;

impl Run<'_> {
    /// Waits at least this long, and a random time if that is longer. If no time is left
    /// afterwards, the round ends with `fault`.
    pub(super) async fn pause(
        &self,
        least: Duration,
        note: String,
        fault: DeliveryError,
        attempts: &mut Attempts,
    ) -> Option<Outcome> {
        // A collector that asks for no pause is given a random one too.
        let jitter = attempts.bound.mul_f64(fastrand::f64());
        let pause = least.max(jitter);
        attempts.bound = (attempts.bound * 2).min(self.sink.retry_policy.longest_pause);
        debug!(reason = note, "the request is sent again");
        let has_time = self.time_left().is_some_and(|time| time > pause);
        if !has_time || self.is_stopped() {
            return Some(self.stop(fault));
        }
        // Nothing to wait for once another request ends the round.
        let _ended = tokio::time::timeout(pause, self.stopped.notified()).await;
        attempts.last = note;
        None
    }

    /// Waits until the collector wants to be asked, or the round or its time is over.
    pub(super) async fn hold_back(&self) {
        let at = *self
            .not_before
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = at.map(|at| at.min(self.until))
            && !self.is_stopped()
        {
            let _ended = tokio::time::timeout_at(at.into(), self.stopped.notified()).await;
        }
    }

    pub(super) fn ask_later(&self, pause: Duration) {
        let mut not_before = self
            .not_before
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *not_before = (*not_before).max(Instant::now().checked_add(pause));
    }

    pub(super) fn time_left(&self) -> Option<Duration> {
        let left = self.until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }
}
