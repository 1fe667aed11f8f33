//! The forwarding of one object in S3: read as it arrives, split into records, delivered.

mod forwarder;
mod inflate;
mod kind;
mod progress;
mod s3;
mod values;

pub use forwarder::{ObjectForwarder, ObjectOutcome};
pub use inflate::{ByteChunks, TruncatedBody};
pub use s3::{S3Body, open};
