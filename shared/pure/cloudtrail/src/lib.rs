//! Parses the inputs that CloudTrail records arrive in, and scans each record once.
//!
//! [`Decompressor`] undoes gzip, [`Reader`] finds the messages of a text in any [`InputFormat`], and
//! [`Record::scan`] notes the positions of the fields that matter. Nothing here changes or copies a
//! record: all results are spans of the input, so that everything but masked values leaves
//! unchanged. Classification, masking and encoding belong to other crates.

mod cloudwatch;
mod decompress;
mod envelope;
mod error;
mod formats;
mod json;
mod keys;
mod reader;
mod record;
mod split;
mod time;

pub use decompress::{
    DecompressError, Decompressor, GzipError, MAX_INFLATED_BYTES, inflate, is_gzip,
};
pub use envelope::{DeliveryPath, Envelope, InputFormat, Message};
pub use error::{JsonError, JsonErrorKind, ParseError};
pub use formats::is_cloudtrail_detail_type;
pub use json::{MAX_DEPTH, Scratch, string_value, unescape};
pub use keys::{FieldMatch, KeySet, MatchKind, Span};
pub use reader::Reader;
pub use record::{Field, Record};
pub use split::{Splitter, StreamItem, ValueTooLong};
pub use time::{EpochTime, parse_event_time};
