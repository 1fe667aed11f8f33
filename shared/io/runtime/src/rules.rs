//! Loads the user's own rules and protected resources from the files that the settings name.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use detection::{ProtectedResources, ProtectedResourcesError, RuleFile, RuleFileError, Rules};
use settings::{DetectionSettings, ProtectedResourcesSource, Warning};
use thiserror::Error;

/// The largest file that is read: Sigma rules have a few KB.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// The most rule files: each costs some 0.1 ms at every start.
const MAX_FILES: usize = 2000;

/// Why the rules cannot be loaded.
#[derive(Debug, Error)]
pub enum RulesError {
    /// A file or folder cannot be read.
    #[error("{setting}: cannot read {}: {error}", path.display())]
    Unreadable {
        /// The setting that names it.
        setting: &'static str,
        /// Its path.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file or folder is larger than rules are.
    #[error("{setting}: {} is too large; use at most {MAX_FILES} files of 1 MiB each", path.display())]
    TooLarge {
        /// The setting that names it.
        setting: &'static str,
        /// Its path.
        path: PathBuf,
    },
    /// The folder has no rule in it.
    #[error("RULES_DIR: {} contains no rules; use files that end in .yml or .yaml", path.display())]
    NoRules {
        /// Its path.
        path: PathBuf,
    },
    /// A file of protected resources is not valid.
    #[error("OWN_RESOURCES: {} {error}", path.display())]
    ProtectedResources {
        /// The file's path.
        path: PathBuf,
        /// What is wrong.
        error: ProtectedResourcesError,
    },
    /// Rules cannot be used.
    #[error("RULES_DIR: {}", lines(.0))]
    Rules(Vec<RuleFileError>),
}

impl RulesError {
    /// The setting that names what is wrong.
    #[must_use]
    pub fn setting(&self) -> &'static str {
        match self {
            Self::Unreadable { setting, .. } | Self::TooLarge { setting, .. } => setting,
            Self::ProtectedResources { .. } => "OWN_RESOURCES",
            Self::NoRules { .. } | Self::Rules(_) => "RULES_DIR",
        }
    }
}

fn lines(errors: &[RuleFileError]) -> String {
    let errors: Vec<String> = errors.iter().map(RuleFileError::to_string).collect();
    errors.join("\n")
}

/// The built-in rules and the user's, with the protected resources. Reads only the files named in
/// `settings`.
///
/// # Errors
/// A file cannot be read or is not valid; all invalid rule files at once.
pub fn load(settings: &DetectionSettings) -> Result<Rules, RulesError> {
    let own = match &settings.protected_resources {
        None => None,
        Some(ProtectedResourcesSource { resources, file }) => Some(match file {
            Some(path) => resources.clone().merge(own_file(Path::new(path))?),
            None => resources.clone(),
        }),
    };
    let files = match &settings.rules_dir {
        Some(folder) => rule_files(Path::new(folder))?,
        None => Vec::new(),
    };
    Rules::new(own.as_ref(), &files).map_err(RulesError::Rules)
}

/// The warnings about `rules`: what is probably not intended.
#[must_use]
pub fn warnings(rules: &Rules) -> Vec<Warning> {
    let costly = rules.list().into_iter().filter(|rule| rule.every_event);
    costly
        .map(|rule| Warning {
            setting: "RULES_DIR",
            text: format!(
                "RULES_DIR: {} names no event: every event is evaluated against it",
                rule.file
            ),
        })
        .collect()
}

fn own_file(path: &Path) -> Result<ProtectedResources, RulesError> {
    let text = read("OWN_RESOURCES", path)?;
    ProtectedResources::parse(&text).map_err(|error| RulesError::ProtectedResources {
        path: path.to_owned(),
        error,
    })
}

fn rule_files(folder: &Path) -> Result<Vec<RuleFile>, RulesError> {
    let mut paths = Vec::new();
    find(folder, &mut paths)?;
    paths.sort();
    if paths.is_empty() {
        return Err(RulesError::NoRules {
            path: folder.to_owned(),
        });
    }
    let file = |path: &PathBuf| {
        Ok(RuleFile {
            name: path.display().to_string(),
            text: read("RULES_DIR", path)?,
        })
    };
    paths.iter().map(file).collect()
}

fn find(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), RulesError> {
    let unreadable = |error| RulesError::Unreadable {
        setting: "RULES_DIR",
        path: folder.to_owned(),
        error,
    };
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let path = entry.path();
        // A link is not followed: it may lead in a circle.
        if entry.file_type().map_err(unreadable)?.is_dir() {
            find(&path, paths)?;
        } else if path
            .extension()
            .is_some_and(|ending| ending == "yml" || ending == "yaml")
        {
            paths.push(path);
        }
        if paths.len() > MAX_FILES {
            return Err(RulesError::TooLarge {
                setting: "RULES_DIR",
                path: folder.to_owned(),
            });
        }
    }
    Ok(())
}

fn read(setting: &'static str, path: &Path) -> Result<String, RulesError> {
    let unreadable = |error| RulesError::Unreadable {
        setting,
        path: path.to_owned(),
        error,
    };
    let bytes = fs::metadata(path).map_err(unreadable)?.len();
    if bytes > MAX_FILE_BYTES {
        return Err(RulesError::TooLarge {
            setting,
            path: path.to_owned(),
        });
    }
    fs::read_to_string(path).map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = "title: Mine\nid: 5f0c9d3e-7a51-4f6e-9a53-0f1d2c3b4a59\nlogsource:\n  product: aws\n  service: cloudtrail\ndetection:\n  selection:\n    eventName: CreateUser\n  condition: selection\nlevel: low\n";

    fn loaded(
        protected_resources: Option<ProtectedResourcesSource>,
        rules_dir: Option<&Path>,
    ) -> Result<Rules, RulesError> {
        let rules_dir = rules_dir.map(|path| path.display().to_string());
        load(&DetectionSettings {
            protected_resources,
            rules_dir,
        })
    }

    #[test]
    fn rules_are_found_in_folders_below() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("iam")).unwrap();
        fs::write(folder.path().join("iam/mine.yaml"), RULE).unwrap();
        fs::write(folder.path().join("README.md"), "no rule").unwrap();
        let rules = loaded(None, Some(folder.path())).unwrap();
        let mine: Vec<_> = rules
            .list()
            .into_iter()
            .filter(|rule| rule.user_defined)
            .collect();
        assert_eq!(mine.len(), 1);
        assert_eq!(mine[0].title, "Mine");
    }

    #[test]
    fn what_is_wrong_names_setting_file_and_line() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("own.json");
        let error_of = |own, rules: Option<&Path>| loaded(own, rules).err().unwrap().to_string();
        let source = ProtectedResourcesSource {
            resources: ProtectedResources::default(),
            file: Some(own.display().to_string()),
        };
        assert!(error_of(Some(source.clone()), None).starts_with("OWN_RESOURCES: cannot read "));
        fs::write(&own, r#"{"bucket":[]}"#).unwrap();
        let text = error_of(Some(source), None);
        assert!(
            text.contains("own.json has an unknown key \"bucket\"; use log_buckets"),
            "{text}"
        );
        assert!(error_of(None, Some(folder.path())).contains("contains no rules"));
        assert!(
            error_of(None, Some(Path::new("/no/such")))
                .starts_with("RULES_DIR: cannot read /no/such")
        );
        fs::write(
            folder.path().join("a.yml"),
            RULE.replace("eventName:", "eventName|soundslike:"),
        )
        .unwrap();
        fs::write(folder.path().join("b.yml"), "title: [").unwrap();
        let text = error_of(None, Some(folder.path()));
        assert!(
            text.contains("a.yml:8: ") && text.contains("soundslike") && text.contains("b.yml:"),
            "{text}"
        );
    }
}
