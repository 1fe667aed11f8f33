//! The event names of `EVENT_NAMES`.

use std::fmt;

/// The event names that are sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Names {
    /// Every event.
    #[default]
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

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Some(source) => write!(f, "{source}:{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, listed) = match self {
            Self::All => ("*", &[][..]),
            Self::Curated(listed) => ("curated", &listed[..]),
            Self::Listed(listed) => ("", &listed[..]),
        };
        f.write_str(first)?;
        for (at, name) in listed.iter().enumerate() {
            let comma = if at == 0 && first.is_empty() { "" } else { "," };
            write!(f, "{comma}{name}")?;
        }
        Ok(())
    }
}

/// The names of `entries`, none of which is blank.
///
/// # Errors
/// Every wrong entry, by its position. Entries are free text, so messages do not repeat them.
pub(crate) fn parse(entries: &[&str]) -> Result<Names, Vec<String>> {
    if entries == ["*"] {
        return Ok(Names::All);
    }
    let mut listed: Vec<EventName> = Vec::with_capacity(entries.len());
    let mut errors = Vec::new();
    for (at, entry) in entries.iter().enumerate().filter(|(_, e)| **e != "curated") {
        match event_name(entry) {
            Ok(name) if listed.contains(&name) => {}
            Ok(name) => listed.push(name),
            Err(wrong) => errors.push(format!("entry {} {wrong}", at + 1)),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(if entries.contains(&"curated") {
        Names::Curated(listed)
    } else {
        Names::Listed(listed)
    })
}

fn event_name(entry: &str) -> Result<EventName, &'static str> {
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
    Ok(EventName {
        source,
        name: name.to_owned(),
    })
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
