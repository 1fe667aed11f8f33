//! Runs with seeds in which no event may be lost: processes that are killed at random points, and
//! collectors that restart.
//!
//! The shipped binaries run under the Runtime API stub, between a cloud in memory and the loopback
//! collector. Invocations without a response are repeated, as by SQS and Firehose. The tests make a few
//! runs; `cargo xtask soak` makes many and prints a table.
//!
//! | variable | meaning |
//! |---|---|
//! | `SIGHTLINE_SOAK_RUNS`, `SIGHTLINE_SOAK_SEED` | see `testkit::soak` |
//! | `SIGHTLINE_SOAK_TABLE` | file to which each scenario adds its row |

mod account;
mod commands;
mod firehose;
mod forwarders;
mod run;
mod subscription;

use std::env;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::sync::Mutex;

use scenarios::artifacts;
use testkit::soak;

use run::{Run, Trouble};

impl Trouble {
    /// Runs of one scenario in the tests.
    fn runs(self) -> u64 {
        match self {
            Self::Kills => 5,
            Self::Restarts => 10,
        }
    }

    /// Number of concurrent runs: runs with kills start processes all the time, the others mostly wait.
    fn parallel(self) -> usize {
        match self {
            Self::Kills => 3,
            Self::Restarts => 10,
        }
    }
}

/// The sum of all runs of a scenario.
#[derive(Default)]
struct Total {
    runs: u64,
    kills: u64,
    events: usize,
    lost: usize,
    duplicates: usize,
}

/// Makes the runs of the scenario `name`, in which `drive` needs these binaries.
fn all(name: &str, trouble: Trouble, binaries: &[&str], drive: impl Fn(&mut Run) + Sync) {
    if binaries
        .iter()
        .any(|name| artifacts::binary(name).is_none())
    {
        return;
    }
    let seeds = Mutex::new(soak::runs_or(trouble.runs()));
    let total = Mutex::new(Total::default());
    std::thread::scope(|scope| {
        for _ in 0..trouble.parallel() {
            scope.spawn(|| {
                loop {
                    let next = seeds.lock().expect("no panic holds it").next();
                    let Some(seed) = next else { return };
                    one(name, &seed, trouble, &drive, &total);
                }
            });
        }
    });
    let total = total.into_inner().expect("no panic holds it");
    let kills = trouble == Trouble::Kills;
    assert!(!kills || total.kills > 0, "no process was killed");
    assert!(
        kills || total.duplicates > 0,
        "nothing was ever sent again: the collector made no trouble"
    );
    note(name, &total);
}

fn one(
    name: &str,
    seed: &soak::Run,
    trouble: Trouble,
    drive: impl Fn(&mut Run),
    total: &Mutex<Total>,
) {
    let mut run = Run::new(seed.seed(), trouble);
    drive(&mut run);
    let kills = run.kills;
    let balance = run.end();
    let (lost, excess) = (&balance.lost, &balance.excess);
    assert!(lost.is_empty(), "{name}: lost {lost:?}");
    assert!(excess.is_empty(), "{name}: {excess:?}");
    let mut total = total.lock().expect("no panic holds it");
    total.runs += 1;
    total.kills += u64::from(kills);
    total.events += balance.events;
    total.lost += balance.lost.len();
    total.duplicates += balance.duplicates;
    if total.runs.is_multiple_of(10) {
        // Written directly, because the test harness captures output until the end.
        let line = format!("{name}: {} runs, lost {}\n", total.runs, total.lost);
        std::io::stderr().write_all(line.as_bytes()).ok();
    }
}

/// Adds the row of a scenario to the table.
fn note(name: &str, total: &Total) {
    let Total {
        runs,
        kills,
        events,
        lost,
        duplicates,
    } = total;
    println!(
        "{name}: runs {runs}, kills {kills}, events {events}, lost {lost}, duplicates {duplicates}"
    );
    if let Some(table) = env::var_os("SIGHTLINE_SOAK_TABLE") {
        let row = format!("{name}\t{runs}\t{kills}\t{events}\t{lost}\t{duplicates}\n");
        let mut table = OpenOptions::new().append(true).create(true).open(table);
        let written = table.as_mut().map(|table| table.write_all(row.as_bytes()));
        assert!(matches!(written, Ok(Ok(()))), "the table cannot be written");
    }
}
