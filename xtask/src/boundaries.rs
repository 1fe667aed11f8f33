//! The shape of the house: crates depend downwards only, and pure ones see no I/O crate.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use crate::workspace::{cargo, read};

/// Every crate of the workspace from the ground up. A crate may depend on those of lower floors only,
/// never on a neighbour.
const FLOORS: &[(&str, &[&str])] = &[
    ("ground", &["cloudtrail", "detection", "firehose", "hec"]),
    ("leaf", &["masking", "settings"]),
    ("pipeline", &["pipeline"]),
    ("shell", &["delivery", "testkit"]),
    ("runtime", &["runtime"]),
    (
        "function",
        &[
            "event-forwarder",
            "firehose-relay",
            "firehose-transform",
            "s3-forwarder",
        ],
    ),
    ("command line", &["sightline"]),
];

/// Crates that stand beside the house: nothing depends on them.
const OUTSIDE: &[&str] = &["scenarios", "xtask"];

/// The highest floor that is pure: no async, I/O, environment or clock.
const PURE_FLOORS: usize = 3;

/// What a pure crate must not reach, not even through another crate. A trailing `*` stands for any ending.
const IMPURE: &[&str] = &[
    "async-*",
    "aws*",
    "h2",
    "http*",
    "hyper*",
    "lambda*",
    "mio",
    "native-tls",
    "openssl*",
    "reqwest",
    "rustls*",
    "signal-hook*",
    "socket2",
    "tokio*",
    "tower*",
    "tracing*",
    "ureq",
];

/// Checks every crate of the workspace against its floor.
///
/// # Errors
/// Names every crossing, all at once.
pub(crate) fn check() -> Result<()> {
    let members = names(&["--workspace", "--depth", "0"])?;
    let mut crossings = Vec::new();
    for member in &members {
        if OUTSIDE.contains(&member.as_str()) {
            continue;
        }
        let Some(floor) = floor_of(member) else {
            crossings.push(format!(
                "{member} has no floor yet: give it one in xtask/src/boundaries.rs"
            ));
            continue;
        };
        let mut tree = names(&["--package", member])?;
        tree.remove(member);
        crossings.extend(judge(member, floor, &tree));
    }
    if !crossings.is_empty() {
        bail!("{}", crossings.join("\n"));
    }
    println!("{} crates keep to their floors", members.len());
    Ok(())
}

fn judge(member: &str, floor: usize, tree: &BTreeSet<String>) -> Vec<String> {
    let mut crossings = Vec::new();
    for name in tree {
        match floor_of(name) {
            Some(other) if other >= floor => crossings.push(format!(
                "{member} ({}) must not depend on {name} ({})",
                FLOORS[floor].0, FLOORS[other].0
            )),
            None if OUTSIDE.contains(&name.as_str()) => {
                crossings.push(format!(
                    "{member} must not depend on {name}, which stands outside"
                ));
            }
            None if floor < PURE_FLOORS && is_impure(name) => {
                crossings.push(format!("{member} is pure and must not depend on {name}"));
            }
            _ => {}
        }
    }
    crossings
}

fn floor_of(name: &str) -> Option<usize> {
    FLOORS.iter().position(|(_, crates)| crates.contains(&name))
}

fn is_impure(name: &str) -> bool {
    IMPURE.iter().any(|banned| match banned.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == *banned,
    })
}

/// The packages `cargo tree` names for these arguments, what only tests and build scripts use left out.
fn names(arguments: &[&str]) -> Result<BTreeSet<String>> {
    let text = read(
        cargo()
            .args(["tree", "--locked", "--edges", "normal", "--prefix", "none"])
            .args(arguments),
    )?;
    Ok(text
        .lines()
        .filter_map(|line| line.split(' ').next())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crossings(member: &str, tree: &[&str]) -> usize {
        let tree = tree.iter().map(|&name| name.to_owned()).collect();
        judge(member, floor_of(member).unwrap(), &tree).len()
    }

    #[test]
    fn the_log_opens_up_for_every_crate_of_the_house_and_no_other() {
        let list = include_str!("../../shared/io/runtime/src/own_crates.txt");
        let ours: BTreeSet<String> = list.lines().map(str::to_owned).collect();
        let house = FLOORS.iter().flat_map(|(_, crates)| *crates);
        let house: BTreeSet<String> = house.map(|name| name.replace('-', "_")).collect();
        assert_eq!(ours, house);
    }

    #[test]
    fn a_pure_crate_reaches_no_io_crate() {
        assert_eq!(crossings("hec", &["serde", "itoa", "thiserror"]), 0);
        assert_eq!(
            crossings("hec", &["tokio-util", "aws-config", "lambda_runtime"]),
            3
        );
        assert_eq!(crossings("delivery", &["tokio", "aws-config"]), 0);
    }

    #[test]
    fn dependencies_point_downwards_only() {
        assert_eq!(crossings("pipeline", &["hec", "firehose"]), 0);
        assert_eq!(crossings("hec", &["pipeline"]), 1);
        assert_eq!(crossings("hec", &["firehose"]), 1);
        assert_eq!(crossings("testkit", &["delivery"]), 1);
        assert_eq!(
            crossings("firehose-transform", &["delivery", "pipeline", "xtask"]),
            1
        );
    }
}
