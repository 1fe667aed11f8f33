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
mod event_key;
mod event_patterns;
mod index;
mod known;
mod load;
mod prefilter;
mod protected_resources;
mod record_event;
mod resources_source;
mod rule;
mod rules;
mod severity;

pub use event_patterns::{EventNames, UserEvents, built_in_events, high_events};
pub use known::{is_known_event, nearest_event};
pub use load::{RuleFile, RuleFileError};
pub use protected_resources::{ProtectedResources, ProtectedResourcesError};
pub use resources_source::ProtectedResourcesSource;
pub use rule::{Finding, Outcome, RuleInfo};
pub use rules::Rules;
pub use severity::{CuratedEvent, Severity, curated, curated_severity, without_date};
