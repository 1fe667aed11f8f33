//! Firehose's HTTP-endpoint delivery, answered for collectors without indexer acknowledgment.
//!
//! Firehose sends a request again after every answer but 200, and drops it after 413. So 200 is
//! answered once the collector took everything or what it refuses is kept, and 413 never. A
//! record that is not made of HEC objects means that nothing upstream masked it: nothing of its
//! request goes on.

mod access_keys;
mod answer;
mod relay;
mod request;
pub mod service;
mod settled;

pub use access_keys::AccessKeys;
pub use answer::{Answer, Refusal};
pub use relay::Relay;
pub use request::Request;
