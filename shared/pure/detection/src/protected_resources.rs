//! The deployment's own resources, which some rules protect.

mod patterns;

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use thiserror::Error;

const LISTS: &[&str] = &[
    "log_buckets",
    "log_groups",
    "kms_key_ids",
    "lambda_functions",
    "firehose_streams",
    "kinesis_streams",
    "sqs_queues",
    "sns_topics",
    "eventbridge_rules",
    "secrets",
    "ssm_parameters",
    "subscription_filters",
    "subscription_destination_arn",
    "iam_roles",
    "event_source_mapping_uuids",
    "alarms",
    "metric_filters",
    "codedeploy_applications",
    "dynamodb_tables",
];

/// The keys that hold a number of days, with their defaults.
const NUMBERS: &[(&str, i64)] = &[
    ("min_log_retention_days", 30),
    ("min_bucket_expiration_days", 90),
];

/// What is wrong with a description of protected resources. Names keys and never quotes a value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProtectedResourcesError {
    /// The text is not a JSON object.
    #[error("is not a JSON object: line {line}, column {column}")]
    NotJson {
        /// Line of the error, from 1.
        line: usize,
        /// Column of the error, from 1.
        column: usize,
    },
    /// A path is missing.
    #[error("has no path after @; use @ and the path of a file")]
    NoPath,
    /// A key is unknown.
    #[error("has an unknown key {key:?}; use {}", accepted())]
    UnknownKey {
        /// The key, truncated to 40 characters.
        key: String,
    },
    /// A value has the wrong kind.
    #[error("key {key} is not {expected}")]
    WrongKind {
        /// The key.
        key: &'static str,
        /// What is accepted.
        expected: &'static str,
    },
}

fn accepted() -> String {
    let keys = LISTS
        .iter()
        .copied()
        .chain(NUMBERS.iter().map(|(key, _)| *key));
    keys.collect::<Vec<_>>().join(", ")
}

/// The resources that rules protect: buckets, log groups, keys, functions and so on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProtectedResources {
    lists: BTreeMap<&'static str, Vec<String>>,
    numbers: BTreeMap<&'static str, i64>,
}

impl ProtectedResources {
    /// The keys that hold names.
    pub const LISTS: &[&str] = LISTS;

    /// The keys that hold a number of days, with their defaults.
    pub const NUMBERS: &[(&str, i64)] = NUMBERS;

    /// Parses a JSON object whose keys are sets of names, or numbers of days. An absent key is an
    /// empty set.
    ///
    /// # Errors
    /// The text is not a JSON object, a key is unknown, or a value has the wrong kind.
    pub fn parse(json: &str) -> Result<Self, ProtectedResourcesError> {
        Self::from_members(members(json)?)
    }

    /// The names of both. A number of `self` takes precedence over that of `other`.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        for (key, names) in other.lists {
            self.lists.entry(key).or_default().extend(names);
        }
        for (key, number) in other.numbers {
            self.numbers.entry(key).or_insert(number);
        }
        self
    }

    pub(crate) fn from_members(
        members: Map<String, Value>,
    ) -> Result<Self, ProtectedResourcesError> {
        let mut resources = Self::default();
        for (key, value) in members {
            if let Some(list) = LISTS.iter().find(|list| **list == key) {
                resources.lists.insert(list, names(list, value)?);
            } else if let Some((number, _)) = NUMBERS.iter().find(|(number, _)| *number == key) {
                let days = value.as_i64().filter(|days| *days > 0);
                let wrong = ProtectedResourcesError::WrongKind {
                    key: number,
                    expected: "a whole number of days above 0",
                };
                resources.numbers.insert(number, days.ok_or(wrong)?);
            } else {
                let key = key.chars().take(40).collect();
                return Err(ProtectedResourcesError::UnknownKey { key });
            }
        }
        Ok(resources)
    }

    /// The number of names of each key: `2 log_buckets, 1 kms_key_ids`.
    pub fn describe(&self) -> String {
        let lists = self.lists.iter().filter(|(_, names)| !names.is_empty());
        let counts: Vec<String> = lists
            .map(|(key, names)| format!("{} {key}", names.len()))
            .collect();
        if counts.is_empty() {
            "no names".to_owned()
        } else {
            counts.join(", ")
        }
    }

    /// All names, of whatever kind of resource.
    pub(crate) fn names(&self) -> Vec<String> {
        self.lists.values().flatten().cloned().collect()
    }

    /// Whether the set has no element.
    pub(crate) fn is_empty(&self, set: &str) -> bool {
        self.lists.get(set).is_none_or(Vec::is_empty)
    }

    /// The number under `key` or its default; `None` if the key is unknown.
    pub(crate) fn number(&self, key: &str) -> Option<i64> {
        let default = NUMBERS.iter().find(|(number, _)| *number == key)?.1;
        Some(self.numbers.get(key).copied().unwrap_or(default))
    }

    /// Sigma patterns that match every way in which CloudTrail names an element of the set.
    pub(crate) fn patterns(&self, set: &str) -> Vec<String> {
        let names = self.lists.get(set).into_iter().flatten();
        let mut patterns: Vec<String> = names.flat_map(|name| patterns::of(set, name)).collect();
        patterns.sort();
        patterns.dedup();
        patterns
    }
}

/// Whether a set of this name exists.
pub(crate) fn is_set(name: &str) -> bool {
    LISTS.contains(&name)
}

/// All names that placeholders accept.
pub(crate) fn placeholders() -> String {
    accepted()
}

pub(crate) fn members(json: &str) -> Result<Map<String, Value>, ProtectedResourcesError> {
    let value: Value =
        serde_json::from_str(json).map_err(|error| ProtectedResourcesError::NotJson {
            line: error.line(),
            column: error.column(),
        })?;
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(ProtectedResourcesError::NotJson { line: 1, column: 1 }),
    }
}

fn names(key: &'static str, value: Value) -> Result<Vec<String>, ProtectedResourcesError> {
    let wrong = ProtectedResourcesError::WrongKind {
        key,
        expected: "a list of names that are not blank",
    };
    let values = match value {
        Value::Array(values) => values,
        single @ Value::String(_) if key == "subscription_destination_arn" => vec![single],
        _ => return Err(wrong),
    };
    let name = |value: Value| match value {
        Value::String(name) if !name.trim().is_empty() => Some(name),
        _ => None,
    };
    values
        .into_iter()
        .map(name)
        .collect::<Option<Vec<_>>>()
        .ok_or(wrong)
}

#[cfg(test)]
mod tests;
