//! `--rate`: a limit on events per second.

use std::time::{Duration, Instant};

/// Limits events per second.
pub(crate) struct RateLimiter {
    events_per_second: Option<u32>,
    /// When the next event may be sent.
    next: Instant,
}

impl RateLimiter {
    /// Limits to this many events per second; `None` is no limit.
    pub(crate) fn new(events_per_second: Option<u32>) -> Self {
        Self {
            events_per_second,
            next: Instant::now(),
        }
    }

    /// Waits until event `first` may be sent. Returns the end of the range that may be sent now: at
    /// most `end`, and at most the events of a tenth of a second.
    pub(crate) async fn release(&mut self, first: usize, end: usize) -> usize {
        let Some(rate) = self.events_per_second else {
            return end;
        };
        let now = Instant::now();
        tokio::time::sleep(self.next.saturating_duration_since(now)).await;
        let end = end.min(first + (rate as usize).div_ceil(10));
        let duration = Duration::from_secs_f64((end - first) as f64 / f64::from(rate));
        self.next = self.next.max(now) + duration;
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_rate_is_not_exceeded() {
        let started = Instant::now();
        let mut limiter = RateLimiter::new(Some(100));
        let (mut first, mut steps) = (0, Vec::new());
        while first < 25 {
            let end = limiter.release(first, 25).await;
            steps.push(end - first);
            first = end;
        }
        assert_eq!(steps, [10, 10, 5]);
        assert!(started.elapsed().as_millis() >= 200);
        assert_eq!(RateLimiter::new(None).release(3, 9).await, 9);
    }
}
