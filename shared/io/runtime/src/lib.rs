//! What the functions and the command line share: startup, forwarding, logs, metrics and, behind
//! feature `lambda`, the loop that answers invocations.

mod encoder;
mod invocation_metrics;
#[cfg(feature = "lambda")]
pub mod lambda;
pub mod logs;
pub mod metrics;
pub mod rules;
#[cfg(feature = "aws")]
mod startup;

pub use encoder::{Encoder, before, deliver};
pub use invocation_metrics::InvocationMetrics;
#[cfg(feature = "aws")]
pub use startup::{ForwarderContext, both, delivery_client, opened_secret, settings, start};
