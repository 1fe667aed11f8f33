//! The CloudWatch metrics of an invocation, embedded in log lines.

mod embedded;
mod quantiles;
mod report;

pub use embedded::{Freshness, METRICS, Metric, NAMESPACE, embedded_metrics, emit};
pub use report::{now_ms, report};
