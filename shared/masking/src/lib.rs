//! Pseudonyms for people and addresses.
//!
//! A [`Masker`] turns the value of a masked key into what may leave: a keyed pseudonym or a plain
//! digest, or the value itself where it names no person and no host (an AWS service, say). The
//! same value gets the same pseudonym in every place, record and invocation. Where values stand
//! in a record is not known here.

mod address;
mod masker;

pub use address::{canonical_address, is_aws_service};
pub use masker::{Label, Masker, Method, Pseudonym};
