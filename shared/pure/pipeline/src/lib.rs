//! The record pipeline: text in, HEC objects out.
//!
//! `text → messages → record → classify → select → mask → HEC`. [`RecordPipeline`] runs these steps
//! over one text from any route. [`Output`] holds the HEC objects, [`TextStats`] and [`Counters`]
//! what was counted, and [`Route`] what the caller knows about the origin of a text.

mod annotation;
mod classify;
mod event;
mod invocation_record;
mod origin;
mod output;
mod record_pipeline;

pub use annotation::ANNOTATIONS;
pub use cloudtrail::{DecompressError, Decompressor, DeliveryPath, MAX_INFLATED_BYTES, ParseError};
pub use detection::Rules;
pub use invocation_record::is_invocation_record;
pub use origin::{LogFile, Origin, Route};
pub use output::{Counters, EncodedEvent, Output, TextStats};
pub use record_pipeline::RecordPipeline;
