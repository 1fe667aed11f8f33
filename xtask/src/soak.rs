//! Long runs: processes that are killed and collectors that restart, with many seeds.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::bundle;
use crate::workspace::{cargo, run as run_command, target};

/// Test targets, filters and numbers of runs.
const PARTS: [(&str, &str, &str); 3] = [
    ("soak", "kills", "50"),
    ("soak", "restarts", "200"),
    ("acknowledgments", "", "200"),
];

/// Makes all runs with the binaries as they are shipped, and prints the results of each scenario. A failing run
/// prints its seed.
///
/// # Errors
/// An event was lost or arrived more often than documented, or something cannot be built.
pub(crate) fn run() -> Result<()> {
    let binaries = bundle::build_shipped()?;
    let table = target().join("soak.tsv");
    // The scenarios append to it.
    fs::write(&table, "").with_context(|| format!("writing {}", table.display()))?;
    let made = PARTS.iter().map(|part| make(part, &binaries, &table));
    let made: Vec<Result<()>> = made.collect();
    print(&fs::read_to_string(&table).context("reading the table")?);
    made.into_iter().collect()
}

/// Makes the runs of one part.
fn make((test, filter, runs): &(&str, &str, &str), binaries: &Path, table: &Path) -> Result<()> {
    let mut tests = cargo();
    tests
        .args(["test", "--workspace", "--locked", "--test", test])
        .args(["--", filter])
        .env("SIGHTLINE_BINARIES", binaries)
        .env("SIGHTLINE_SOAK_TABLE", table)
        .env("SIGHTLINE_SOAK_RUNS", runs);
    run_command(&mut tests)
}

/// Prints the rows of a tab-separated table as columns.
fn print(rows: &str) {
    let line = |row: [&str; 6]| {
        let [name, numbers @ ..] = row;
        let numbers = numbers.map(|number| format!("{number:>11}"));
        println!("{name:<44}{}", numbers.concat());
    };
    println!();
    line(["scenario", "runs", "kills", "events", "lost", "duplicates"]);
    for row in rows.lines() {
        let mut fields = row.split('\t');
        line([(); 6].map(|()| fields.next().unwrap_or_default()));
    }
}
