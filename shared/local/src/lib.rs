//! The parts around Sightline, on loopback: a delivery stream, a HEC collector and a trail.
//!
//! `sightline demo` and the tests run against these instead of AWS and a SIEM. They keep to
//! what the real parts were seen or documented to do, limits and refusals included, and share
//! no code with the crates under test: a mistake made on one side must not be excused on the
//! other.

pub mod collector;
pub mod stream;
pub mod trail;
