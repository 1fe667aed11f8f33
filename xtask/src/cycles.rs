//! Import cycles: files of a crate that use each other, directly or over further files.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::source::{self, SourceFile};
use crate::workspace::root;

/// Files that are part of a cycle today, one path per line. The list only shrinks: a file that is no longer part
/// of a cycle must be removed from it.
const TOLERATED: &str = "xtask/import-cycles.txt";

/// The files that each file uses.
type Uses = BTreeMap<String, BTreeSet<String>>;

/// Checks that no files of a crate use each other.
///
/// # Errors
/// Lists one cycle for each group of files that use each other, and the entries of the list that are stale.
pub(crate) fn check(targets: &[Vec<SourceFile>]) -> Result<()> {
    let list = fs::read_to_string(root().join(TOLERATED)).context(TOLERATED)?;
    let lines = list
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let uses: Vec<Uses> = targets.iter().map(|files| uses(files)).collect();
    let faults = faults(&uses, &lines.collect());
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    let files: usize = targets.iter().map(Vec::len).sum();
    println!("{files} files: no import cycle that is not listed in {TOLERATED}");
    Ok(())
}

fn uses(files: &[SourceFile]) -> Uses {
    let name = |index: usize| {
        let path: &Path = &files[index].path;
        let path = path.strip_prefix(root()).unwrap_or(path);
        path.display().to_string()
    };
    let imports = source::imports(files).into_iter().enumerate();
    imports
        .map(|(file, used)| (name(file), used.into_iter().map(name).collect()))
        .collect()
}

fn faults(targets: &[Uses], tolerated: &BTreeSet<&str>) -> Vec<String> {
    let mut stale = tolerated.clone();
    let mut faults = Vec::new();
    for uses in targets {
        for file in uses.keys() {
            let Some(cycle) = cycle(uses, file) else {
                continue;
            };
            if !tolerated.contains(file.as_str()) {
                faults.push(format!("import cycle: {}", cycle.join(" → ")));
            }
            stale.remove(file.as_str());
        }
    }
    let stale = stale.iter();
    faults.extend(
        stale.map(|file| format!("{file} is in no import cycle: remove it from {TOLERATED}")),
    );
    faults
}

/// The shortest way from a file back to itself.
fn cycle<'u>(uses: &'u Uses, start: &'u str) -> Option<Vec<&'u str>> {
    let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(file) = queue.pop_front() {
        for used in uses.get(file).into_iter().flatten() {
            if used == start {
                let mut cycle = vec![start, file];
                let mut at = file;
                while at != start {
                    at = came_from[at];
                    cycle.push(at);
                }
                cycle.reverse();
                // A file that only uses itself is no file of this list.
                return Some(cycle);
            }
            if !came_from.contains_key(used.as_str()) {
                came_from.insert(used, file);
                queue.push_back(used);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses(pairs: &[(&str, &[&str])]) -> Vec<Uses> {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        vec![
            pairs
                .iter()
                .map(|(file, used)| ((*file).to_owned(), names(used)))
                .collect(),
        ]
    }

    #[test]
    fn a_cycle_is_reported_for_every_file_in_it() {
        let uses = uses(&[("a", &["b"]), ("b", &["c"]), ("c", &["a"]), ("d", &["a"])]);
        let faults = faults(&uses, &BTreeSet::new());
        assert_eq!(
            faults,
            [
                "import cycle: a → b → c → a",
                "import cycle: b → c → a → b",
                "import cycle: c → a → b → c"
            ]
        );
    }

    #[test]
    fn files_without_a_cycle_pass() {
        let uses = uses(&[("a", &["b", "c"]), ("b", &["c"]), ("c", &[])]);
        assert!(faults(&uses, &BTreeSet::new()).is_empty());
    }

    #[test]
    fn a_listed_file_passes_until_its_cycle_is_gone() {
        let listed = BTreeSet::from(["a", "b"]);
        let with_cycle = uses(&[("a", &["b"]), ("b", &["a"])]);
        assert!(faults(&with_cycle, &listed).is_empty());
        let without = uses(&[("a", &["b"]), ("b", &[])]);
        assert_eq!(faults(&without, &listed).len(), 2);
    }
}
