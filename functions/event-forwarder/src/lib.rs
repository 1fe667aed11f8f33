//! Forwards CloudTrail events to the collector: those of EventBridge, and those of a CloudWatch
//! Logs subscription.

mod encode;
mod event;
mod service;

pub use event::{Incoming, Text, UnknownEvent};
pub use service::Service;
