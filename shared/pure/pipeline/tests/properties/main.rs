//! What holds for every input.

#![allow(clippy::unwrap_used, reason = "what cannot be had fails the test")]

mod generate;
mod invocation_record;
mod invoke;
mod json;
mod lane;
mod masking;
mod put_back;
