//! The CDK app: its types, its tests, and with them the synthesis of every example; and a deployment of it, with
//! the functions' zips, into the AWS emulator.

use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::outcome::Outcome;
use crate::workspace::{cargo, command, in_ci, root, run as run_command, warn_loudly};
use crate::{bundle, emulator};

/// Installs the pinned packages of `cdk/`, runs its tests, and deploys it.
///
/// # Errors
/// A test fails; in CI also where there is no npm or no emulator.
pub(crate) fn check() -> Result<Outcome> {
    let npm = |words: &[&str]| {
        let mut npm = command("npm");
        npm.args(words).current_dir(root().join("cdk"));
        npm
    };
    let is_there = npm(&["--version"]).stdout(Stdio::null()).status().is_ok();
    if !is_there {
        if in_ci() {
            bail!("npm is needed: Node 20 or newer");
        }
        warn_loudly("SKIPPED: the tests of the CDK app, since npm is not installed");
        return Ok(Outcome::Skipped);
    }
    run_command(&mut npm(&[
        "ci",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ]))
    .context("the packages of cdk/")?;
    let program = bundle::build_command_line().context("the program that checks configurations")?;
    run_command(npm(&["test"]).env("SIGHTLINE_CLI", program)).context("the tests of cdk/")?;
    deploy()
}

/// Runs the scenario that other steps do not: it needs packages, zips and emulator together.
fn deploy() -> Result<Outcome> {
    let emulator = match emulator::install() {
        Ok(executable) => executable,
        Err(error) if in_ci() => return Err(error.context("the AWS emulator")),
        Err(error) => {
            warn_loudly(&format!(
                "SKIPPED: the deployment, since the AWS emulator is not installed: {error:#}"
            ));
            return Ok(Outcome::Skipped);
        }
    };
    let bundle = bundle::run().context("the functions' zips")?;
    let mut test = cargo();
    test.args(["test", "--locked", "--package", "scenarios"]);
    test.args(["--test", "deployment", "--", "--ignored", "--nocapture"]);
    test.env("SIGHTLINE_EMULATOR", emulator);
    test.env("SIGHTLINE_BUNDLE", bundle);
    run_command(&mut test).context("the deployment")?;
    Ok(Outcome::Passed)
}
