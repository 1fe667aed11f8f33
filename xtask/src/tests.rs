//! All tests, with what they need prepared first.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::emulator;
use crate::workspace::{cargo, in_ci, run as run_command, target, warn_loudly};

/// The Lambda binaries that scenarios run, and the variables that say where they are.
const FUNCTIONS: [(&str, &str); 2] = [
    ("firehose-relay", "SIGHTLINE_RELAY"),
    ("firehose-transform", "SIGHTLINE_TRANSFORM"),
];

/// Builds the Lambda binaries, installs the AWS emulator, and runs every test of the workspace.
///
/// Without Python or network the emulator's scenarios are skipped, loudly; in CI that is an error.
pub(crate) fn run() -> Result<()> {
    let mut tests = cargo();
    tests.args(["test", "--workspace", "--locked"]);
    for (function, variable) in FUNCTIONS {
        tests.env(variable, build(function)?);
    }
    match emulator::install() {
        Ok(executable) => {
            tests.env("SIGHTLINE_EMULATOR", executable);
        }
        Err(error) if in_ci() => return Err(error.context("the AWS emulator")),
        Err(error) => {
            tests.env_remove("SIGHTLINE_EMULATOR");
            warn_loudly(&format!(
                "SKIPPED: the scenarios against AWS, since the emulator is not there: {error:#}"
            ));
        }
    }
    run_command(&mut tests)
}

/// Writes the golden fixtures' expected files anew, for a human to read the difference: runs every test
/// called golden, told to bless.
pub(crate) fn bless_fixtures() -> Result<()> {
    run_command(
        cargo()
            .args(["test", "--workspace", "--locked", "golden"])
            .env("SIGHTLINE_BLESS", "1"),
    )
}

/// The very binary that is shipped: its profile decides what a panic does to its neighbours, and
/// beside no other function it has its own features only.
fn build(function: &str) -> Result<PathBuf> {
    run_command(cargo().args(["build", "--release", "--locked", "--package", function]))
        .with_context(|| format!("building the Lambda binary {function}"))?;
    let file = format!("{function}{}", std::env::consts::EXE_SUFFIX);
    Ok(target().join("release").join(file))
}
