//! Indexer acknowledgment against collectors that restart, forget, and stand behind a load
//! balancer: what the client reports as accepted is indexed, and survives a restart.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;

mod restarts;
mod sticky;
