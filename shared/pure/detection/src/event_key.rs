//! The events that a rule can match, by source and name.

use rsigma_parser::{Modifier, SigmaString, SpecialChar, StringPart};

/// An event source in lower case and an event name; `None` is any. A `*` in a name replaces any
/// characters at its beginning, at its end, or at both.
pub(crate) type EventKey = (Option<String>, Option<String>);

/// The maximum number of alternatives; beyond it a prefilter is wider than its rule.
const MAX_KEYS: usize = 2048;

pub(crate) fn any() -> Vec<EventKey> {
    vec![(None, None)]
}

pub(crate) fn any_of(alternatives: Vec<Vec<EventKey>>) -> Vec<EventKey> {
    alternatives.into_iter().flatten().collect()
}

pub(crate) fn all_of(constraints: Vec<Vec<EventKey>>) -> Vec<EventKey> {
    constraints.into_iter().fold(any(), |all, more| {
        if all.len() * more.len() > MAX_KEYS {
            // Either alone is wide enough to exclude no match.
            return all;
        }
        let pairs = all.iter().flat_map(|a| more.iter().map(move |b| (a, b)));
        let both = pairs.filter_map(|(a, b)| {
            let source = intersection(a.0.as_deref(), b.0.as_deref())?;
            Some((source, intersection(a.1.as_deref(), b.1.as_deref())?))
        });
        both.collect()
    })
}

/// What both allow, or slightly more; `None` if they exclude each other.
fn intersection(a: Option<&str>, b: Option<&str>) -> Option<Option<String>> {
    let narrower = match (a, b) {
        (Some(a), Some(b)) if is_literal(a) && is_literal(b) => {
            Some(a.eq_ignore_ascii_case(b).then_some(a)?)
        }
        (Some(a), Some(b)) => Some(if is_literal(b) { b } else { a }),
        (a, b) => a.or(b),
    };
    Some(narrower.map(str::to_owned))
}

pub(crate) fn is_literal(name: &str) -> bool {
    !name.contains('*')
}

/// The event source that a value with these modifiers requires, in lower case; `None` is any.
pub(crate) fn source_of(value: &SigmaString, modifiers: &[Modifier]) -> Option<String> {
    let source = value.as_plain().filter(|source| is_literal(source))?;
    let is_exact = operators(modifiers).next().is_none();
    is_exact.then(|| source.to_ascii_lowercase())
}

/// The event names that a value with these modifiers allows, or more; `None` is any.
pub(crate) fn name_of(value: &SigmaString, modifiers: &[Modifier]) -> Option<String> {
    let (first, last) = (value.parts.first()?, value.parts.last()?);
    let mut operators = operators(modifiers);
    let operator = operators.next();
    if operators.next().is_some() {
        return None;
    }
    match operator {
        None => match value.as_plain() {
            Some(name) => Some(name).filter(|name| is_literal(name)),
            None => starts_with(first).or_else(|| ends_with(last)),
        },
        Some(Modifier::StartsWith) => starts_with(first),
        Some(Modifier::EndsWith) => ends_with(last),
        Some(Modifier::Contains) => {
            let name = value.as_plain()?;
            let is_word = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            // EventBridge matches wildcards case-sensitively, Sigma only with the modifier `cased`.
            (is_word && modifiers.contains(&Modifier::Cased)).then(|| format!("*{name}*"))
        }
        Some(_) => None,
    }
}

/// The modifiers except those that do not widen a value. If all values must match, each by itself
/// is wide enough.
fn operators(modifiers: &[Modifier]) -> impl Iterator<Item = Modifier> {
    let widens = |modifier: &Modifier| !matches!(modifier, Modifier::Cased | Modifier::All);
    modifiers.iter().copied().filter(widens)
}

fn starts_with(part: &StringPart) -> Option<String> {
    literal(part).map(|text| format!("{text}*"))
}

fn ends_with(part: &StringPart) -> Option<String> {
    literal(part).map(|text| format!("*{text}"))
}

fn literal(part: &StringPart) -> Option<&str> {
    match part {
        StringPart::Plain(text) => Some(text.as_str()).filter(|text| is_literal(text)),
        StringPart::Special(SpecialChar::WildcardMulti | SpecialChar::WildcardSingle) => None,
    }
}
