//! Forwards CloudTrail events to the collector at once: those that EventBridge hands on, and
//! those of a CloudWatch Logs subscription.

mod encode;
mod event;
mod service;

pub use event::{Incoming, Text, UnknownEvent};
pub use service::Service;
