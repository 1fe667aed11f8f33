//! Which events are sent.

use crate::reader::{Reader, find_word};
use crate::warning::Warning;

/// Which events are sent: one must pass both the names and the categories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectionSettings {
    /// Event names (`EVENT_NAMES`).
    pub names: Names,
    /// Event categories (`EVENT_CATEGORIES`), without repeats; `None` = all.
    pub categories: Option<Vec<Category>>,
}

/// The event names that are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Names {
    /// Every event.
    All,
    /// The curated list, and these.
    Curated(Vec<EventName>),
    /// These, at least one, without repeats, in the order given.
    Listed(Vec<EventName>),
}

/// One event name to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventName {
    /// Event source in full, as in `iam.amazonaws.com`; `None` = any.
    pub source: Option<String>,
    /// `eventName` as CloudTrail writes it, in the same letter case. A name without the date of an
    /// API version (`UpdateFunctionCode`) also selects the dated one (`UpdateFunctionCode20150331v2`).
    pub name: String,
}

/// A CloudTrail `eventCategory`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// Management events.
    Management,
    /// Data events.
    Data,
    /// Insights events.
    Insight,
    /// Network activity events.
    NetworkActivity,
}

const CATEGORIES: &[(&str, Category)] = &[
    ("Management", Category::Management),
    ("Data", Category::Data),
    ("Insight", Category::Insight),
    ("NetworkActivity", Category::NetworkActivity),
];

impl Category {
    /// The category as CloudTrail spells it in `eventCategory`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Management => "Management",
            Self::Data => "Data",
            Self::Insight => "Insight",
            Self::NetworkActivity => "NetworkActivity",
        }
    }
}

impl EventName {
    /// The name as a user may write it: `iam.amazonaws.com:CreateUser`.
    fn spelt(&self) -> String {
        match &self.source {
            Some(source) => format!("{source}:{}", self.name),
            None => self.name.clone(),
        }
    }
}

/// A warning for each entry of `EVENT_NAMES` that is not a known CloudTrail event name, with the most
/// similar known name if there is one.
///
/// This is not an error: AWS adds operations that the list does not have yet. The list is large, so
/// that only the command line calls this.
pub fn unknown_event_names(selection: &SelectionSettings) -> Vec<Warning> {
    let listed = match &selection.names {
        Names::All => &[][..],
        Names::Curated(listed) | Names::Listed(listed) => listed,
    };
    let warnings = listed.iter().filter_map(unknown_event_name);
    let setting = "EVENT_NAMES";
    warnings.map(|text| Warning { setting, text }).collect()
}

fn unknown_event_name(entry: &EventName) -> Option<String> {
    let source = entry.source.as_deref();
    if detection::is_known_event(source, &entry.name) {
        return None;
    }
    let written = entry.spelt();
    let warning = format!("EVENT_NAMES: '{written}' is not a known CloudTrail event name");
    Some(match detection::nearest_event(source, &entry.name) {
        Some(nearest) => format!("{warning}; did you mean '{nearest}'?"),
        None => warning,
    })
}

/// Reads EVENT_NAMES and EVENT_CATEGORIES.
pub(crate) fn read(reader: &mut Reader<'_>) -> SelectionSettings {
    let names = read_names(reader);
    reader.resolved(
        "EVENT_NAMES",
        match &names {
            Names::All => "*".to_owned(),
            Names::Curated(listed) => {
                let curated = std::iter::once("curated".to_owned());
                joined(curated.chain(listed.iter().map(EventName::spelt)))
            }
            Names::Listed(listed) => joined(listed.iter().map(EventName::spelt)),
        },
    );
    let categories = read_categories(reader);
    let shown = categories.iter().flatten().map(|c| c.as_str().to_owned());
    reader.resolved("EVENT_CATEGORIES", joined(shown));
    SelectionSettings { names, categories }
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(",")
}

fn read_names(reader: &mut Reader<'_>) -> Names {
    let Some(entries) = reader.entries("EVENT_NAMES") else {
        return Names::All;
    };
    if entries == ["*"] {
        return Names::All;
    }
    let mut listed: Vec<EventName> = Vec::with_capacity(entries.len());
    let mut is_curated = false;
    for (at, entry) in entries.iter().enumerate() {
        if *entry == "curated" {
            is_curated = true;
            continue;
        }
        match event_name(entry) {
            Ok(name) if listed.contains(&name) => {}
            Ok(name) => listed.push(name),
            Err(wrong) => reader.problem("EVENT_NAMES", format!("entry {} {wrong}", at + 1)),
        }
    }
    if is_curated {
        Names::Curated(listed)
    } else {
        Names::Listed(listed)
    }
}

/// One entry of EVENT_NAMES, or what is wrong with it. Entries are not
/// repeated in messages: they are free text.
fn event_name(entry: &str) -> Result<EventName, &'static str> {
    if entry.eq_ignore_ascii_case("curated") {
        return Err("is the curated list if written in small letters");
    }
    if entry.contains('*') {
        return Err("has a wildcard; only * alone, for all events, is understood");
    }
    let (source, name) = match entry.split_once(':') {
        Some((source, name)) => (Some(full_source(source)?), name),
        None => (None, entry),
    };
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    if name.is_empty() || name.len() > 128 || !name.bytes().all(plain) {
        return Err("is not an event name: 1 to 128 letters, digits, dots, dashes and underscores");
    }
    Ok(EventName {
        source,
        name: name.to_owned(),
    })
}

/// `iam` and `iam.amazonaws.com` are one source; a dot marks the full form.
fn full_source(source: &str) -> Result<String, &'static str> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
    if source.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err("has upper-case letters in its source; CloudTrail's sources are lower-case");
    }
    if source.is_empty() || source.len() > 128 || !source.bytes().all(plain) {
        return Err("has a source that is neither of the form iam nor iam.amazonaws.com");
    }
    Ok(if source.contains('.') {
        source.to_owned()
    } else {
        format!("{source}.amazonaws.com")
    })
}

fn read_categories(reader: &mut Reader<'_>) -> Option<Vec<Category>> {
    let entries = reader.entries("EVENT_CATEGORIES")?;
    let mut categories = Vec::with_capacity(entries.len());
    for entry in entries {
        match find_word(CATEGORIES, entry) {
            Ok(category) if categories.contains(&category) => {}
            Ok(category) => categories.push(category),
            Err(wrong) => reader.problem("EVENT_CATEGORIES", wrong),
        }
    }
    Some(categories)
}

#[cfg(test)]
mod tests {
    use super::{CATEGORIES, Category, EventName, Names, unknown_event_names};
    use crate::resolved::tests::{problem_of, problems_of, settings_of};

    fn name(source: Option<&str>, name: &str) -> EventName {
        EventName {
            source: source.map(str::to_owned),
            name: name.to_owned(),
        }
    }

    #[test]
    fn unset_or_a_star_selects_everything() {
        for pairs in [&[][..], &[("EVENT_NAMES", "*")], &[("EVENT_NAMES", " * ")]] {
            let selection = settings_of(pairs).selection;
            assert_eq!(selection.names, Names::All);
            assert_eq!(selection.categories, None);
        }
    }

    #[test]
    fn short_and_full_sources_are_one() {
        let value = "iam:CreateUser, iam.amazonaws.com:CreateUser,StopLogging,custom.app:Sign-In";
        assert_eq!(
            settings_of(&[("EVENT_NAMES", value)]).selection.names,
            Names::Listed(vec![
                name(Some("iam.amazonaws.com"), "CreateUser"),
                name(None, "StopLogging"),
                name(Some("custom.app"), "Sign-In"),
            ])
        );
    }

    #[test]
    fn wrong_names_are_refused_by_position_and_not_repeated() {
        let long = "N".repeat(129);
        for (entry, expected) in [
            ("Curated", "is the curated list if written in small letters"),
            ("Create*", "has a wildcard"),
            ("*", "has a wildcard"),
            ("IAM:CreateUser", "CloudTrail's sources are lower-case"),
            (":CreateUser", "neither of the form iam nor"),
            ("iam:", "is not an event name"),
            ("iam:user:Create", "is not an event name"),
            ("Zoë", "is not an event name"),
            (&long, "is not an event name"),
        ] {
            let problem = problem_of(&[("EVENT_NAMES", &format!("StopLogging,{entry}"))]);
            assert!(problem.starts_with("EVENT_NAMES: entry 2 "), "{problem}");
            assert!(problem.contains(expected), "{problem}");
        }
        let blank = problem_of(&[("EVENT_NAMES", "A,,B")]);
        assert!(blank.starts_with("EVENT_NAMES: entry 2 is blank"));
    }

    #[test]
    fn every_wrong_entry_is_reported() {
        assert_eq!(problems_of(&[("EVENT_NAMES", "a*,b*,curated,ok")]).len(), 2);
    }

    #[test]
    fn unknown_names_are_warned_about_with_the_nearest_known_one() {
        for (value, expected) in [
            ("*", &[][..]),
            ("curated", &[]),
            ("ConsoleLogin,iam:CreateUser,UpdateFunctionCode", &[]),
            (
                "curated,ConsoleLogn,s3:CreateUser,NothingLikeThisExists",
                &[
                    "EVENT_NAMES: 'ConsoleLogn' is not a known CloudTrail event name; \
                     did you mean 'ConsoleLogin'?",
                    "EVENT_NAMES: 's3.amazonaws.com:CreateUser' is not a known CloudTrail event name",
                    "EVENT_NAMES: 'NothingLikeThisExists' is not a known CloudTrail event name",
                ],
            ),
        ] {
            let settings = settings_of(&[("EVENT_NAMES", value)]);
            let found = unknown_event_names(&settings.selection);
            assert!(found.iter().all(|warning| warning.setting == "EVENT_NAMES"));
            let texts: Vec<String> = found.iter().map(ToString::to_string).collect();
            assert_eq!(texts, expected, "{value}");
        }
    }

    #[test]
    fn categories_are_spelt_as_cloudtrail_spells_them() {
        for (word, category) in CATEGORIES {
            assert_eq!(category.as_str(), *word);
            let selection = settings_of(&[("EVENT_CATEGORIES", word)]).selection;
            assert_eq!(selection.categories, Some(vec![*category]));
        }
        let both = settings_of(&[("EVENT_CATEGORIES", "Data, Insight,Data")]).selection;
        assert_eq!(
            both.categories,
            Some(vec![Category::Data, Category::Insight])
        );
        let case = problem_of(&[("EVENT_CATEGORIES", "Data,networkactivity")]);
        assert!(case.contains("\"networkactivity\" is not a known word; write NetworkActivity"));
        let unknown = problem_of(&[("EVENT_CATEGORIES", "*")]);
        assert!(
            unknown.contains("accepts any of Management, Data"),
            "{unknown}"
        );
    }
}
