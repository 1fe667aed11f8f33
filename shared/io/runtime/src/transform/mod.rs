//! The Firehose transformation of one invocation: everything around [`pipeline`] except for the Lambda
//! loop and the AWS SDK, so that `sightline demo` runs the same code as the function.

mod reingest;
mod transformer;

pub use reingest::{DeliveryStream, PutError};
pub use transformer::Transformer;
