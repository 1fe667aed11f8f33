//! `sightline check`: settings and rules as a function would start with them, or all their problems.

mod environments;
mod findings;
mod report;

use std::process::ExitCode;

use anyhow::Result;

use crate::arguments::{CheckArguments, CheckFormat};
use crate::settings_source::{key_source, raw};

use findings::Checked;

/// The exit code where the check itself could not be made.
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
        None => vec![own_environment(arguments)],
    };
    match (arguments.format, checked.as_slice()) {
        (CheckFormat::Json, checked) => report::json(checked)?,
        (CheckFormat::Text, [only]) if arguments.settings_file.is_none() => report::text(only)?,
        (CheckFormat::Text, checked) => report::functions(checked)?,
    }
    let is_good = checked.iter().all(|one| one.findings.errors.is_empty());
    Ok(if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The environment of this process and the flags.
fn own_environment(arguments: &CheckArguments) -> Checked {
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
