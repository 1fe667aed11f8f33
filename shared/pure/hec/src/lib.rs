//! Splunk HTTP Event Collector objects.
//!
//! [`Encoder`] writes one object a line: what Firehose's Splunk destination posts to the event
//! endpoint as it stands. [`EventBatch`] cuts them into requests, [`ResponseClass`] is what a reply means,
//! [`AckStatus`] what the reply to an acknowledgment poll means, [`LogEntry`] the entry of
//! a collector that accepts `{"logs":[…]}`. Sending belongs to `delivery`.

mod ack;
mod encoder;
mod log_entry;
mod object;
mod objects;
mod pairs;
mod reply;

pub use ack::AckStatus;
pub use encoder::{Annotate, Encoder, EventMetadata, SourceType, Time};
pub use log_entry::LogEntry;
pub use object::is_object;
pub use objects::{BatchFormat, EventBatch};
pub use pairs::{JsonObjectWriter, push_json_string};
pub use reply::ResponseClass;
