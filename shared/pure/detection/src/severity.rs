//! How much an event matters: severities, and the curated list of events worth a look.

use std::collections::HashMap;
use std::sync::OnceLock;

/// How much an event matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is the level of that name")]
pub enum Severity {
    Informational,
    Low,
    Medium,
    High,
}

impl Severity {
    /// The severity of a Sigma level or of an entry of the curated list; `critical` is
    /// [`Severity::High`]. `None` for any other word.
    pub fn of_level(level: &str) -> Option<Self> {
        match level {
            "informational" => Some(Self::Informational),
            "low" => Some(Self::Low),
            "medium" => Some(Self::Medium),
            "high" | "critical" => Some(Self::High),
            _ => None,
        }
    }

    /// Its name in an event's `severity`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// One step up, at most [`Severity::High`].
    #[must_use]
    pub fn raised(self) -> Self {
        match self {
            Self::Informational => Self::Low,
            Self::Low => Self::Medium,
            Self::Medium | Self::High => Self::High,
        }
    }
}

/// An event of the curated list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CuratedEvent {
    /// Its event source, `iam.amazonaws.com`.
    pub source: &'static str,
    /// Its event name, without an API date.
    pub name: &'static str,
    /// How much it matters by itself.
    pub severity: Severity,
}

/// `event_source,event_name,severity`, sorted.
const LIST: &str = include_str!("../../../../detections/curated.csv");

/// The list, sorted by source and name.
pub fn curated() -> &'static [CuratedEvent] {
    static PARSED: OnceLock<Vec<CuratedEvent>> = OnceLock::new();
    PARSED.get_or_init(|| {
        let event = |(source, name, severity)| CuratedEvent {
            source,
            name: without_date(name),
            severity,
        };
        let mut events: Vec<CuratedEvent> = curated_as_written().map(event).collect();
        events.sort_unstable_by_key(|event| (event.source, event.name));
        events
    })
}

/// Source, name and severity of the listed events. The name has the date of the API version that
/// CloudTrail writes.
pub(crate) fn curated_as_written() -> impl Iterator<Item = (&'static str, &'static str, Severity)> {
    LIST.lines().skip(1).filter_map(|line| {
        let mut cells = line.split(',');
        let (source, name) = (cells.next()?, cells.next()?);
        Some((source, name, Severity::of_level(cells.next()?)?))
    })
}

/// How much the event `source`, `name` matters by itself; `None` if it is not on the list.
pub fn curated_severity(source: &str, name: &str) -> Option<Severity> {
    static BY_NAME: OnceLock<HashMap<&str, Vec<CuratedEvent>>> = OnceLock::new();
    let by_name = BY_NAME.get_or_init(|| {
        let mut by_name: HashMap<&str, Vec<CuratedEvent>> = HashMap::new();
        for event in curated() {
            by_name.entry(event.name).or_default().push(*event);
        }
        by_name
    });
    let events = by_name.get(without_date(name))?;
    let found = events.iter().find(|event| event.source == source);
    found.map(|event| event.severity)
}

/// The event name without the date of the API version at its end, as Lambda's have it
/// (`UpdateFunctionCode20150331v2`) and CloudFront's (`UpdateDistribution2020_05_31`).
pub fn without_date(name: &str) -> &str {
    let undated = match name.rsplit_once('v') {
        Some((before, version)) if version.len() == 1 && version.as_bytes()[0].is_ascii_digit() => {
            before
        }
        _ => name,
    };
    let formats = [b"20dddddd".as_slice(), b"20dd_dd_dd"];
    let before = formats
        .iter()
        .find_map(|format| strip_format(undated, format));
    before.filter(|before| !before.is_empty()).unwrap_or(name)
}

/// The start of `name` before an end of the given format, in which `d` is any digit.
fn strip_format<'n>(name: &'n str, format: &[u8]) -> Option<&'n str> {
    let (before, end) = name.split_at_checked(name.len().checked_sub(format.len())?)?;
    let mut pairs = end.bytes().zip(format);
    let matches =
        |(byte, format): (u8, &u8)| byte == *format || *format == b'd' && byte.is_ascii_digit();
    pairs.all(matches).then_some(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_complete_sorted_and_without_duplicates() {
        assert!(curated().len() >= 200);
        assert_eq!(curated().len(), LIST.lines().count() - 1);
        let keys: Vec<_> = curated()
            .iter()
            .map(|event| (event.source, event.name))
            .collect();
        assert!(keys.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(
            keys.iter()
                .all(|(source, name)| source.ends_with(".amazonaws.com") && !name.is_empty())
        );
    }

    #[test]
    fn events_are_identified_by_source_and_name() {
        for (source, name, expected) in [
            ("iam.amazonaws.com", "CreateUser", Some(Severity::High)),
            (
                "sso-directory.amazonaws.com",
                "CreateUser",
                Some(Severity::Medium),
            ),
            (
                "lambda.amazonaws.com",
                "UpdateFunctionCode20150331v2",
                Some(Severity::High),
            ),
            (
                "lambda.amazonaws.com",
                "UpdateFunctionCode",
                Some(Severity::High),
            ),
            ("iot.amazonaws.com", "UpdateDestination", None),
            ("transfer.amazonaws.com", "CreateUser", None),
            ("iam.amazonaws.com", "", None),
        ] {
            assert_eq!(curated_severity(source, name), expected, "{source} {name}");
        }
    }

    #[test]
    fn only_dates_are_removed() {
        for (name, expected) in [
            ("GetFunction20150331v2", "GetFunction"),
            ("Invoke20150331", "Invoke"),
            ("é20150331v2", "é"),
            ("20150331", "20150331"),
            ("CreateV2", "CreateV2"),
            ("Put19990101", "Put19990101"),
            ("UpdateDistribution2020_05_31", "UpdateDistribution"),
            ("Update2020_05_3", "Update2020_05_3"),
            ("Update2020_05_31v1", "Update"),
            ("Update20200531_", "Update20200531_"),
            ("", ""),
        ] {
            assert_eq!(without_date(name), expected);
        }
    }
}
