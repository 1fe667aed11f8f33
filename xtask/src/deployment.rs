//! The CDK app: its types, its tests, and with them the synthesis of every example.

use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::ci::Outcome;
use crate::workspace::{command, in_ci, root, run as run_command, warn_loudly};

/// Installs the pinned packages of `cdk/` and runs its tests.
///
/// # Errors
/// A test fails; in CI also where there is no npm.
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
        warn_loudly("SKIPPED: the tests of the CDK app, since npm is not there");
        return Ok(Outcome::Skipped);
    }
    run_command(&mut npm(&[
        "ci",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ]))
    .context("the packages of cdk/")?;
    run_command(&mut npm(&["test"])).context("the tests of cdk/")?;
    Ok(Outcome::Passed)
}
