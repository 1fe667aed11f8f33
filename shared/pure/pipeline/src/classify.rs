//! Classification and selection: how much a record matters, and whether it is forwarded.

use std::collections::HashMap;

use cloudtrail::{Field, Record};
use detection::{Finding, Outcome, Rules, Severity, curated_severity, without_date};
use settings::{Category, Names, SelectionSettings};

/// What the rules and the curated list say about one record.
pub(crate) struct Classification {
    pub(crate) severity: Severity,
    pub(crate) finding: Option<Finding>,
}

impl Classification {
    /// The blinding outcome, if the event has one.
    pub(crate) fn blinding(&self) -> Option<Outcome> {
        self.finding.as_ref()?.blinding
    }
}

/// Classifies the record in `text` that `record` is a scan of.
pub(crate) fn classify(rules: &mut Rules, text: &[u8], record: &Record) -> Classification {
    let source = record.string(text, Field::EventSource).unwrap_or_default();
    let name = record.string(text, Field::EventName).unwrap_or_default();
    let refused = record.string(text, Field::ErrorCode).is_some();
    let finding = if rules.is_candidate(&source, &name) {
        rules.evaluate(&source, &name, refused, &text[record.object()])
    } else {
        None
    };
    let level = match &finding {
        Some(finding) => finding.severity,
        None => curated_severity(&source, &name).unwrap_or(Severity::Informational),
    };
    let root = record.get(text, Field::UserIdentityType) == Some(b"\"Root\"");
    let level = if root || is_failed_login(&name, text, record) {
        level.max(Severity::Medium)
    } else {
        level
    };
    Classification {
        severity: if refused { level.raised() } else { level },
        finding,
    }
}

/// Whether the record is a failed console login, which has an error message or says so in its
/// response elements (AWS Sign-In user guide, "Logging sign-in events").
fn is_failed_login(name: &str, text: &[u8], record: &Record) -> bool {
    if name != "ConsoleLogin" {
        return false;
    }
    let parsed: Option<serde_json::Value> = serde_json::from_slice(&text[record.object()]).ok();
    parsed.is_some_and(|record| {
        record["responseElements"]["ConsoleLogin"] == "Failure"
            || record["errorMessage"].is_string()
    })
}

/// The selection by `EVENT_NAMES` and `EVENT_CATEGORIES`.
pub(crate) struct Selection {
    /// Selected event sources by event name; `None` is any source.
    names: Option<HashMap<String, Vec<Option<String>>>>,
    /// Whether the curated list is selected as well.
    curated: bool,
    categories: Option<Vec<Category>>,
}

impl Selection {
    pub(crate) fn new(settings: &SelectionSettings) -> Self {
        let names = match &settings.names {
            Names::All => None,
            Names::Listed(listed) | Names::Curated(listed) => {
                let mut names: HashMap<String, Vec<Option<String>>> = HashMap::new();
                for entry in listed {
                    names
                        .entry(entry.name.clone())
                        .or_default()
                        .push(entry.source.clone());
                }
                Some(names)
            }
        };
        Self {
            names,
            curated: matches!(settings.names, Names::Curated(_)),
            categories: settings.categories.clone(),
        }
    }

    pub(crate) fn accepts(&self, text: &[u8], record: &Record) -> bool {
        self.accepts_name(text, record) && self.accepts_category(text, record)
    }

    fn accepts_name(&self, text: &[u8], record: &Record) -> bool {
        let Some(names) = &self.names else {
            return true;
        };
        let Some(name) = record.string(text, Field::EventName) else {
            return false;
        };
        let source = record.string(text, Field::EventSource);
        let source = source.as_deref();
        let selected = |entry: &Option<String>| entry.is_none() || entry.as_deref() == source;
        // Lambda's names carry the date of an API version, which users do not write.
        let listed = [&name, without_date(&name)].into_iter().any(|name| {
            names
                .get(name)
                .is_some_and(|sources| sources.iter().any(selected))
        });
        listed
            || self.curated
                && source.is_some_and(|source| curated_severity(source, &name).is_some())
    }

    /// A record without a known category is accepted: nothing is lost because it is unclear.
    fn accepts_category(&self, text: &[u8], record: &Record) -> bool {
        let Some(selected) = &self.categories else {
            return true;
        };
        category(text, record).is_none_or(|found| selected.contains(&found))
    }
}

/// The category of a record: `eventCategory` (since eventVersion 1.07), else what `eventType` and
/// `managementEvent` (since 1.06) imply.
fn category(text: &[u8], record: &Record) -> Option<Category> {
    match record.string(text, Field::EventCategory).as_deref() {
        Some("Management") => return Some(Category::Management),
        Some("Data") => return Some(Category::Data),
        Some("Insight") => return Some(Category::Insight),
        Some("NetworkActivity") => return Some(Category::NetworkActivity),
        _ => {}
    }
    match record.string(text, Field::EventType).as_deref() {
        Some("AwsCloudTrailInsight") => return Some(Category::Insight),
        Some("AwsVpceEvent") => return Some(Category::NetworkActivity),
        _ => {}
    }
    match record.get(text, Field::ManagementEvent)? {
        b"true" => Some(Category::Management),
        b"false" => Some(Category::Data),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use cloudtrail::KeySet;

    use super::*;

    fn accepts(names: &str, event: &str) -> bool {
        let settings = [("EVENT_NAMES", names)].into_iter().collect();
        let settings = settings::resolve(&settings).expect("valid settings");
        let record = format!(
            r#"{{"eventVersion":"1.11","eventTime":"2026-11-21T17:00:00Z","eventSource":"lambda.amazonaws.com","eventName":"{event}"}}"#
        );
        let mut scanned = Record::default();
        let no_keys = KeySet::default();
        assert_eq!(scanned.scan(record.as_bytes(), &no_keys), Ok(true));
        Selection::new(&settings.selection).accepts(record.as_bytes(), &scanned)
    }

    #[test]
    fn a_listed_name_selects_the_event_with_and_without_the_date_of_its_api() {
        for (names, expected) in [
            ("UpdateFunctionCode", true),
            ("lambda:UpdateFunctionCode", true),
            ("UpdateFunctionCode20150331v2", true),
            ("iam:UpdateFunctionCode", false),
            ("UpdateFunction", false),
            ("UpdateFunctionCode20150331", false),
        ] {
            assert_eq!(
                accepts(names, "UpdateFunctionCode20150331v2"),
                expected,
                "{names}"
            );
        }
        assert!(!accepts(
            "UpdateFunctionCode20150331v2",
            "UpdateFunctionCode"
        ));
    }
}
