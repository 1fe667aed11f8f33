//! The record lane, composed: bytes in, a plan out.
//!
//! `bytes → source → record → detection → selection → masking → hec`. [`RecordPipeline`] runs the steps over one text,
//! whatever route it came by; [`Plan`] is what comes of a whole Firehose invocation. Neither does
//! anything with the outside: the shells carry out what a plan says.

mod counters;
mod event;
mod invocation_record;
mod judge;
mod lane;
mod open;
mod origin;
mod plan;
mod put_back;
mod select;

pub use cloudtrail::{DeliveryPath, ParseError};
pub use counters::Counters;
pub use detection::Rules;
pub use invocation_record::{is_cloudtrail_detail_type, is_invocation_record};
pub use lane::{Output, RecordPipeline, TextStats};
pub use open::{DecompressError, Decompressor, MAX_INFLATED_BYTES};
pub use origin::{LogFile, Route};
pub use plan::{Failure, Finished, MAX_HOPS, Plan, Why};
pub use put_back::Batch;
