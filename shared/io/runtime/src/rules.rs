//! Reads the user's own rules and own resources from the files that the settings name.

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
pub enum RulebookFault {
    /// A file or folder cannot be read.
    #[error("{setting}: cannot read {}: {fault}", path.display())]
    Unreadable {
        /// The setting that names it.
        setting: &'static str,
        /// Its path.
        path: PathBuf,
        /// Why.
        fault: io::Error,
    },
    /// A file or folder is larger than rules are.
    #[error("{setting}: {} is too large: accepted are {MAX_FILES} files of 1 MiB each", path.display())]
    TooLarge {
        /// The setting that names it.
        setting: &'static str,
        /// Its path.
        path: PathBuf,
    },
    /// The folder has no rule in it.
    #[error("RULES_DIR: {} holds no rule: accepted are files that end in .yml or .yaml", path.display())]
    NoRules {
        /// Its path.
        path: PathBuf,
    },
    /// A description of own resources is wrong.
    #[error("OWN_RESOURCES: {} {fault}", path.display())]
    Own {
        /// The file's path.
        path: PathBuf,
        /// What is wrong.
        fault: ProtectedResourcesError,
    },
    /// Rules cannot be used.
    #[error("RULES_DIR: {}", lines(.0))]
    Rules(Vec<RuleFileError>),
}

impl RulebookFault {
    /// The setting that names what is wrong.
    #[must_use]
    pub fn setting(&self) -> &'static str {
        match self {
            Self::Unreadable { setting, .. } | Self::TooLarge { setting, .. } => setting,
            Self::Own { .. } => "OWN_RESOURCES",
            Self::NoRules { .. } | Self::Rules(_) => "RULES_DIR",
        }
    }
}

fn lines(faults: &[RuleFileError]) -> String {
    let faults: Vec<String> = faults.iter().map(RuleFileError::to_string).collect();
    faults.join("\n")
}

/// The built-in rules and the user's, about the user's own resources. Reads the files named in
/// `settings`, no others.
///
/// # Errors
/// A file cannot be read, or does not hold what it is to hold; all faulty rule files at once.
pub fn load(settings: &DetectionSettings) -> Result<Rules, RulebookFault> {
    let own = match &settings.protected_resources {
        ProtectedResourcesSource::Unset => None,
        ProtectedResourcesSource::Inline { resources, include } => Some(match include {
            Some(path) => resources.clone().merge(own_file(Path::new(path))?),
            None => resources.clone(),
        }),
        ProtectedResourcesSource::File(path) => Some(own_file(Path::new(path))?),
    };
    let files = match &settings.rules_dir {
        Some(folder) => rule_files(Path::new(folder))?,
        None => Vec::new(),
    };
    Rules::new(own.as_ref(), &files).map_err(RulebookFault::Rules)
}

/// What of `rules` is probably not meant.
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

fn own_file(path: &Path) -> Result<ProtectedResources, RulebookFault> {
    let text = read("OWN_RESOURCES", path)?;
    ProtectedResources::parse(&text).map_err(|fault| RulebookFault::Own {
        path: path.to_owned(),
        fault,
    })
}

fn rule_files(folder: &Path) -> Result<Vec<RuleFile>, RulebookFault> {
    let mut paths = Vec::new();
    find(folder, &mut paths)?;
    paths.sort();
    if paths.is_empty() {
        return Err(RulebookFault::NoRules {
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

fn find(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), RulebookFault> {
    let unreadable = |fault| RulebookFault::Unreadable {
        setting: "RULES_DIR",
        path: folder.to_owned(),
        fault,
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
            return Err(RulebookFault::TooLarge {
                setting: "RULES_DIR",
                path: folder.to_owned(),
            });
        }
    }
    Ok(())
}

fn read(setting: &'static str, path: &Path) -> Result<String, RulebookFault> {
    let unreadable = |fault| RulebookFault::Unreadable {
        setting,
        path: path.to_owned(),
        fault,
    };
    let bytes = fs::metadata(path).map_err(unreadable)?.len();
    if bytes > MAX_FILE_BYTES {
        return Err(RulebookFault::TooLarge {
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
        protected_resources: ProtectedResourcesSource,
        rules_dir: Option<&Path>,
    ) -> Result<Rules, RulebookFault> {
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
        let rules = loaded(ProtectedResourcesSource::Unset, Some(folder.path())).unwrap();
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
        let fault = |own, rules: Option<&Path>| loaded(own, rules).err().unwrap().to_string();
        assert!(
            fault(
                ProtectedResourcesSource::File(own.display().to_string()),
                None
            )
            .starts_with("OWN_RESOURCES: cannot read ")
        );
        fs::write(&own, r#"{"bucket":[]}"#).unwrap();
        let text = fault(
            ProtectedResourcesSource::File(own.display().to_string()),
            None,
        );
        assert!(
            text.contains("own.json has an unknown key \"bucket\"; accepted are log_buckets"),
            "{text}"
        );
        let including = ProtectedResourcesSource::Inline {
            resources: ProtectedResources::default(),
            include: Some(own.display().to_string()),
        };
        assert_eq!(fault(including, None), text);
        assert!(
            fault(ProtectedResourcesSource::Unset, Some(folder.path())).contains("holds no rule")
        );
        assert!(
            fault(ProtectedResourcesSource::Unset, Some(Path::new("/no/such")))
                .starts_with("RULES_DIR: cannot read /no/such")
        );
        fs::write(
            folder.path().join("a.yml"),
            RULE.replace("eventName:", "eventName|soundslike:"),
        )
        .unwrap();
        fs::write(folder.path().join("b.yml"), "title: [").unwrap();
        let text = fault(ProtectedResourcesSource::Unset, Some(folder.path()));
        assert!(
            text.contains("a.yml:8: ") && text.contains("soundslike") && text.contains("b.yml:"),
            "{text}"
        );
    }
}
