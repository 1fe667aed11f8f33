//! Pauses and time limits of a delivery.

use std::time::Duration;

/// Pauses and time limits.
#[derive(Debug, Clone, Copy)]
pub struct RetryPolicy {
    /// The bound of the first random pause after a transient failure; each next one doubles.
    pub first_pause: Duration,
    /// The bound of any random pause.
    pub longest_pause: Duration,
    /// The time limit of one request, connecting and reply included.
    pub request: Duration,
    /// From a reply to its indexer acknowledgment. The events are sent again afterwards.
    pub acknowledgment: Duration,
    /// The time limit of requests under way after the delivery is stopped.
    pub stop: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            first_pause: Duration::from_millis(200),
            longest_pause: Duration::from_secs(20),
            request: Duration::from_secs(30),
            // Splunk indexers were seen to acknowledge their last batches after some two minutes.
            acknowledgment: Duration::from_secs(300),
            stop: Duration::from_secs(10),
        }
    }
}
