//! The text of one setting to its normal form.

use std::ops::RangeInclusive;

use detection::ProtectedResourcesSource;

use crate::error::shown;
use crate::event_names::EventName;
use crate::kind::Kind;
use crate::maskable;
use crate::networks::{Network, Networks};

/// `text` in its normal form, from which typed values are made.
///
/// # Errors
/// Everything that is wrong with it: at least one message, which follows the setting's name.
pub(crate) fn normalize(kind: Kind, text: &str) -> Result<String, Vec<String>> {
    if text.trim().is_empty() {
        // Probably an unresolved variable of a template: the default could turn masking off.
        let error = rejected(kind, "is set but empty");
        return Err(vec![format!("{error}, or do not set it")]);
    }
    let value = match kind {
        Kind::EventNames if text.trim() == "*" => Ok("*".to_owned()),
        Kind::SomeOf(_) | Kind::Fields | Kind::EventNames | Kind::Networks => {
            return list(kind, text);
        }
        Kind::OneOf(words) => one_of(kind, words, text),
        Kind::Number { min, max } => number(kind, min..=max, text),
        Kind::ProtectedResources => match text.parse::<ProtectedResourcesSource>() {
            Ok(_) => Ok(text.to_owned()),
            Err(error) => Err(error.to_string()),
        },
        Kind::Text { check, .. } => match check(text) {
            Ok(()) => Ok(text.to_owned()),
            Err(wrong) => Err(rejected(kind, wrong)),
        },
    };
    value.map_err(|error| vec![error])
}

/// `wrong`, and what is accepted.
fn rejected(kind: Kind, wrong: &str) -> String {
    format!("{wrong}; use {}", kind.accepts())
}

/// A comma-separated list without duplicates, in the order given.
fn list(kind: Kind, text: &str) -> Result<String, Vec<String>> {
    let mut entries: Vec<String> = Vec::new();
    let mut errors = Vec::new();
    for (at, entry) in (1..).zip(text.split(',').map(str::trim)) {
        if entry.is_empty() {
            return Err(vec![rejected(kind, &format!("entry {at} is empty"))]);
        }
        let entry = list_entry(kind, entry);
        match entry.and_then(|entry| conflict(kind, &entries, &entry).map_or(Ok(entry), Err)) {
            Ok(entry) if !entries.contains(&entry) => entries.push(entry),
            Ok(_) => {}
            Err(wrong) => errors.push(format!("entry {at}{wrong}")),
        }
    }
    if matches!(kind, Kind::Networks) && entries.len() > Networks::MAX {
        let (count, max) = (entries.len(), Networks::MAX);
        errors.push(format!("has {count} networks; use at most {max}"));
    }
    if errors.is_empty() {
        Ok(entries.join(","))
    } else {
        Err(errors)
    }
}

/// One entry of a list. An error follows the entry's number.
fn list_entry(kind: Kind, entry: &str) -> Result<String, String> {
    match kind {
        Kind::SomeOf(words) => one_of(kind, words, entry).map_err(|wrong| format!(": {wrong}")),
        Kind::EventNames if entry != "curated" => match entry.parse::<EventName>() {
            Ok(name) => Ok(name.to_string()),
            Err(wrong) => Err(format!(" {wrong}")),
        },
        Kind::Fields => match maskable::unknown_field(entry) {
            Some(hint) => Err(format!(" is not a field that can be masked; {hint}")),
            None => Ok(entry.to_owned()),
        },
        Kind::Networks => match entry.parse::<Network>() {
            Ok(network) => Ok(network.to_string()),
            Err(wrong) => Err(format!(" {wrong}")),
        },
        _ => Ok(entry.to_owned()),
    }
}

/// What is wrong with `entry` after the entries before it.
fn conflict(kind: Kind, before: &[String], entry: &str) -> Option<String> {
    let network = |entry: &str| entry.split_once('=').map(|(_, cidr)| cidr.to_owned());
    let wrong = match kind {
        Kind::Fields if before.iter().any(|one| one == entry) => " is a duplicate; remove it",
        Kind::Networks
            if before
                .iter()
                .any(|one| one != entry && network(one) == network(entry)) =>
        {
            " has a network that has another label already; use one label for it"
        }
        _ => return None,
    };
    Some(wrong.to_owned())
}

fn one_of(kind: Kind, words: &[&str], text: &str) -> Result<String, String> {
    if words.contains(&text) {
        return Ok(text.to_owned());
    }
    let wrong = format!("{} is not valid", shown(text));
    let similar = |word: &&&str| word.eq_ignore_ascii_case(text.trim());
    Err(match words.iter().find(similar) {
        Some(word) => format!("{wrong}; did you mean {word}?"),
        None => rejected(kind, &wrong),
    })
}

fn number(kind: Kind, range: RangeInclusive<usize>, text: &str) -> Result<String, String> {
    // `parse` alone would accept a leading plus.
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        let wrong = format!("{} is not a number of digits only", shown(text));
        return Err(rejected(kind, &wrong));
    }
    // A number too large for the type is out of range like any other.
    match text.parse() {
        Ok(number) if range.contains(&number) => Ok(number.to_string()),
        _ => Err(rejected(kind, &format!("{} is out of range", shown(text)))),
    }
}

#[cfg(test)]
mod tests {
    use super::normalize;
    use crate::table::TABLE;

    #[test]
    fn defaults_are_valid_and_in_their_normal_form() {
        for setting in TABLE.iter().filter(|setting| !setting.default.is_empty()) {
            let normal = normalize(setting.kind, setting.default);
            assert_eq!(normal.as_deref(), Ok(setting.default), "{}", setting.name);
        }
    }
}
