//! What scenarios are made of: the real Lambda binaries under a Runtime API on loopback, and an AWS emulator.
//!
//! `cargo xtask test` prepares both and says where they are. Without it a scenario that needs one prints why
//! it did nothing; in CI it fails instead.

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
