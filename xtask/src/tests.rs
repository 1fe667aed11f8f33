//! All tests, with what they need prepared first.

use anyhow::{Context, Result};

use crate::emulator;
use crate::workspace::{cargo, in_ci, run as run_command, target, warn_loudly};

/// The packages whose binaries scenarios run, by what is built in one go: in each with the features
/// that it is shipped with.
const BINARIES: &[&[&str]] = &[
    &["--package", "firehose-transform"],
    FORWARDERS,
    &["--package", "sightline", "--features", "aws"],
];

const FORWARDERS: &[&str] = &[
    "--package",
    "event-forwarder",
    "--package",
    "firehose-relay",
    "--package",
    "s3-forwarder",
];

/// Builds the Lambda binaries, installs the AWS emulator, and runs every test of the workspace.
///
/// Without Python or network the emulator's scenarios are skipped, loudly; in CI that is an error.
pub(crate) fn run() -> Result<()> {
    let mut tests = cargo();
    tests.args(["test", "--workspace", "--locked"]);
    for packages in BINARIES {
        build(packages)?;
    }
    tests.env("SIGHTLINE_BINARIES", target().join("release"));
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
    build(FORWARDERS)?;
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
    run_command(tests.env("SIGHTLINE_BINARIES", target().join("release")))
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

/// The very binaries that are shipped: their profile decides what a panic does to its neighbours.
fn build(packages: &[&str]) -> Result<()> {
    let mut build = cargo();
    build.args(["build", "--release", "--locked"]);
    run_command(build.args(packages)).context("building the binaries that scenarios run")
}
