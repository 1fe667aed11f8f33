//! Splunk HTTP Event Collector objects.
//!
//! [`Encoder`] writes one object a line: what Firehose's Splunk destination posts to the event
//! endpoint as it stands, and what the forwarders batch. Sending belongs to `delivery`.

mod encoder;
mod pairs;

pub use encoder::{Annotate, Encoder, Head, SourceType, Time};
pub use pairs::{Pairs, push_text};
