//! Everything CI checks, in one command that runs anywhere.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use crate::deny::{self, Install};
use crate::outcome::Outcome;
use crate::workspace::{cargo, metadata, run as run_command, target};
use crate::{cycles, deployment, layers, lengths, links, retired, source, templates, tests};

struct Step {
    name: &'static str,
    took: Duration,
    result: Result<Outcome>,
}

/// Runs every check, cheap ones first, and returns an error naming those that failed.
///
/// All of them run even after a failure, so that one run shows everything there is to fix.
pub(crate) fn run(install: Install) -> Result<()> {
    let steps = [
        step("format", || passed(format())),
        step("layers", || passed(structure())),
        step("retired texts", || passed(retired::check())),
        step("links", || passed(links::check())),
        step("dependencies", || deny::check(install)),
        step("lints", || passed(lints())),
        step("docs", || passed(docs())),
        step("tests", || passed(tests::run())),
        step("deployment", deployment::check),
        step("templates", templates::check),
    ];
    summarize(&steps)
}

fn step(name: &'static str, check: impl FnOnce() -> Result<Outcome>) -> Step {
    println!("\n=== {name}");
    let start = Instant::now();
    let result = check();
    let took = start.elapsed();
    match &result {
        Ok(Outcome::Passed) => println!("--- {name}: passed in {}", seconds(took)),
        Ok(Outcome::Skipped) => println!("--- {name}: SKIPPED"),
        Err(error) => println!("--- {name}: FAILED in {}: {error:#}", seconds(took)),
    }
    Step { name, took, result }
}

fn passed(result: Result<()>) -> Result<Outcome> {
    result.map(|()| Outcome::Passed)
}

/// Checks the layers of the crates, the imports between their files and the length of their functions.
///
/// # Errors
/// Lists everything that is wrong, all at once.
pub(crate) fn structure() -> Result<()> {
    let metadata = metadata()?;
    let targets = source::targets(&metadata)?;
    let results = [
        layers::check(&metadata),
        cycles::check(&targets),
        lengths::check(&targets),
    ];
    let failures = results.into_iter().filter_map(Result::err);
    let failures: Vec<String> = failures.map(|error| format!("{error:#}")).collect();
    ensure!(failures.is_empty(), "{}", failures.join("\n"));
    Ok(())
}

fn format() -> Result<()> {
    run_command(cargo().args(["fmt", "--all", "--check"]))
}

fn lints() -> Result<()> {
    run_command(
        cargo()
            .args(["clippy", "--workspace", "--all-targets", "--locked"])
            .args(["--features", "sightline/aws", "--", "-D", "warnings"]),
    )?;
    // The command line without AWS, as the demo builds it.
    run_command(
        cargo()
            .args(["clippy", "--workspace", "--locked", "--"])
            .args(["-D", "warnings"]),
    )?;
    // The fuzz targets are not part of the workspace, so no other step builds them.
    run_command(
        cargo()
            .args(["check", "--locked", "--manifest-path", "fuzz/Cargo.toml"])
            .arg("--target-dir")
            .arg(target()),
    )
}

fn docs() -> Result<()> {
    run_command(
        cargo()
            .args(["doc", "--workspace", "--no-deps", "--locked"])
            .args(["--features", "sightline/aws"])
            .env("RUSTDOCFLAGS", "-D warnings"),
    )
}

fn summarize(steps: &[Step]) -> Result<()> {
    println!("\n=== summary");
    for step in steps {
        let word = match step.result {
            Ok(Outcome::Passed) => "passed",
            Ok(Outcome::Skipped) => "SKIPPED",
            Err(_) => "FAILED",
        };
        println!("{:<14}{:>9}  {word}", step.name, seconds(step.took));
    }
    let total = steps.iter().map(|step| step.took).sum();
    println!("{:<14}{:>9}", "together", seconds(total));
    let failed: Vec<&str> = steps
        .iter()
        .filter(|step| step.result.is_err())
        .map(|step| step.name)
        .collect();
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
