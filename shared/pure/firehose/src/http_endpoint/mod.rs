//! Firehose's HTTP-endpoint delivery, for collectors without indexer acknowledgment (Amazon Data
//! Firehose Developer Guide, "HTTP endpoint delivery request and response specifications").
//!
//! Firehose repeats a request after every status except 200, and drops it after 413. The response is
//! therefore 200 only after the collector has accepted every event or rejected events are stored, and
//! never 413. A record that does not consist of HEC objects was not transformed, and so not masked:
//! nothing of its request is relayed.

mod access_keys;
mod delivered_cache;
mod request;
mod response;

pub use access_keys::AccessKeys;
pub use delivered_cache::DeliveredCache;
pub use request::{EndpointRequest, header_id};
pub use response::{EndpointError, EndpointResponse};
