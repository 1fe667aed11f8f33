//! The systems around Sightline, on loopback: a delivery stream, a HEC collector and a trail generator.
//!
//! `sightline demo` and the tests run against these instead of AWS and a SIEM. They
//! behave like the real systems according to observation or documentation, including limits and
//! rejections, and share no code with the crates under test, so that one mistake cannot hide another.

pub mod collector;
pub mod soak;
pub mod stream;
pub mod trail;
