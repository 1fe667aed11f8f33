//! Opens the envelopes that CloudTrail records travel in and scans each record once.
//!
//! [`inflate`] undoes gzip, [`Reader`] finds the messages in whatever form the text has, and
//! [`Record::scan`] notes where the fields that matter stand. Nothing here changes or copies a
//! record: all results are spans of the bytes that came in, so that what is not masked can leave
//! exactly as it came. Deciding, masking and encoding belong to other crates.

mod decompress;
mod json;
mod record;
mod source;
mod split;
mod time;
mod watch;

pub use decompress::{
    DecompressError, Decompressor, GzipError, MAX_INFLATED_BYTES, inflate, is_gzip,
};
pub use json::{JsonError, JsonErrorKind, Scratch, string_value, unescape};
pub use record::{Field, Record, Span};
pub use source::{DeliveryPath, Envelope, InputFormat, Message, ParseError, Reader};
pub use split::{Splitter, StreamItem, ValueTooLong};
pub use time::{EpochTime, parse_event_time};
pub use watch::{FieldMatch, KeySet, MatchKind};

/// Containers inside containers that are followed before a text is refused. Real records stay
/// under 20; the limit keeps a hostile one from costing more than its length.
pub const MAX_DEPTH: usize = 128;
