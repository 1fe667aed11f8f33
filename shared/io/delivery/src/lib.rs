//! Delivery: the collector, dead letters, and the sides of AWS that a shell talks to.
//!
//! [`Sink`] sends HEC objects and decides by the collector's replies; [`Outbox`] keeps what the
//! collector refuses. Feature `secrets` adds Secrets Manager, `aws` S3 and SQS as well.

mod acknowledgment;
#[cfg(feature = "secrets")]
mod aws_error;
mod ca_file;
#[cfg(feature = "secrets")]
mod client;
mod connection;
mod cookies;
mod dead_letters;
#[cfg(feature = "secrets")]
mod empty_secrets;
mod file;
mod http;
#[cfg(feature = "secrets")]
mod mask_key;
mod outbox;
mod protocol;
#[cfg(feature = "aws")]
mod queue;
mod response;
mod run;
#[cfg(feature = "aws")]
mod s3;
#[cfg(feature = "secrets")]
mod secrets;
mod sink;
mod token;
mod uuid;

#[cfg(feature = "secrets")]
pub use aws_error::reason_of;
#[cfg(feature = "aws")]
pub use aws_sdk_s3::primitives::ByteStream;
pub use ca_file::{CaFileError, load_ca_file};
#[cfg(feature = "secrets")]
pub use client::sdk_config;
pub use dead_letters::{DeadLetterError, DeadLetters, Origin};
#[cfg(feature = "secrets")]
pub use empty_secrets::EmptySecrets;
pub use file::{is_unfinished, write_file};
pub use http::ClientError;
#[cfg(feature = "secrets")]
pub use mask_key::{MaskKeyCache, MaskKeyError};
pub use outbox::{Delivered, Outbox};
#[cfg(feature = "aws")]
pub use queue::{Queue, QueueDepth, QueueError, Waiting};
#[cfg(feature = "aws")]
pub use s3::{ObjectError, ObjectId, S3, Why};
#[cfg(feature = "secrets")]
pub use secrets::{SecretError, SecretVersion, Secrets};
pub use sink::{Fault, Patience, Refusal, Sent, Sink};
pub use token::{Token, TokenCache, TokenError};
