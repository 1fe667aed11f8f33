//! The output of `sightline check`.

use std::io::{Result, Write};

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;
use serde_json::{Value, json};
use settings::{Function, Origin, Settings};

use crate::rules;

use super::findings::{Checked, Findings};

#[derive(Serialize)]
struct Report<'a> {
    checks: Vec<Check<'a>>,
}

#[derive(Serialize)]
struct Check<'a> {
    function: Option<&'static str>,
    #[serde(flatten)]
    findings: &'a Findings,
    #[serde(rename = "userRules", skip_serializing_if = "Option::is_none")]
    user_rules: Option<Value>,
}

/// Prints one JSON object on one line:
/// `{"checks":[{"function":…,"errors":[{"setting":…,"text":…}],"warnings":[…]}]}`. With RULES_DIR a
/// check also has `"userRules":{"names":…,"sourceless":[…]}`, from which the CDK app makes the
/// patterns of its EventBridge rules.
pub(super) fn json(checked: &[Checked]) -> Result<()> {
    let checks = checked.iter().map(|one| Check {
        function: one.function.map(Function::name),
        findings: &one.findings,
        user_rules: user_rules(one),
    });
    let report = Report {
        checks: checks.collect(),
    };
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, &report)?;
    writeln!(out)
}

/// The events of the rules in RULES_DIR, if there are any.
fn user_rules(checked: &Checked) -> Option<Value> {
    let rules = checked.rules.as_ref()?;
    let has_rules = rules.list().iter().any(|rule| rule.user_defined);
    let events = has_rules.then(|| rules.user_events())?;
    Some(json!({ "names": events.names, "sourceless": events.sourceless }))
}

/// Prints the resolved settings and a summary of the rules, or all errors.
pub(super) fn text(checked: &Checked) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let (Some(settings), []) = (&checked.settings, checked.findings.errors.as_slice()) else {
        return findings(&mut out, &checked.findings);
    };
    writeln!(out, "{}", table(settings).trim_fmt())?;
    if let Some(keys) = &checked.key {
        writeln!(
            out,
            "mask key {} of {} bytes, {} previous (redacted)",
            keys.current.id(),
            keys.current.bytes().len(),
            keys.previous.len()
        )?;
    }
    if let Some(rules) = &checked.rules {
        writeln!(out, "{}", rules::summary(rules))?;
    }
    findings(&mut out, &checked.findings)?;
    writeln!(out, "settings and rules are valid")
}

/// Prints the findings of each function.
pub(super) fn functions(checked: &[Checked]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    for one in checked {
        let name = one.function.map_or("", Function::name);
        if one.findings.errors.is_empty() {
            writeln!(out, "{name}: settings and rules are valid")?;
        } else {
            writeln!(out, "{name}:")?;
        }
        findings(&mut out, &one.findings)?;
    }
    Ok(())
}

fn findings(out: &mut impl Write, findings: &Findings) -> Result<()> {
    for error in &findings.errors {
        writeln!(out, "{}", error.text)?;
    }
    for warning in &findings.warnings {
        writeln!(out, "warning: {}", warning.text)?;
    }
    Ok(())
}

fn table(settings: &Settings) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic);
    for (name, value, origin) in settings.describe() {
        let value = match value.as_str() {
            "" => "(unset)",
            value => value,
        };
        let origin = match origin {
            Origin::Set => "set",
            Origin::Default => "default",
        };
        table.add_row([name, value, origin]);
    }
    table
}
