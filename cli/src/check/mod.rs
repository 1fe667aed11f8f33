//! `sightline check`: validates settings and rules as a function does at its start.

mod environments;
mod findings;
mod report;

use std::process::ExitCode;

use anyhow::Result;

use crate::arguments::{CheckArguments, CheckFormat};
use crate::settings_source::{key_source, raw};

use findings::Checked;

/// The exit code if the check itself failed.
const NOT_CHECKED: u8 = 2;

pub(crate) fn run(arguments: &CheckArguments) -> Result<ExitCode> {
    let checked = match &arguments.settings_file {
        Some(file) => match environments::read(file) {
            Ok(environments) => environments
                .into_iter()
                .map(|(function, raw)| Checked::function(function, &raw))
                .collect(),
            Err(error) => {
                eprintln!("sightline: --settings-file: {error:#}");
                return Ok(ExitCode::from(NOT_CHECKED));
            }
        },
        None => vec![check_environment(arguments)],
    };
    match (arguments.format, checked.as_slice()) {
        (CheckFormat::Json, checked) => report::json(checked)?,
        (CheckFormat::Text, [only]) if arguments.settings_file.is_none() => report::text(only)?,
        (CheckFormat::Text, checked) => report::functions(checked)?,
    }
    let valid = checked.iter().all(|one| one.findings.errors.is_empty());
    Ok(if valid {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Checks the settings of the environment and the flags.
fn check_environment(arguments: &CheckArguments) -> Checked {
    let raw = raw(&arguments.settings);
    match arguments.function {
        Some(function) => Checked::function(function, &raw),
        None => Checked::command_line(
            &raw,
            key_source(&arguments.settings),
            arguments.settings.mask_key_file.as_deref(),
        ),
    }
}
