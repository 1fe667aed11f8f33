//! `sightline rules`: lists the detection rules.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use comfy_table::{ContentArrangement, Table, presets};
use pipeline::Rules;

use crate::arguments::RulesArguments;
use crate::settings_source::{key_source, raw, resolve};

pub(crate) fn run(arguments: &RulesArguments) -> Result<ExitCode> {
    let settings = resolve(&raw(&arguments.settings), key_source(&arguments.settings))?;
    let rules = runtime::rules::load(&settings.detection)?;
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(["ID", "LEVEL", "TECHNIQUE", "BLINDING", "TITLE", "FILE"]);
    for rule in rules.list() {
        let about = match (rule.blinding, rule.disabled) {
            (true, false) => "yes",
            (true, true) => "yes, disabled",
            (false, _) => "-",
        };
        let techniques = match rule.techniques {
            [] => "-".to_owned(),
            techniques => techniques.join(","),
        };
        table.add_row([
            rule.id,
            rule.severity.name(),
            &techniques,
            about,
            rule.title,
            rule.file,
        ]);
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", table.trim_fmt())?;
    writeln!(out, "{}", summary(&rules))?;
    for warning in runtime::rules::warnings(&rules) {
        writeln!(out, "warning: {warning}")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The number of rules, and of those that OWN_RESOURCES limits.
pub(crate) fn summary(rules: &Rules) -> String {
    let list = rules.list();
    let user = list.iter().filter(|rule| rule.user_defined).count();
    let off = list.iter().filter(|rule| rule.disabled).count();
    let mut text = format!("{} rules, {user} of them from RULES_DIR", list.len());
    if off > 0 {
        text.push_str(&format!(
            "; {off} are disabled or have the outcome unknown, because OWN_RESOURCES lists no resources for them"
        ));
    }
    text
}
