//! What a running function says of itself: log lines as JSON, and CloudWatch
//! metrics embedded in log lines. Both go to standard output.
//!
//! Neither ever carries a payload, a token or an unmasked value: metrics are
//! numbers, and what dependencies log below `warn` is kept out whatever
//! `LOG_LEVEL` says, since some of them print payloads there.

mod log;
mod metrics;
mod quantiles;
mod report;

pub use log::init;
pub use metrics::{Freshness, METRICS, Metric, NAMESPACE, embedded_metrics, emit};
pub use report::{now_ms, report};
