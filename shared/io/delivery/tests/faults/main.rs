//! The fault table: what is delivered, refused, left and repeated when a collector goes wrong.
//!
//! Every case goes through [`bench::Tally`], which also holds that no object is lost.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/tls.rs"]
mod tls;

mod acknowledgment;
mod batches;
mod bench;
mod configuration;
mod connections;
mod logs;
mod network;
mod private_ca;
mod refusals;
mod stop;
mod stub;
mod time;
mod tokens;
mod transient;
mod unexplained;
mod unexplained_property;
