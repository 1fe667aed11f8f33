//! The fault table: what is delivered, rejected, left and repeated when a collector goes wrong.
//!
//! Every case goes through [`fixture::Tally`], which also holds that no object is lost.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/tls.rs"]
mod tls;

mod acknowledgment;
mod bad_request_without_code;
mod batches;
mod configuration;
mod connections;
mod fixture;
mod isolation_property;
mod logs;
mod network;
mod private_ca;
mod rejections;
mod stop;
mod stub;
mod time;
mod tokens;
mod transient;
