//! Amazon Data Firehose: data transformation with its wire format and limits, and the
//! [HTTP-endpoint protocol](http_endpoint).
//!
//! [`TransformInvocation`] runs the records of a [`Request`] through the pipeline into a
//! [`Response`], and splits what does not fit into records to be re-ingested. The wire types are our
//! own, because those of `aws_lambda_events` reject a request for one odd record and write keys into
//! a response that do not belong there.

pub mod http_endpoint;
mod reingest;
mod request;
mod response;
mod transform;

pub use reingest::{
    MAX_BATCH_BYTES, MAX_BATCH_RECORDS, MAX_HOPS, MAX_RECORD_BYTES, PutError, ReingestBatch,
};
pub use request::{DataError, Request, RequestError, RequestRecord};
pub use response::{Response, base64_len, decoded_room};
pub use transform::{FailedRecord, FailureReason, TransformInvocation, TransformResult};
