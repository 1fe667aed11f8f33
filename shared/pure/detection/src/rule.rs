//! One rule, and what rules find in an event.

use rsigma_eval::CompiledRule;

use crate::event_key::EventKey;
use crate::load::{RuleFile, compile, load};
use crate::protected_resources::ProtectedResources;
use crate::severity::Severity;

/// A built-in rule: its text, and what is known about it before an event needs it.
pub(crate) struct BuiltIn {
    pub(crate) file: &'static str,
    pub(crate) text: &'static str,
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) level: &'static str,
    pub(crate) tags: &'static [&'static str],
    pub(crate) events: &'static [(Option<&'static str>, Option<&'static str>)],
    pub(crate) required: &'static [&'static str],
    pub(crate) excluded: &'static [&'static str],
    pub(crate) reads_parameters: bool,
    pub(crate) event_only: bool,
}

/// What a rule can decide with the sets that are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// It is evaluated.
    Enabled,
    /// It matches nothing.
    Disabled,
    /// It cannot decide, so that its outcome is always unknown.
    Undecidable,
}

pub(crate) struct Rule {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) file: String,
    pub(crate) severity: Severity,
    pub(crate) techniques: Vec<String>,
    pub(crate) blinding: bool,
    pub(crate) user_defined: bool,
    /// The events that a rule of the user can match; those of built-in rules are in the table.
    pub(crate) events: Vec<EventKey>,
    pub(crate) reads_parameters: bool,
    pub(crate) event_only: bool,
    pub(crate) state: State,
    /// The text of a built-in rule, which is compiled when the first event needs it.
    pub(crate) text: Option<&'static str>,
    pub(crate) compiled: Option<CompiledRule>,
}

/// What a list shows about a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleInfo<'r> {
    /// Its id, a UUID.
    pub id: &'r str,
    /// Its title.
    pub title: &'r str,
    /// Its level.
    pub severity: Severity,
    /// ATT&CK techniques, `T1562.008`.
    pub techniques: &'r [String],
    /// Its file; for a built-in rule relative to `detections/`.
    pub file: &'r str,
    /// Whether a match is a blinding event.
    pub blinding: bool,
    /// Whether it is from `RULES_DIR`.
    pub user_defined: bool,
    /// Whether it names no event, so that it is evaluated for every event.
    pub every_event: bool,
    /// Whether the protected resources that it is about are not set.
    pub disabled: bool,
}

impl Rule {
    /// The rule, compiled.
    pub(crate) fn compiled(&mut self, resources: &ProtectedResources) -> &CompiledRule {
        let text = self.text;
        let file = &self.file;
        self.compiled.get_or_insert_with(|| {
            let text = text
                .expect("rules of users are compiled when they are added")
                .to_owned();
            let name = file.clone();
            let mut loaded = load(&RuleFile { name, text }).expect("parsed by a test");
            let loaded = loaded.pop().expect("one rule, by a test");
            compile(loaded.rule, resources).expect("every built-in rule compiles, by a test")
        })
    }
}

pub(crate) fn info(rule: &Rule) -> RuleInfo<'_> {
    RuleInfo {
        id: &rule.id,
        title: &rule.title,
        severity: rule.severity,
        techniques: &rule.techniques,
        file: &rule.file,
        blinding: rule.blinding,
        user_defined: rule.user_defined,
        every_event: rule.events.contains(&(None, None)),
        disabled: rule.state != State::Enabled,
    }
}

/// The outcome of a call that blinds a security team, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// AWS denied it, or it was a dry run.
    Attempt,
    /// It succeeded; the record does not show whether it blinds.
    Unknown,
    /// It succeeded and blinds.
    Success,
}

impl Outcome {
    /// Its name in an event's `blinding`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Attempt => "attempt",
            Self::Unknown => "unknown",
            Self::Success => "success",
        }
    }
}

/// What the rules find in one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Ids of the rules that match or cannot be decided.
    pub rules: Vec<String>,
    /// ATT&CK techniques of those rules, `T1562.008`, each once.
    pub techniques: Vec<String>,
    /// The highest level of those rules; at most `medium` for rules that cannot be decided.
    pub severity: Severity,
    /// The blinding outcome; `None` if no matching rule is about blinding.
    pub blinding: Option<Outcome>,
}

/// Adds a match of `rule` to a finding.
pub(crate) fn add(rule: &Rule, outcome: Outcome, undecidable: bool, finding: &mut Option<Finding>) {
    let severity = if undecidable {
        rule.severity.min(Severity::Medium)
    } else {
        rule.severity
    };
    let found = finding.get_or_insert_with(|| Finding {
        rules: Vec::new(),
        techniques: Vec::new(),
        severity,
        blinding: None,
    });
    found.severity = found.severity.max(severity);
    found.rules.push(rule.id.clone());
    for technique in &rule.techniques {
        if !found.techniques.contains(technique) {
            found.techniques.push(technique.clone());
        }
    }
    if rule.blinding {
        found.blinding = found.blinding.max(Some(outcome));
    }
}

/// The ATT&CK techniques among the tags: `attack.t1562.008` is `T1562.008`.
pub(crate) fn techniques(tags: &[String]) -> Vec<String> {
    let technique = |tag: &String| {
        let name = tag.strip_prefix("attack.")?;
        let digits = name.strip_prefix(['t', 'T'])?;
        digits
            .starts_with(|c: char| c.is_ascii_digit())
            .then(|| format!("T{digits}"))
    };
    tags.iter().filter_map(technique).collect()
}
