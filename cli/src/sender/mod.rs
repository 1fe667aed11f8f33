//! Delivery for `send` and `replay`: token, rate, retry budget, dead letters and counters.

mod bad_requests;
mod counters;
mod delivery;
mod prepare;
mod rate;

pub(crate) use counters::print_counters;
pub(crate) use delivery::{SendResult, Sender};
pub(crate) use prepare::prepare;
