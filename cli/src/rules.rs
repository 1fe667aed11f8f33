//! `sightline rules`: which rules judge events.

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
        .set_header(["ID", "LEVEL", "TECHNIQUE", "ABOUT", "TITLE", "FILE"]);
    for rule in rules.list() {
        let about = match (rule.blinding, rule.disabled) {
            (true, false) => "blinding",
            (true, true) => "blinding, off",
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

/// How many rules there are, and what keeps some of them from judging.
pub(crate) fn summary(rules: &Rules) -> String {
    let list = rules.list();
    let user = list.iter().filter(|rule| rule.user_defined).count();
    let off = list.iter().filter(|rule| rule.disabled).count();
    let mut text = format!("{} rules, {user} of them yours", list.len());
    if off > 0 {
        text.push_str(&format!(
            "; {off} are off or judge unknown: OWN_RESOURCES does not name what they are about"
        ));
    }
    text
}
