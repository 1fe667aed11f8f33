//! The event names of `EVENT_NAMES`.

use std::fmt;
use std::str::FromStr;

/// The event names that are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Names {
    /// Every event.
    All,
    /// The curated list, and these.
    Curated(Vec<EventName>),
    /// These: at least one, without duplicates, in the order given.
    Listed(Vec<EventName>),
}

/// One event name to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventName {
    /// Event source in full, as in `iam.amazonaws.com`; `None` matches any.
    pub source: Option<String>,
    /// `eventName` as CloudTrail writes it, in the same letter case. A name without the date of an
    /// API version (`UpdateFunctionCode`) also selects the dated one (`UpdateFunctionCode20150331v2`).
    pub name: String,
}

impl FromStr for Names {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "*" {
            return Ok(Self::All);
        }
        let entries: Vec<&str> = text.split(',').collect();
        let listed = entries.iter().filter(|entry| **entry != "curated");
        let listed = listed
            .map(|entry| entry.parse())
            .collect::<Result<_, _>>()?;
        Ok(match entries.contains(&"curated") {
            true => Self::Curated(listed),
            false => Self::Listed(listed),
        })
    }
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Some(source) => write!(f, "{source}:{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

impl FromStr for EventName {
    /// What is wrong and what is accepted. Names are free text, so it does not repeat them.
    type Err = &'static str;

    fn from_str(entry: &str) -> Result<Self, Self::Err> {
        if entry.eq_ignore_ascii_case("curated") {
            return Err("is not valid; write curated in lower case");
        }
        if entry.contains('*') {
            return Err("contains a wildcard; use complete event names, or * alone for all events");
        }
        let (source, name) = match entry.split_once(':') {
            Some((source, name)) => (Some(full_source(source)?), name),
            None => (None, entry),
        };
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
        if name.is_empty() || name.len() > 128 || !name.bytes().all(plain) {
            return Err(
                "is not an event name; use 1 to 128 letters, digits, periods, hyphens and underscores",
            );
        }
        Ok(Self {
            source,
            name: name.to_owned(),
        })
    }
}

/// `iam` and `iam.amazonaws.com` are the same source; a period marks the full form.
fn full_source(source: &str) -> Result<String, &'static str> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
    if source.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err("has upper-case letters in its source; use lower case, as CloudTrail does");
    }
    if source.is_empty() || source.len() > 128 || !source.bytes().all(plain) {
        return Err("has a source that is not valid; use the form iam or iam.amazonaws.com");
    }
    Ok(if source.contains('.') {
        source.to_owned()
    } else {
        format!("{source}.amazonaws.com")
    })
}
