//! Properties that hold for every input, from the text of a record to the response of an invocation.

#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod generate;
mod invocation_record;
mod invoke;
mod json;
mod masking;
mod reingest;
mod transform;
