//! The text of one setting to its value.

use std::fmt;
use std::ops::RangeInclusive;

use detection::ProtectedResources;

use crate::error::shown;
use crate::event_names::{self, Names};
use crate::kind::Kind;
use crate::maskable::MASKABLE;
use crate::model::ProtectedResourcesSource;
use crate::typo;

/// A value that is valid for its setting.
///
/// `Display` writes it in its normal form, in which it can be set again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    List(Vec<String>),
    Number(usize),
    EventNames(Names),
    ProtectedResources(ProtectedResourcesSource),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::List(entries) => f.write_str(&entries.join(",")),
            Self::Number(number) => number.fmt(f),
            Self::EventNames(names) => names.fmt(f),
            Self::ProtectedResources(source) => source.fmt(f),
        }
    }
}

/// The value of `text`.
///
/// # Errors
/// Everything that is wrong with it: at least one message, which follows the setting's name.
pub(crate) fn parse(kind: Kind, text: &str) -> Result<Value, Vec<String>> {
    if text.trim().is_empty() {
        // Probably an unresolved variable of a template: the default could turn masking off.
        let accepts = kind.accepts();
        return Err(vec![format!(
            "is set but empty; use {accepts}, or do not set it"
        )]);
    }
    match kind {
        Kind::SomeOf(words) => some_of(kind, words, text),
        Kind::Fields => fields(kind, text),
        Kind::EventNames => event_names::parse(&entries(kind, text)?).map(Value::EventNames),
        _ => single(kind, text).map_err(|error| vec![error]),
    }
}

/// A value that is not a list.
fn single(kind: Kind, text: &str) -> Result<Value, String> {
    let check = match kind {
        Kind::OneOf(words) => return one_of(kind, words, text).map(Value::Text),
        Kind::Number { min, max } => return number(kind, min..=max, text).map(Value::Number),
        Kind::ProtectedResources => {
            return protected_resources(text).map(Value::ProtectedResources);
        }
        Kind::Token(_) => token(text),
        Kind::Url => url(text),
        Kind::SecretName => secret_name(text),
        _ => Ok(()),
    };
    match check {
        Ok(()) => Ok(Value::Text(text.to_owned())),
        Err(wrong) => Err(rejected(kind, wrong)),
    }
}

/// `wrong`, and what is accepted.
fn rejected(kind: Kind, wrong: &str) -> String {
    format!("{wrong}; use {}", kind.accepts())
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

/// The comma-separated entries, without the blanks around them.
fn entries(kind: Kind, text: &str) -> Result<Vec<&str>, Vec<String>> {
    let entries: Vec<&str> = text.split(',').map(str::trim).collect();
    match entries.iter().position(|entry| entry.is_empty()) {
        Some(at) => Err(vec![rejected(kind, &format!("entry {} is empty", at + 1))]),
        None => Ok(entries),
    }
}

/// Words without duplicates, in the order given.
fn some_of(kind: Kind, words: &[&str], text: &str) -> Result<Value, Vec<String>> {
    let mut chosen = Vec::new();
    let mut errors = Vec::new();
    for (at, entry) in entries(kind, text)?.into_iter().enumerate() {
        match one_of(kind, words, entry) {
            Ok(word) if chosen.contains(&word) => {}
            Ok(word) => chosen.push(word),
            Err(wrong) => errors.push(format!("entry {}: {wrong}", at + 1)),
        }
    }
    valid_list(chosen, errors)
}

fn fields(kind: Kind, text: &str) -> Result<Value, Vec<String>> {
    let entries = entries(kind, text)?;
    let mut errors = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let position = at + 1;
        if !MASKABLE.contains(entry) {
            let hint = typo::field_hint(entry);
            errors.push(format!(
                "entry {position} is not a field that can be masked; {hint}"
            ));
        }
        if entries[..at].contains(entry) {
            errors.push(format!("entry {position} is a duplicate; remove it"));
        }
    }
    valid_list(entries.into_iter().map(str::to_owned).collect(), errors)
}

fn valid_list(entries: Vec<String>, errors: Vec<String>) -> Result<Value, Vec<String>> {
    if errors.is_empty() {
        Ok(Value::List(entries))
    } else {
        Err(errors)
    }
}

fn number(kind: Kind, range: RangeInclusive<usize>, text: &str) -> Result<usize, String> {
    // `parse` alone would accept a leading plus.
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        let wrong = format!("{} is not a number of digits only", shown(text));
        return Err(rejected(kind, &wrong));
    }
    // A number too large for the type is out of range like any other.
    let number = text.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| rejected(kind, &format!("{} is out of range", shown(text))))
}

fn token(text: &str) -> Result<(), &'static str> {
    let plain = |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'\\');
    if text.len() > 128 {
        Err("is longer than 128 characters")
    } else if !text.bytes().all(plain) {
        Err("contains a character that is not accepted")
    } else {
        Ok(())
    }
}

/// Checks scheme, host and credentials only: the HTTP client parses the URL, and a function that
/// does not deliver need not reject what only the client can.
fn url(text: &str) -> Result<(), &'static str> {
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let is_local = matches!(host, "127.0.0.1" | "localhost" | "::1");
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        Err("contains a space or a control character")
    } else if authority.contains('@') {
        Err("contains credentials, which belong in the secret")
    } else if host.is_empty() {
        Err("has no host")
    } else if scheme == "http" && !is_local {
        Err("is plain http, which can be read in transit")
    } else if !matches!(scheme, "http" | "https") {
        Err("starts with neither https:// nor http://")
    } else {
        Ok(())
    }
}

/// Checks that `text` can be the name or ARN of a secret. Messages never repeat any of it: it may
/// be the key.
fn secret_name(text: &str) -> Result<(), &'static str> {
    // CreateSecret, `Name` (AWS Secrets Manager API Reference).
    let in_name = |b: u8| b.is_ascii_alphanumeric() || b"/_+=.@-".contains(&b);
    if text.contains(['{', '"']) || looks_like_a_key(text) {
        return Err("looks like the key itself, which belongs in Secrets Manager");
    }
    if text.starts_with("arn:") {
        let parts: Vec<&str> = text.splitn(7, ':').collect();
        return match parts[..] {
            [_, _, "secretsmanager", _, _, "secret", name] if !name.is_empty() => Ok(()),
            _ => Err("is an ARN, but not of a secret"),
        };
    }
    if text.len() > 512 || !text.bytes().all(in_name) {
        return Err("is not a secret's name, which has 1 to 512 letters, digits and /_+=.@-");
    }
    Ok(())
}

/// Padded base64 of 32 bytes or more, or as many in hexadecimal: the usual forms of a key. Without
/// padding, base64 cannot be distinguished from a name.
fn looks_like_a_key(text: &str) -> bool {
    let hex = text.len() >= 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let base64 = text.len() >= 44
        && text.ends_with('=')
        && base64_simd::STANDARD.check(text.as_bytes()).is_ok();
    hex || base64
}

fn protected_resources(text: &str) -> Result<ProtectedResourcesSource, String> {
    if let Some(path) = text.trim().strip_prefix('@') {
        if path.is_empty() {
            return Err(rejected(Kind::ProtectedResources, "has no path after @"));
        }
        return Ok(ProtectedResourcesSource::File(path.to_owned()));
    }
    let (resources, include) =
        ProtectedResources::parse_including(text).map_err(|error| error.to_string())?;
    Ok(ProtectedResourcesSource::Inline { resources, include })
}
