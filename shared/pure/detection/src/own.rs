//! The user's own resources, which some rules are about.

mod spelling;

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use thiserror::Error;

use spelling::spellings;

/// The keys that hold names.
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

/// The keys that hold a number of days, with what they are when they are not set.
const NUMBERS: &[(&str, i64)] = &[
    ("min_log_retention_days", 30),
    ("min_bucket_expiration_days", 90),
];

/// What is wrong with a description of own resources. Names keys and never a value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProtectedResourcesError {
    /// It is no JSON object.
    #[error("is no JSON object: line {line}, column {column}")]
    NotJson {
        /// Where, from 1.
        line: usize,
        /// Where in the line, from 1.
        column: usize,
    },
    /// A key that does not exist.
    #[error("has an unknown key {key:?}; accepted are {}", accepted())]
    UnknownKey {
        /// The key, shortened to 40 characters.
        key: String,
    },
    /// A value of the wrong kind.
    #[error("key {key} is no {expected}")]
    WrongKind {
        /// The key.
        key: &'static str,
        /// What it is to be.
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

/// The user's own resources: buckets, log groups, keys, functions and the like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProtectedResources {
    lists: BTreeMap<&'static str, Vec<String>>,
    numbers: BTreeMap<&'static str, i64>,
}

impl ProtectedResources {
    /// Reads a JSON object whose keys are sets of names, or numbers of days. A key that is not
    /// there is an empty set.
    ///
    /// # Errors
    /// The text is no JSON object, or has a key that is none or whose value is of another kind.
    pub fn parse(json: &str) -> Result<Self, ProtectedResourcesError> {
        Self::of(members(json)?)
    }

    /// As [`ProtectedResources::parse`], and the path under the key `include`: a file of the same form
    /// whose names the caller adds. So names that are known late need not be in the file.
    ///
    /// # Errors
    /// As [`ProtectedResources::parse`], and where `include` is no path.
    pub fn parse_including(json: &str) -> Result<(Self, Option<String>), ProtectedResourcesError> {
        let mut members = members(json)?;
        let include = match members.remove("include") {
            None => None,
            Some(Value::String(path)) if !path.trim().is_empty() => Some(path),
            Some(_) => {
                return Err(ProtectedResourcesError::WrongKind {
                    key: "include",
                    expected: "path of a file",
                });
            }
        };
        Ok((Self::of(members)?, include))
    }

    /// The names of both. A number of `self` stands before that of `other`.
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

    fn of(members: Map<String, Value>) -> Result<Self, ProtectedResourcesError> {
        let mut own = Self::default();
        for (key, value) in members {
            if let Some(list) = LISTS.iter().find(|list| **list == key) {
                own.lists.insert(list, names(list, value)?);
            } else if let Some((number, _)) = NUMBERS.iter().find(|(number, _)| *number == key) {
                let days = value.as_i64().filter(|days| *days > 0);
                let wrong = ProtectedResourcesError::WrongKind {
                    key: number,
                    expected: "whole number of days above 0",
                };
                own.numbers.insert(number, days.ok_or(wrong)?);
            } else {
                let key = key.chars().take(40).collect();
                return Err(ProtectedResourcesError::UnknownKey { key });
            }
        }
        Ok(own)
    }

    /// How many names each key has: `2 log_buckets, 1 kms_key_ids`.
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

    /// Whether the set has no element.
    pub(crate) fn is_empty(&self, set: &str) -> bool {
        self.lists.get(set).is_none_or(Vec::is_empty)
    }

    /// The number under `key`; `None` where there is no such key.
    pub(crate) fn number(&self, key: &str) -> Option<i64> {
        let default = NUMBERS.iter().find(|(number, _)| *number == key)?.1;
        Some(self.numbers.get(key).copied().unwrap_or(default))
    }

    /// Sigma patterns that match every way in which CloudTrail names an element of the set.
    pub(crate) fn patterns(&self, set: &str) -> Vec<String> {
        let names = self.lists.get(set).into_iter().flatten();
        let mut patterns: Vec<String> = names.flat_map(|name| spellings(set, name)).collect();
        patterns.sort();
        patterns.dedup();
        patterns
    }
}

/// Whether there is such a set.
pub(crate) fn is_set(name: &str) -> bool {
    LISTS.contains(&name)
}

/// All names that a placeholder can have.
pub(crate) fn placeholders() -> String {
    accepted()
}

fn members(json: &str) -> Result<Map<String, Value>, ProtectedResourcesError> {
    let value: Value =
        serde_json::from_str(json).map_err(|fault| ProtectedResourcesError::NotJson {
            line: fault.line(),
            column: fault.column(),
        })?;
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(ProtectedResourcesError::NotJson { line: 1, column: 1 }),
    }
}

fn names(key: &'static str, value: Value) -> Result<Vec<String>, ProtectedResourcesError> {
    let wrong = ProtectedResourcesError::WrongKind {
        key,
        expected: "list of names that are not blank",
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
mod tests {
    use super::*;

    fn own(json: &str) -> ProtectedResources {
        ProtectedResources::parse(json).unwrap()
    }

    #[test]
    fn names_and_numbers_are_read() {
        let own = own(
            r#"{"log_buckets":["a","b"],"subscription_destination_arn":"arn:x","min_log_retention_days":7,"alarms":[]}"#,
        );
        assert_eq!(
            own.describe(),
            "2 log_buckets, 1 subscription_destination_arn"
        );
        assert!(own.is_empty("alarms") && own.is_empty("secrets") && !own.is_empty("log_buckets"));
        assert_eq!(own.number("min_log_retention_days"), Some(7));
        assert_eq!(own.number("min_bucket_expiration_days"), Some(90));
        assert_eq!(own.number("alarms"), None);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (json, expected) in [
            ("{", "is no JSON object: line 1, column 1"),
            ("[]", "is no JSON object"),
            (
                r#"{"log_bucket":[]}"#,
                "unknown key \"log_bucket\"; accepted are log_buckets, log_groups",
            ),
            (
                r#"{"log_buckets":"a"}"#,
                "key log_buckets is no list of names",
            ),
            (
                r#"{"log_buckets":[""]}"#,
                "key log_buckets is no list of names that are not blank",
            ),
            (
                r#"{"min_log_retention_days":"30"}"#,
                "key min_log_retention_days is no whole number",
            ),
        ] {
            let fault = ProtectedResources::parse(json).unwrap_err().to_string();
            assert!(fault.contains(expected), "{fault}");
        }
    }

    #[test]
    fn a_file_is_included_and_adds_its_names() {
        let (own, include) = ProtectedResources::parse_including(
            r#"{"include":"own.json","kms_key_ids":["k"],"min_log_retention_days":7}"#,
        )
        .unwrap();
        assert_eq!(include.as_deref(), Some("own.json"));
        let file = ProtectedResources::parse(
            r#"{"kms_key_ids":["l"],"alarms":["a"],"min_log_retention_days":90}"#,
        )
        .unwrap();
        let both = own.merge(file);
        assert_eq!(both.describe(), "1 alarms, 2 kms_key_ids");
        assert_eq!(both.number("min_log_retention_days"), Some(7));
        for wrong in [r#"{"include":""}"#, r#"{"include":[]}"#] {
            let fault = ProtectedResources::parse_including(wrong).unwrap_err();
            assert_eq!(fault.to_string(), "key include is no path of a file");
        }
        assert!(
            ProtectedResources::parse(r#"{"include":"own.json"}"#).is_err(),
            "one file does not include another"
        );
    }
}
