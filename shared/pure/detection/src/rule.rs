//! One rule, and what it adds to a finding.

use rsigma_eval::CompiledRule;

use crate::finding::{Finding, Outcome, Severity};
use crate::load::{RuleFile, compile, load};
use crate::own::ProtectedResources;

/// A built-in rule: its text, and what has to be known of it before an event needs it.
pub(crate) struct BuiltIn {
    pub(crate) file: &'static str,
    pub(crate) text: &'static str,
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) level: &'static str,
    pub(crate) tags: &'static [&'static str],
    pub(crate) events: &'static [(Option<&'static str>, Option<&'static str>)],
    pub(crate) wanted: &'static [&'static str],
    pub(crate) unwanted: &'static [&'static str],
    pub(crate) reads_parameters: bool,
    pub(crate) event_only: bool,
}

/// What a rule can say without the sets it lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// It is evaluated.
    On,
    /// It says nothing.
    Quiet,
    /// It cannot judge.
    Unknown,
}

pub(crate) struct Rule {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) file: String,
    pub(crate) severity: Severity,
    pub(crate) techniques: Vec<String>,
    pub(crate) is_blinding: bool,
    pub(crate) is_user: bool,
    pub(crate) every_event: bool,
    pub(crate) reads_parameters: bool,
    pub(crate) event_only: bool,
    pub(crate) state: State,
    /// The text of a built-in rule, which is compiled when the first event needs it.
    pub(crate) text: Option<&'static str>,
    pub(crate) compiled: Option<CompiledRule>,
}

/// A rule as a list shows it.
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
    /// The file it is from, below `detections/` where it is built in.
    pub file: &'r str,
    /// Whether a match blinds.
    pub is_blinding: bool,
    /// Whether it is the user's.
    pub is_user: bool,
    /// Whether it names no event, so that every event costs an evaluation.
    pub every_event: bool,
    /// Whether it lacks the own resources that it is about.
    pub is_off: bool,
}

impl Rule {
    /// The rule, compiled.
    pub(crate) fn compiled(&mut self, own: &ProtectedResources) -> &CompiledRule {
        let text = self.text;
        let file = &self.file;
        self.compiled.get_or_insert_with(|| {
            let text = text
                .expect("a rule of the user's is compiled when it is added")
                .to_owned();
            let name = file.clone();
            let mut loaded = load(&RuleFile { name, text }).expect("the build has parsed it");
            let loaded = loaded.pop().expect("the build has found one rule in it");
            compile(loaded.rule, own).expect("a test compiles every built-in rule")
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
        is_blinding: rule.is_blinding,
        is_user: rule.is_user,
        every_event: rule.every_event,
        is_off: rule.state != State::On,
    }
}

/// Adds what `rule` says to a finding.
pub(crate) fn add(
    rule: &Rule,
    outcome: Outcome,
    is_unjudgeable: bool,
    finding: &mut Option<Finding>,
) {
    let severity = if is_unjudgeable {
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
    if rule.is_blinding {
        found.blinding = found.blinding.max(Some(outcome));
    }
}

/// ATT&CK techniques among the tags: `attack.t1562.008` is `T1562.008`.
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
