//! `sightline check`: settings and rules, or all their problems.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result};
use comfy_table::{ContentArrangement, Table, presets};
use settings::{MaskKeys, Origin};

use crate::arguments::CheckArguments;
use crate::rules;
use crate::settings_source::{key_source, raw};

pub(crate) fn run(arguments: &CheckArguments) -> Result<ExitCode> {
    let resolved =
        settings::resolve_with(&raw(&arguments.settings), key_source(&arguments.settings));
    let settings = match resolved {
        Ok(settings) => settings,
        Err(problems) => {
            writeln!(std::io::stdout(), "{problems}")?;
            return Ok(ExitCode::FAILURE);
        }
    };
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic);
    for (name, value, origin) in settings.describe() {
        let value = if value.is_empty() {
            "(unset)".to_owned()
        } else {
            value
        };
        let origin = if origin == Origin::Set {
            "set"
        } else {
            "default"
        };
        table.add_row([name, value.as_str(), origin]);
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", table.trim_fmt())?;
    if let Some(file) = &arguments.settings.mask_key_file {
        let document =
            std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let keys = MaskKeys::parse(&document)
            .with_context(|| format!("{} is no mask key", file.display()))?;
        let bytes = keys.current.bytes().len();
        writeln!(
            out,
            "mask key {} of {bytes} bytes, {} previous (redacted)",
            keys.current.id(),
            keys.previous.len()
        )?;
    }
    match rulebook::load(&settings.detection) {
        Ok(rules) => writeln!(out, "{}", rules::summary(&rules))?,
        Err(fault) => {
            writeln!(out, "{fault}")?;
            return Ok(ExitCode::FAILURE);
        }
    }
    for warning in settings::warnings(&settings) {
        writeln!(out, "warning: {warning}")?;
    }
    writeln!(out, "settings and rules are good")?;
    Ok(ExitCode::SUCCESS)
}
