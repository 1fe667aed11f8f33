//! Firehose's HTTP-endpoint delivery, relayed to a collector without indexer acknowledgment.

mod service;

pub use service::Service;
