//! The harness of the scenarios: the real Lambda binaries with a Runtime API on loopback, and an AWS emulator.
//!
//! `cargo xtask test` builds or installs both and passes their paths in environment variables. Without them a
//! scenario is skipped with a warning; in CI it fails.

pub mod artifacts;
pub mod cloud;
pub mod cloudtrail;
mod collector;
pub mod emulator;
pub mod firehose;
pub mod function;
pub mod group;
pub mod logs;
pub mod loopback;
mod outcome;
pub mod process;
mod runtime_api;

pub use collector::Siem;
pub use emulator::Emulator;
pub use function::Function;
pub use outcome::Outcome;
