//! What the functions and the command line share: startup, forwarding, logs, metrics and, behind
//! feature `lambda`, the loop that answers invocations.

mod encoder;
mod invocation_metrics;
#[cfg(feature = "lambda")]
pub mod lambda;
pub mod logs;
pub mod metrics;
#[cfg(feature = "aws")]
pub mod object;
pub mod rules;
#[cfg(feature = "aws")]
mod startup;
pub mod transform;

pub use encoder::{Encoder, InputError, before, deliver};
pub use invocation_metrics::InvocationMetrics;
#[cfg(feature = "aws")]
pub use startup::{
    ForwarderContext, RotatingMaskKey, both, delivery_client, opened_secret, settings,
    settings_and_rules, start,
};
