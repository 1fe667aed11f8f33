//! Pseudonyms for people and addresses.
//!
//! A [`Masker`] replaces the name of a person or a host by a keyed pseudonym or a plain digest,
//! or keeps the value if it names neither (an AWS service, for example). The same value gets
//! the same pseudonym in every field, record and invocation. A [`RecordMasker`] finds people
//! and hosts in a CloudTrail record.

mod address;
mod arn;
mod classify;
mod collect;
mod decoded_text;
mod descent;
mod detect;
mod edits;
mod entities;
mod fields;
mod json_text;
mod lexicon;
mod masker;
mod names;
mod notations;
mod record_masker;

pub use address::{canonical_address, is_aws_service};
pub use fields::{FIELDS, Field, FieldKind, maskable_keys};
pub use masker::{Label, Masker, Method, Pseudonym};
pub use record_masker::RecordMasker;
