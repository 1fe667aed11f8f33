//! Judges events: blinding rules as Sigma, severity, and the curated list.
//!
//! [`Rules`] holds the built-in rules of `detections/` and the user's own. An index by event
//! source and name, from a generated table, keeps ordinary events away from them; a
//! built-in rule is parsed and compiled when the first event needs it, so that a cold start pays
//! for none. What Sigma itself does not say is little: OWN sets are its placeholders, filled in
//! from [`ProtectedResources`]; conditions on one element of a list use the array matching of Sigma 3;
//! and a call whose parameters are missing is judged `unknown` instead of passing unseen.

#[rustfmt::skip]
mod built_in;
#[cfg(test)]
mod built_in_tests;
mod curated;
mod event;
mod finding;
mod index;
mod known;
mod load;
mod own;
mod rule;
mod rules;
mod shape;

pub use curated::{CuratedEvent, curated, curated_severity, without_date};
pub use finding::{Finding, Outcome, Severity};
pub use known::{is_known_event, nearest_event};
pub use load::{RuleFile, RuleFileError};
pub use own::{ProtectedResources, ProtectedResourcesError};
pub use rule::RuleInfo;
pub use rules::Rules;
