//! Splunk HTTP Event Collector objects.
//!
//! [`Encoder`] writes one object a line: what Firehose's Splunk destination posts to the event
//! endpoint as it stands. [`Objects`] cuts them into requests, [`Verdict`] is what a reply means,
//! [`LogEntry`] what another kind of collector takes. Sending belongs to `delivery`.

mod encoder;
mod log_entry;
mod object;
mod objects;
mod pairs;
mod reply;

pub use encoder::{Annotate, Encoder, Head, SourceType, Time};
pub use log_entry::LogEntry;
pub use object::is_object;
pub use objects::{Batch, Objects};
pub use pairs::{Pairs, push_text};
pub use reply::Verdict;
