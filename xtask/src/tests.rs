//! All tests, and the artifacts that they need.

use anyhow::Result;

use crate::workspace::{cargo, in_ci, run as run_command, warn_loudly};
use crate::{bundle, emulator};

/// Builds the functions and the command line, installs the AWS emulator, and runs every test of the workspace.
///
/// Without Python or network the emulator's scenarios are skipped with a warning.
///
/// # Errors
/// A test fails; in CI also where the emulator cannot be installed.
pub(crate) fn run() -> Result<()> {
    let mut tests = cargo();
    tests.args([
        "test",
        "--workspace",
        "--locked",
        "--features",
        "sightline/aws",
    ]);
    tests.env("SIGHTLINE_BINARIES", bundle::build_for_tests()?);
    match emulator::install() {
        Ok(executable) => {
            tests.env("SIGHTLINE_EMULATOR", executable);
        }
        Err(error) if in_ci() => return Err(error.context("the AWS emulator")),
        Err(error) => {
            tests.env_remove("SIGHTLINE_EMULATOR");
            warn_loudly(&format!(
                "SKIPPED: the scenarios against the AWS emulator, which is not installed: {error:#}"
            ));
        }
    }
    run_command(&mut tests)
}

/// Measures the binaries of the forwarders as they are shipped, and prints the figures.
pub(crate) fn measure() -> Result<()> {
    let binaries = bundle::build_shipped()?;
    let mut tests = cargo();
    tests.args([
        "test",
        "--release",
        "--locked",
        "--package",
        "scenarios",
        "--test",
        "measures",
    ]);
    tests.args(["--", "--ignored", "--nocapture", "--test-threads=1"]);
    run_command(tests.env("SIGHTLINE_BINARIES", binaries))
}

/// Writes the expected files of the golden fixtures and the table of built-in rules, for a review of the
/// difference: runs every test with `golden` in its name, with `SIGHTLINE_BLESS` set.
pub(crate) fn bless_fixtures() -> Result<()> {
    run_command(
        cargo()
            .args(["test", "--workspace", "--locked", "golden"])
            .env("SIGHTLINE_BLESS", "1"),
    )
}

/// What to do with the files of `cargo xtask schema`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Schema {
    /// Write them.
    Write,
    /// Fail if they are stale. [`run`] does the same.
    Check,
}

/// Writes or checks the facts that Rust shares with the CDK app and the documentation.
pub(crate) fn schema(action: Schema) -> Result<()> {
    let mut command = cargo();
    command.args(["test", "--workspace", "--locked", "--test", "schema"]);
    if action == Schema::Write {
        command.env("SIGHTLINE_BLESS", "1");
    }
    run_command(&mut command)
}
