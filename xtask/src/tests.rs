//! All tests, with what they need prepared first.

use anyhow::Result;

use crate::workspace::{cargo, in_ci, run as run_command, warn_loudly};
use crate::{bundle, emulator};

/// Builds the Lambda binaries, installs the AWS emulator, and runs every test of the workspace.
///
/// Without Python or network the emulator's scenarios are skipped, loudly; in CI that is an error.
pub(crate) fn run() -> Result<()> {
    let mut tests = cargo();
    tests.args(["test", "--workspace", "--locked"]);
    // The very binaries that are shipped: their profile decides what a panic does to its neighbours.
    let binaries = bundle::build_functions()?;
    bundle::build_command_line()?;
    tests.env("SIGHTLINE_BINARIES", binaries);
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

/// Measures the forwarders' binaries and prints the figures.
pub(crate) fn measure() -> Result<()> {
    let binaries = bundle::build_functions()?;
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

/// Writes the golden fixtures' expected files anew, for a human to read the difference: runs every test
/// called golden, told to bless.
pub(crate) fn bless_fixtures() -> Result<()> {
    run_command(
        cargo()
            .args(["test", "--workspace", "--locked", "golden"])
            .env("SIGHTLINE_BLESS", "1"),
    )
}
