//! Where protected resources are listed: in a setting, and in a file that it names.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use crate::protected_resources::{ProtectedResources, ProtectedResourcesError, members};

/// Protected resources as JSON, `@` and the path of a file, or JSON with the path under `include`.
///
/// `Display` summarizes them, since the document may be long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProtectedResourcesSource {
    /// The resources in the text itself.
    pub resources: ProtectedResources,
    /// The path of a file of the same format without `include`, which the caller reads and adds
    /// with [`ProtectedResources::merge`].
    pub file: Option<String>,
}

impl FromStr for ProtectedResourcesSource {
    type Err = ProtectedResourcesError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.trim().strip_prefix('@') {
            return match path {
                "" => Err(ProtectedResourcesError::NoPath),
                path => Ok(Self {
                    resources: ProtectedResources::default(),
                    file: Some(path.to_owned()),
                }),
            };
        }
        let mut members = members(text)?;
        let file = match members.remove("include") {
            None => None,
            Some(Value::String(path)) if !path.trim().is_empty() => Some(path),
            Some(_) => {
                return Err(ProtectedResourcesError::WrongKind {
                    key: "include",
                    expected: "the path of a file",
                });
            }
        };
        let resources = ProtectedResources::from_members(members)?;
        Ok(Self { resources, file })
    }
}

impl fmt::Display for ProtectedResourcesSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let resources = self.resources.describe();
        match &self.file {
            Some(path) if self.resources == ProtectedResources::default() => write!(f, "@{path}"),
            Some(path) => write!(f, "{resources} and @{path}"),
            None => f.write_str(&resources),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_an_included_file_are_added() {
        let source: ProtectedResourcesSource =
            r#"{"include":"own.json","kms_key_ids":["k"],"min_log_retention_days":7}"#
                .parse()
                .unwrap();
        assert_eq!(source.file.as_deref(), Some("own.json"));
        assert_eq!(source.to_string(), "1 kms_key_ids and @own.json");
        let file = ProtectedResources::parse(
            r#"{"kms_key_ids":["l"],"alarms":["a"],"min_log_retention_days":90}"#,
        )
        .unwrap();
        let both = source.resources.merge(file);
        assert_eq!(both.describe(), "1 alarms, 2 kms_key_ids");
        assert_eq!(both.number("min_log_retention_days"), Some(7));
        assert!(
            ProtectedResources::parse(r#"{"include":"own.json"}"#).is_err(),
            "one file does not include another"
        );
    }

    #[test]
    fn a_path_is_required() {
        let expected = "key include is not the path of a file";
        for (text, expected) in [
            (r#"{"include":""}"#, expected),
            (r#"{"include":[]}"#, expected),
            ("@", "has no path after @; use @ and the path of a file"),
        ] {
            let error = text.parse::<ProtectedResourcesSource>().unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
    }
}
