//! Events as EventBridge patterns match them, for the rules of the fast route.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::built_in::BUILT_IN;
use crate::rule::Rule;
use crate::severity::{Severity, curated_as_written};

/// Names or matchers of EventBridge by event source, both sorted: `{"cloudtrail.amazonaws.com":
/// ["StopLogging", {"prefix": {"equals-ignore-case": "Delete"}}]}`. `"any"` replaces the list if
/// every event of the source can matter.
pub type EventNames = Map<String, Value>;

/// The events that the rules of the user can match.
#[derive(Debug, Clone, PartialEq)]
pub struct UserEvents {
    /// The events of rules that name their sources. Names match in any case, as in Sigma.
    pub names: EventNames,
    /// File and title of the other rules. EventBridge cannot select their events.
    pub sourceless: Vec<String>,
}

impl UserEvents {
    pub(crate) fn new<'r>(rules: impl Iterator<Item = &'r Rule> + Clone) -> Self {
        let is_sourceless = |rule: &&Rule| rule.events.iter().any(|(source, _)| source.is_none());
        let sourceless = rules.clone().filter(is_sourceless);
        let keys = rules.flat_map(|rule| &rule.events);
        let keys = keys.filter_map(|(source, name)| Some((source.as_deref()?, name.as_deref())));
        Self {
            names: event_names(keys, Case::Any),
            sourceless: sourceless
                .map(|rule| format!("{} ({})", rule.file, rule.title))
                .collect(),
        }
    }
}

/// The events of the built-in rules, which all name their sources.
pub fn built_in_events() -> EventNames {
    let keys = BUILT_IN.iter().flat_map(|rule| rule.events);
    let keys = keys.filter_map(|(source, name)| Some(((*source)?, *name)));
    event_names(keys, Case::AsWritten)
}

/// The events of the curated list with severity high.
pub fn high_events() -> EventNames {
    let high = curated_as_written().filter(|(_, _, severity)| *severity == Severity::High);
    event_names(
        high.map(|(source, name, _)| (source, Some(name))),
        Case::AsWritten,
    )
}

/// Whether literal names match in any case. The built-in ones are written as AWS writes them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    AsWritten,
    Any,
}

fn event_names<'k>(
    keys: impl Iterator<Item = (&'k str, Option<&'k str>)>,
    case: Case,
) -> EventNames {
    let mut sources: BTreeMap<&str, BTreeSet<Option<&str>>> = BTreeMap::new();
    for (source, name) in keys {
        sources.entry(source).or_default().insert(name);
    }
    let names = |names: BTreeSet<Option<&str>>| {
        let names: Option<Vec<&str>> = names.into_iter().collect();
        names.map_or(json!("any"), |names| {
            names.into_iter().map(|name| matcher(name, case)).collect()
        })
    };
    sources
        .into_iter()
        .map(|(source, all)| (source.to_owned(), names(all)))
        .collect()
}

/// The matcher of a name. See "Comparison operators" in the user guide of EventBridge.
fn matcher(name: &str, case: Case) -> Value {
    let any_case = |text: &str| json!({ "equals-ignore-case": text });
    match (name.strip_prefix('*'), name.strip_suffix('*')) {
        (Some(_), Some(_)) => json!({ "wildcard": name }),
        (Some(end), None) => json!({ "suffix": any_case(end) }),
        (None, Some(start)) => json!({ "prefix": any_case(start) }),
        (None, None) if case == Case::Any => any_case(name),
        (None, None) => json!(name),
    }
}
