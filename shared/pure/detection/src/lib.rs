//! Classifies events: detection rules as Sigma, severity, and the curated list.
//!
//! [`Rules`] holds the built-in rules of `detections/` and those of the user. An index by event
//! source and name, from a generated table, keeps ordinary events away from them; a built-in rule is
//! parsed and compiled when the first event needs it, so that a cold start compiles none.
//!
//! Sightline adds three things to Sigma: placeholders are filled in from [`ProtectedResources`];
//! conditions on one element of a list use the array matching of Sigma 3; and a call without its
//! parameters has the outcome `unknown` instead of passing unseen.

#[rustfmt::skip]
mod built_in;
#[cfg(test)]
mod built_in_tests;
mod curated;
mod finding;
mod index;
mod known;
mod load;
mod prefilter;
mod protected_resources;
mod record_event;
mod rule;
mod rules;

pub use curated::{CuratedEvent, curated, curated_severity, without_date};
pub use finding::{Finding, Outcome, Severity};
pub use known::{is_known_event, nearest_event};
pub use load::{RuleFile, RuleFileError};
pub use protected_resources::{ProtectedResources, ProtectedResourcesError};
pub use rule::RuleInfo;
pub use rules::Rules;
