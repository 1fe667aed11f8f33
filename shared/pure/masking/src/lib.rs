//! Pseudonyms for people and addresses.
//!
//! A [`Masker`] replaces the name of a person or a host by a keyed pseudonym or a plain digest,
//! or keeps the value if it names neither (an AWS service, for example). The same value gets
//! the same pseudonym in every field, record and invocation. A [`RecordMasker`] finds people
//! and hosts in a CloudTrail record.

mod address;
mod masker;
mod record;

pub use address::{canonical_address, is_aws_service};
pub use masker::{Label, Masker, Method, Pseudonym};
pub use record::RecordMasker;
