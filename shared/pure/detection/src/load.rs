//! From the text of a rule to what can be evaluated.

use rsigma_eval::{CompiledRule, compile_rule};
use rsigma_parser::{
    Detection, DetectionItem, Modifier, SigmaRule, SigmaString, SigmaValue, parse_sigma_yaml,
};
use thiserror::Error;

use crate::own::{ProtectedResources, is_set, placeholders};
use crate::shape::{Shape, placeholder};

/// A rule file of the user's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFile {
    /// Its path as the user knows it.
    pub name: String,
    /// What it holds.
    pub text: String,
}

/// Why a rule file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{file}:{}{reason}", line.map(|line| format!("{line}: ")).unwrap_or_else(|| " ".to_owned()))]
pub struct RuleFileError {
    /// The file's path as the user knows it.
    pub file: String,
    /// The line, from 1, where it can be told.
    pub line: Option<usize>,
    /// What is wrong, and what is accepted.
    pub reason: String,
}

/// A rule that is parsed, with its shape.
pub(crate) struct Loaded {
    pub(crate) rule: SigmaRule,
    pub(crate) shape: Shape,
}

/// The tags of Sightline's own.
pub(crate) const BLINDING: &str = "sightline.blinding";
pub(crate) const UNKNOWN_WITHOUT_OWN: &str = "sightline.unknown-without-own";

/// The modifiers of the Sigma specification that the evaluator knows.
const MODIFIERS: &str = "; accepted are contains, startswith, endswith, all, re, i, m, s, cidr, cased, exists, \
    expand, fieldref, gt, gte, lt, lte, neq, windash, base64, base64offset, utf16, utf16be, wide, \
    minute, hour, day, week, month, year";

/// The rules in `file`, at least one.
///
/// # Errors
/// The first fault of the file.
pub(crate) fn load(file: &RuleFile) -> Result<Vec<Loaded>, RuleFileError> {
    let fault = |line: Option<usize>, reason: String| RuleFileError {
        file: file.name.clone(),
        line,
        reason,
    };
    let parsed = parse_sigma_yaml(&file.text).map_err(|wrong| {
        let wrong = wrong.to_string();
        fault(line_of(&file.text, &wrong), wrong)
    })?;
    if let Some(wrong) = parsed.errors.first() {
        let accepted = if wrong.contains("nknown modifier") {
            MODIFIERS
        } else {
            ""
        };
        return Err(fault(
            line_of(&file.text, wrong),
            format!("{wrong}{accepted}"),
        ));
    }
    if !parsed.correlations.is_empty() || !parsed.filters.is_empty() {
        let line = line_with(&file.text, &["correlation:", "filter:"]);
        return Err(fault(
            line,
            "correlation rules and filters are not supported; accepted are detection rules".into(),
        ));
    }
    if parsed.rules.is_empty() {
        return Err(fault(Some(1), "holds no Sigma rule".into()));
    }
    let loaded = parsed.rules.into_iter().map(|rule| {
        let shape = Shape::of(&rule);
        match flaw(&rule, &shape) {
            Some((near, reason)) => Err(fault(line_with(&file.text, &[near]).or(Some(1)), reason)),
            None => Ok(Loaded { rule, shape }),
        }
    });
    loaded.collect()
}

/// What of a rule that parses is not accepted, and text on the line that it stands on.
fn flaw(rule: &SigmaRule, shape: &Shape) -> Option<(&'static str, String)> {
    let source = &rule.logsource;
    let is = |value: &Option<String>, wanted: &str| value.as_deref().is_none_or(|v| v == wanted);
    let tag = rule.tags.iter().find(|tag| {
        tag.starts_with("sightline.") && **tag != BLINDING && **tag != UNKNOWN_WITHOUT_OWN
    });
    let sets = shape.wanted.iter().chain(&shape.unwanted);
    let own = ProtectedResources::default();
    let unknown_set = sets
        .into_iter()
        .find(|set| !is_set(set) && own.number(set).is_none());
    if rule.id.as_deref().is_none_or(str::is_empty) {
        Some(("title:", "has no id; accepted is a UUID of its own".into()))
    } else if !is(&source.product, "aws")
        || !is(&source.service, "cloudtrail")
        || source.product.is_none()
    {
        Some((
            "logsource:",
            "its logsource is another; accepted is product aws with service cloudtrail".into(),
        ))
    } else if rsigma_parser::is_unsupported(rule.sigma_version) {
        Some((
            "sigma-version:",
            "its sigma-version is above 3; accepted are 2 and 3".into(),
        ))
    } else if let Some(tag) = tag {
        Some((
            "sightline.",
            format!("unknown tag {tag}; accepted are {BLINDING}, {UNKNOWN_WITHOUT_OWN}"),
        ))
    } else if let Some(name) = shape.unknown.first() {
        Some((
            "condition:",
            format!("the condition names {name}, which the rule does not have"),
        ))
    } else {
        let set = unknown_set?;
        Some((
            "|expand",
            format!(
                "unknown placeholder %{set}%; accepted are {}",
                placeholders()
            ),
        ))
    }
}

/// The line that a message of the parser is about.
fn line_of(text: &str, message: &str) -> Option<usize> {
    let after = |marker: &str| message.split_once(marker).map(|(_, rest)| rest);
    let number = after("line ").and_then(|rest| {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        rest[..digits].parse().ok()
    });
    if number.is_some() {
        return number;
    }
    let quoted = after("nknown modifier '").and_then(|rest| rest.split('\'').next());
    if let Some(modifier) = quoted {
        return line_with(text, &[&format!("|{modifier}")]);
    }
    if message.contains("not` is not a value modifier") {
        return line_with(text, &["|not"]);
    }
    if message.contains("ondition") {
        return line_with(text, &["condition:"]);
    }
    line_with(text, &["detection:"]).or(Some(1))
}

fn line_with(text: &str, any: &[&str]) -> Option<usize> {
    let found = text
        .lines()
        .position(|line| any.iter().any(|part| line.contains(part)));
    found.map(|at| at + 1)
}

/// The rule with its placeholders filled in, ready to be evaluated.
///
/// # Errors
/// What the evaluator refuses.
pub(crate) fn compile(
    mut rule: SigmaRule,
    own: &ProtectedResources,
) -> Result<CompiledRule, String> {
    for detection in rule.detection.named.values_mut() {
        fill(detection, own);
    }
    compile_rule(&rule).map_err(|fault| fault.to_string())
}

fn fill(detection: &mut Detection, own: &ProtectedResources) {
    match detection {
        Detection::AllOf(items) => items.iter_mut().for_each(|item| fill_item(item, own)),
        Detection::AnyOf(parts) | Detection::And(parts) => {
            parts.iter_mut().for_each(|part| fill(part, own));
        }
        Detection::ArrayMatch { body, .. } => fill(body, own),
        Detection::Conditional { named, .. } => named.values_mut().for_each(|part| fill(part, own)),
        _ => {}
    }
}

/// Nothing CloudTrail writes: what the elements of an empty set are matched with.
const NOTHING: &str = "\u{0}";

fn fill_item(item: &mut DetectionItem, own: &ProtectedResources) {
    let modifiers = &mut item.field.modifiers;
    let before = modifiers.len();
    modifiers.retain(|modifier| *modifier != Modifier::Expand);
    if modifiers.len() == before {
        return;
    }
    let fill_in = |value: SigmaValue| match placeholder(&value) {
        Some(name) => match own.number(&name) {
            Some(number) => vec![SigmaValue::Integer(number)],
            None => {
                let patterns = own.patterns(&name);
                patterns
                    .iter()
                    .map(|p| SigmaValue::String(SigmaString::new(p)))
                    .collect()
            }
        },
        None => vec![value],
    };
    item.values = std::mem::take(&mut item.values)
        .into_iter()
        .flat_map(fill_in)
        .collect();
    if item.values.is_empty() {
        item.values
            .push(SigmaValue::String(SigmaString::new(NOTHING)));
    }
}
