//! Parses, validates and compiles rule files.

use rsigma_eval::{CompiledRule, compile_rule};
use rsigma_parser::{
    Detection, DetectionItem, Modifier, SigmaRule, SigmaString, SigmaValue, parse_sigma_yaml,
};
use thiserror::Error;

use crate::prefilter::{Prefilter, placeholder};
use crate::protected_resources::{ProtectedResources, is_set, placeholders};

/// A file of `RULES_DIR`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFile {
    /// Its path, for messages.
    pub name: String,
    /// Its content.
    pub text: String,
}

/// Why a rule file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{file}:{}{reason}", line.map(|line| format!("{line}: ")).unwrap_or_else(|| " ".to_owned()))]
pub struct RuleFileError {
    /// The path of the file.
    pub file: String,
    /// The line, from 1, if it is known.
    pub line: Option<usize>,
    /// What is wrong, and what is accepted.
    pub reason: String,
}

/// A parsed rule with its prefilter.
pub(crate) struct Loaded {
    pub(crate) rule: SigmaRule,
    pub(crate) prefilter: Prefilter,
}

/// Sightline's own tags.
pub(crate) const BLINDING: &str = "sightline.blinding";
pub(crate) const UNKNOWN_IF_UNSET: &str = "sightline.unknown-without-own";

/// The modifiers of the Sigma specification that the evaluator knows.
const MODIFIERS: &str = "; use contains, startswith, endswith, all, re, i, m, s, cidr, cased, exists, \
    expand, fieldref, gt, gte, lt, lte, neq, windash, base64, base64offset, utf16, utf16be, wide, \
    minute, hour, day, week, month, year";

/// The rules in `file`; at least one.
///
/// # Errors
/// The first error of the file.
pub(crate) fn load(file: &RuleFile) -> Result<Vec<Loaded>, RuleFileError> {
    let error = |line: Option<usize>, reason: String| RuleFileError {
        file: file.name.clone(),
        line,
        reason,
    };
    let parsed = parse_sigma_yaml(&file.text).map_err(|wrong| {
        let wrong = wrong.to_string();
        error(line_of(&file.text, &wrong), wrong)
    })?;
    if let Some(wrong) = parsed.errors.first() {
        let accepted = if wrong.contains("nknown modifier") {
            MODIFIERS
        } else {
            ""
        };
        return Err(error(
            line_of(&file.text, wrong),
            format!("{wrong}{accepted}"),
        ));
    }
    if !parsed.correlations.is_empty() || !parsed.filters.is_empty() {
        let line = line_with(&file.text, &["correlation:", "filter:"]);
        return Err(error(
            line,
            "correlation rules and filters are not supported; use detection rules".into(),
        ));
    }
    if parsed.rules.is_empty() {
        return Err(error(Some(1), "contains no Sigma rule".into()));
    }
    let loaded = parsed.rules.into_iter().map(|rule| {
        let prefilter = Prefilter::new(&rule);
        match validate(&rule, &prefilter) {
            Err((near, reason)) => Err(error(line_with(&file.text, &[near]).or(Some(1)), reason)),
            Ok(()) => Ok(Loaded { rule, prefilter }),
        }
    });
    loaded.collect()
}

/// Checks a parsed rule.
///
/// # Errors
/// What is not accepted, after text on its line.
fn validate(rule: &SigmaRule, prefilter: &Prefilter) -> Result<(), (&'static str, String)> {
    let source = &rule.logsource;
    let product = source.product.as_deref() == Some("aws");
    let service = source.service.as_deref();
    if rule.id.as_deref().is_none_or(str::is_empty) {
        return Err(("title:", "has no id; use a UUID of its own".into()));
    }
    if !product || service.is_some_and(|service| service != "cloudtrail") {
        let reason =
            "its logsource is not CloudTrail; use product aws with service cloudtrail".into();
        return Err(("logsource:", reason));
    }
    if rsigma_parser::is_unsupported(rule.sigma_version) {
        let reason = "its sigma-version is above 3; use 2 or 3".into();
        return Err(("sigma-version:", reason));
    }
    let tag = rule.tags.iter().find(|tag| {
        tag.starts_with("sightline.") && **tag != BLINDING && **tag != UNKNOWN_IF_UNSET
    });
    if let Some(tag) = tag {
        let reason = format!("unknown tag {tag}; use {BLINDING} or {UNKNOWN_IF_UNSET}");
        return Err(("sightline.", reason));
    }
    if let Some(name) = prefilter.unknown.first() {
        let reason = format!("the condition names {name}, which the rule does not have");
        return Err(("condition:", reason));
    }
    let defaults = ProtectedResources::default();
    let sets = prefilter.required.iter().chain(&prefilter.excluded);
    let unknown = |set: &&String| !is_set(set) && defaults.number(set).is_none();
    match sets.into_iter().find(unknown) {
        None => Ok(()),
        Some(set) => {
            let accepted = placeholders();
            let reason = format!("unknown placeholder %{set}%; use one of {accepted}");
            Err(("|expand", reason))
        }
    }
}

/// The line that a message of the parser refers to.
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

/// The rule with its placeholders filled in, compiled for evaluation.
///
/// # Errors
/// The evaluator rejects the rule.
pub(crate) fn compile(
    mut rule: SigmaRule,
    resources: &ProtectedResources,
) -> Result<CompiledRule, String> {
    for detection in rule.detection.named.values_mut() {
        fill(detection, resources);
    }
    compile_rule(&rule).map_err(|error| error.to_string())
}

fn fill(detection: &mut Detection, resources: &ProtectedResources) {
    match detection {
        Detection::AllOf(items) => items.iter_mut().for_each(|item| fill_item(item, resources)),
        Detection::AnyOf(parts) | Detection::And(parts) => {
            parts.iter_mut().for_each(|part| fill(part, resources));
        }
        Detection::ArrayMatch { body, .. } => fill(body, resources),
        Detection::Conditional { named, .. } => {
            named.values_mut().for_each(|part| fill(part, resources))
        }
        _ => {}
    }
}

/// Matches nothing that CloudTrail writes; replaces the elements of an empty set.
const NOTHING: &str = "\u{0}";

fn fill_item(item: &mut DetectionItem, resources: &ProtectedResources) {
    let modifiers = &mut item.field.modifiers;
    let before = modifiers.len();
    modifiers.retain(|modifier| *modifier != Modifier::Expand);
    if modifiers.len() == before {
        return;
    }
    let fill_in = |value: SigmaValue| match placeholder(&value) {
        Some(name) => match resources.number(&name) {
            Some(number) => vec![SigmaValue::Integer(number)],
            None => {
                let patterns = resources.patterns(&name);
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
