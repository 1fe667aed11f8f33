//! What the blinding rules judge by.

use detection::ProtectedResources;

use crate::reader::Reader;

/// What the rules are told, and which rules there are beside the built-in ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetectionSettings {
    /// The user's own resources (`OWN_RESOURCES`).
    pub own: Own,
    /// The folder with the user's own Sigma rules (`RULES_DIR`).
    pub rules_dir: Option<String>,
}

/// Where the own resources are described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Own {
    /// Nowhere: rules about them are quiet, or judge `unknown`.
    Nowhere,
    /// In the setting itself, and in the file that it includes, which the caller reads.
    Inline {
        /// What the setting says.
        own: ProtectedResources,
        /// The path of the file.
        include: Option<String>,
    },
    /// In the file of this path, which the caller reads.
    File(String),
}

/// Reads OWN_RESOURCES and RULES_DIR, in that order.
pub(crate) fn read(reader: &mut Reader<'_>) -> DetectionSettings {
    let own = read_own(reader);
    reader.resolved(
        "OWN_RESOURCES",
        match &own {
            Own::Nowhere => String::new(),
            Own::Inline { own, include } => match include {
                Some(path) => format!("{} and @{path}", own.describe()),
                None => own.describe(),
            },
            Own::File(path) => format!("@{path}"),
        },
    );
    let rules_dir = reader.text("RULES_DIR").map(str::to_owned);
    reader.resolved("RULES_DIR", rules_dir.clone().unwrap_or_default());
    DetectionSettings { own, rules_dir }
}

fn read_own(reader: &mut Reader<'_>) -> Own {
    let Some(text) = reader.text("OWN_RESOURCES") else {
        return Own::Nowhere;
    };
    if let Some(path) = text.trim().strip_prefix('@') {
        if path.is_empty() {
            reader.problem("OWN_RESOURCES", "has no path after @");
        }
        return Own::File(path.to_owned());
    }
    match ProtectedResources::parse_including(text) {
        Ok((own, include)) => Own::Inline { own, include },
        Err(fault) => {
            reader.problem("OWN_RESOURCES", fault.to_string());
            Own::Nowhere
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolved::tests::{problem_of, settings_of};

    #[test]
    fn own_resources_are_inline_or_in_a_file() {
        let own = |value| settings_of(&[("OWN_RESOURCES", value)]).detection.own;
        assert_eq!(settings_of(&[]).detection.own, Own::Nowhere);
        assert_eq!(own("@own.json"), Own::File("own.json".into()));
        let inline = own(r#"{"log_buckets":["acme"]}"#);
        assert!(
            matches!(inline, Own::Inline { own, include: None } if own.describe() == "1 log_buckets")
        );
        let both = own(r#"{"include":"own.json","log_buckets":["acme"]}"#);
        assert!(matches!(both, Own::Inline { include: Some(path), .. } if path == "own.json"));
    }

    #[test]
    fn what_is_wrong_with_them_is_told_without_their_values() {
        for (value, expected) in [
            (
                r#"{"log_bucket":["acme"]}"#,
                "has an unknown key \"log_bucket\"; accepted are log_buckets,",
            ),
            (
                r#"{"log_buckets":"acme"}"#,
                "key log_buckets is no list of names",
            ),
            ("acme", "is no JSON object"),
            ("@", "has no path after @"),
        ] {
            let problem = problem_of(&[("OWN_RESOURCES", value)]);
            assert!(problem.starts_with("OWN_RESOURCES: "), "{problem}");
            assert!(
                problem.contains(expected) && !problem.contains("acme"),
                "{problem}"
            );
        }
    }
}
