//! Which records are handed on.

use std::collections::HashMap;

use cloudtrail::{Field, Record};
use detection::{curated_severity, without_date};
use settings::{Category, Names, SelectionSettings};

/// Decides by `EVENT_NAMES` and `EVENT_CATEGORIES`.
pub(crate) struct Selection {
    /// By event name, the sources it is wanted of; no source means any.
    names: Option<HashMap<String, Vec<Option<String>>>>,
    /// The curated list is wanted as well.
    is_curated: bool,
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
        let is_curated = matches!(settings.names, Names::Curated(_));
        Self {
            names,
            is_curated,
            categories: settings.categories.clone(),
        }
    }

    pub(crate) fn passes(&self, text: &[u8], record: &Record) -> bool {
        self.passes_names(text, record) && self.passes_categories(text, record)
    }

    fn passes_names(&self, text: &[u8], record: &Record) -> bool {
        let Some(names) = &self.names else {
            return true;
        };
        let Some(name) = record.string(text, Field::EventName) else {
            return false;
        };
        let source = record.string(text, Field::EventSource);
        let source = source.as_deref();
        let is_wanted = |wanted: &Option<String>| wanted.is_none() || wanted.as_deref() == source;
        // Lambda's names carry the date of an API version, which users do not write.
        let is_listed = [&name, without_date(&name)].into_iter().any(|name| {
            names
                .get(name)
                .is_some_and(|sources| sources.iter().any(is_wanted))
        });
        is_listed
            || self.is_curated
                && source.is_some_and(|source| curated_severity(source, &name).is_some())
    }

    /// A record that tells its category in no way passes: what cannot be judged is not lost.
    fn passes_categories(&self, text: &[u8], record: &Record) -> bool {
        let Some(wanted) = &self.categories else {
            return true;
        };
        category(text, record).is_none_or(|found| wanted.contains(&found))
    }
}

/// The category of a record: what it says since eventVersion 1.07, else what its type and
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

    fn passes(names: &str, event: &str) -> bool {
        let settings = [("EVENT_NAMES", names)].into_iter().collect();
        let settings = settings::resolve(&settings).expect("valid settings");
        let record = format!(
            r#"{{"eventVersion":"1.11","eventTime":"2026-11-21T17:00:00Z","eventSource":"lambda.amazonaws.com","eventName":"{event}"}}"#
        );
        let mut scanned = Record::default();
        let watched = KeySet::default();
        assert_eq!(scanned.scan(record.as_bytes(), &watched), Ok(true));
        Selection::new(&settings.selection).passes(record.as_bytes(), &scanned)
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
                passes(names, "UpdateFunctionCode20150331v2"),
                expected,
                "{names}"
            );
        }
        assert!(!passes(
            "UpdateFunctionCode20150331v2",
            "UpdateFunctionCode"
        ));
    }
}
