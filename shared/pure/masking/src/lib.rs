//! Pseudonyms for people and addresses.
//!
//! A [`Masker`] turns the name of a person or a host into what may leave: a keyed pseudonym or a
//! plain digest, or the value itself where it names nobody (an AWS service, say). The same value
//! gets the same pseudonym in every place, record and invocation. A [`RecordMasker`] knows where
//! people and hosts stand in a CloudTrail record.

mod address;
mod masker;
mod record;

pub use address::{canonical_address, is_aws_service};
pub use masker::{Label, Masker, Method, Pseudonym};
pub use record::RecordMasker;
