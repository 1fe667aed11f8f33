//! Splunk HTTP Event Collector (HEC): objects, requests and responses, without sending anything.
//!
//! [`Encoder`] writes one object per line, which is what Firehose's Splunk destination posts to the
//! event endpoint. [`EventBatch`] splits objects into requests, [`ResponseClass`] is the meaning of a
//! response, [`AckStatus`] that of the response to an acknowledgment poll, and [`LogEntry`] the entry
//! of a collector that accepts `{"logs":[…]}`.

mod acknowledgment;
mod encoder;
mod event_batch;
mod log_entry;
mod object;
mod response_class;

pub use acknowledgment::AckStatus;
pub use encoder::{
    Annotate, Encoder, EventMetadata, JsonObjectWriter, SourceType, Time, push_json_string,
};
pub use event_batch::{BatchFormat, EventBatch};
pub use log_entry::LogEntry;
pub use object::is_object;
pub use response_class::ResponseClass;
