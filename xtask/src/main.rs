//! Tasks of the workspace: what CI checks, what tests need, fixtures, benchmarks.

mod bundle;
mod checkov;
mod ci;
mod cycles;
mod deny;
mod deployment;
mod emulator;
mod event_names;
mod layers;
mod lengths;
mod lexicon;
mod links;
mod outcome;
mod python;
mod retired;
mod soak;
mod source;
mod templates;
mod tests;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
cargo xtask <task>

  ci [--install]   everything CI checks: format, layers, retired texts, links, dependencies, lints, docs, tests,
                   deployment, templates
                   (--install: install the pinned cargo-deny if it is missing, as in CI)
  test             build what the tests need and run all of them
  layers           check what crates depend on, that no files of a crate import each other in a cycle, and the
                   length of functions
  links            check the relative links of all Markdown files
  retired          check that no file contains a text of xtask/retired.txt
  deny [--install] check licenses, sources and banned crates
  fixtures         regenerate the expected files of the golden fixtures and the table of built-in rules
  schema [--check] regenerate what the CDK app and the documentation share with the code: schema/*.json, words.ts and
                   the table in docs/settings.md (--check: fail if they are stale, as the tests do)
  event-names      regenerate detections/event_names.txt, the known CloudTrail event names
  lexicon          regenerate the AWS vocabulary of masking from API models (downloads large packages)
  templates        synthesize every configuration of cdk/, lint the templates and check their security
  bundle           build the Lambda functions as zips, and the command line, into target/bundle, reproducibly
  bench            benchmark the record pipeline against the minimum of unavoidable work
  measure          measure memory and speed of the forwarders' binaries
  soak             kill processes and restart collectors at random points, with many seeds
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["ci"] => ci::run(deny::Install::InCi),
        ["ci", "--install"] => ci::run(deny::Install::Always),
        ["test"] => tests::run(),
        ["layers"] => ci::structure(),
        ["links"] => links::check(),
        ["retired"] => retired::check(),
        ["deny"] => deny::check(deny::Install::InCi).map(drop),
        ["deny", "--install"] => deny::check(deny::Install::Always).map(drop),
        ["fixtures"] => tests::bless_fixtures(),
        ["schema"] => tests::schema(tests::Schema::Write),
        ["schema", "--check"] => tests::schema(tests::Schema::Check),
        ["event-names"] => event_names::write(),
        ["lexicon"] => lexicon::write(),
        ["templates"] => templates::check().map(drop),
        ["bundle"] => bundle::run().map(drop),
        ["measure"] => tests::measure(),
        ["soak"] => soak::run(),
        ["bench"] => workspace::run(workspace::cargo().args(["bench", "--package", "firehose"])),
        [] | ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            Ok(())
        }
        other => bail!("unknown task `{}`\n\n{USAGE}", other.join(" ")),
    }
}
