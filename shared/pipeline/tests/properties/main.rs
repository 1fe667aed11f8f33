//! What holds for every input.
#![allow(clippy::unwrap_used)]

mod generate;
mod invoke;
mod json;
mod lane;
mod masking;
mod put_back;
