//! AWS services behind small types, and the stores of secrets and dead letters that they provide.
//!
//! Errors hold a service's error code or the kind of failure, never the response: see
//! [`redacted_error`].

mod access_key;
mod config;
mod dead_letter_bucket;
mod error;
#[cfg(feature = "stream")]
mod firehose;
mod mask_key;
mod s3;
mod secrets_manager;
mod sqs;

pub use access_key::AccessKeyCache;
pub use aws_sdk_s3::primitives::ByteStream;
pub use config::sdk_config;
pub use dead_letter_bucket::DeadLetterBucket;
pub use error::redacted_error;
#[cfg(feature = "stream")]
pub use firehose::StreamWriter;
pub use mask_key::MaskKeyCache;
pub use s3::{ObjectError, ObjectErrorKind, ObjectId, S3};
pub use secrets_manager::{SecretVersion, SecretsManager};
pub use sqs::{QueueDepth, QueueError, ReceivedMessage, Sqs};
