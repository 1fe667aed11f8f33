//! Retired identifiers and phrases: `xtask/retired.txt` lists them, and no tracked file contains them.

use std::fs;

use anyhow::{Context, Result, bail, ensure};
use globset::{Glob, GlobSet, GlobSetBuilder};
use regex::Regex;

use crate::workspace::{command, read, root};

/// The list, with its format.
const LIST: &str = "xtask/retired.txt";

/// Files that are never searched: history, generated text, captured data, and the list itself.
const EXCLUDED: &[&str] = &[
    "**/Cargo.lock",
    "**/package-lock.json",
    "CHANGELOG.md",
    "LICENSE",
    "detections/event_names*.txt",
    "fixtures/**",
    LIST,
];

/// What stands between two words of a phrase: spaces, or a line break with the marker of a comment.
const SPACE: &str = r"(?:\s*\\?\n[ \t]*(?:///|//!|//|#|\*|>)?[ \t]*|[ \t]+)";

struct Entry {
    text: String,
    replacement: String,
    pattern: Regex,
    included: GlobSet,
    excluded: GlobSet,
}

/// Searches all tracked text files.
///
/// # Errors
/// Lists every place that contains a retired text; or the list itself is not valid.
pub(crate) fn check() -> Result<()> {
    let list = fs::read_to_string(root().join(LIST)).context(LIST)?;
    let entries = parse(&list).context(LIST)?;
    let excluded = globs(EXCLUDED.iter().copied())?;
    let tracked = read(command("git").args(["ls-files", "-z"]))?;
    let mut found = Vec::new();
    let mut searched = 0;
    for path in tracked
        .split_terminator('\0')
        .filter(|path| !excluded.is_match(path))
    {
        // Deleted, or not text.
        let Ok(text) = fs::read_to_string(root().join(path)) else {
            continue;
        };
        searched += 1;
        found.extend(matches(path, &text, &entries));
    }
    if !found.is_empty() {
        bail!("{}", found.join("\n"));
    }
    println!(
        "{searched} files contain none of {} retired texts",
        entries.len()
    );
    Ok(())
}

fn matches(path: &str, text: &str, entries: &[Entry]) -> Vec<String> {
    let applicable = entries
        .iter()
        .filter(|entry| entry.included.is_match(path) && !entry.excluded.is_match(path));
    let found = applicable.flat_map(|entry| {
        entry.pattern.find_iter(text).map(move |place| {
            let line = text[..place.start()].matches('\n').count() + 1;
            let Entry {
                text, replacement, ..
            } = entry;
            format!("{path}:{line}: `{text}` is retired, use: {replacement}")
        })
    });
    found.collect()
}

fn parse(list: &str) -> Result<Vec<Entry>> {
    let lines = list.lines().enumerate();
    let entries = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    entries
        .map(|(index, line)| entry(line).with_context(|| format!("line {}", index + 1)))
        .collect()
}

fn entry(line: &str) -> Result<Entry> {
    let columns: Vec<&str> = line.split(" | ").map(str::trim).collect();
    let [text, scope, replacement] = columns[..] else {
        bail!("expected `text | where | what to write instead`");
    };
    ensure!(
        !text.is_empty() && !scope.is_empty(),
        "the text and its scope must not be empty"
    );
    let scope = scope.split(',').map(str::trim);
    let (excluded, included): (Vec<&str>, Vec<&str>) =
        scope.partition(|glob| glob.starts_with('!'));
    Ok(Entry {
        text: text.to_owned(),
        replacement: replacement.to_owned(),
        pattern: pattern(text)?,
        included: globs(included)?,
        excluded: globs(excluded.iter().map(|glob| &glob[1..]))?,
    })
}

/// Whole words, with any white space between them.
fn pattern(text: &str) -> Result<Regex> {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    let border = |is_needed| if is_needed { r"\b" } else { "" };
    let words: Vec<String> = text.split(' ').map(regex::escape).collect();
    let pattern = [
        border(text.starts_with(is_word)),
        &words.join(SPACE),
        border(text.ends_with(is_word)),
    ];
    Ok(Regex::new(&pattern.concat())?)
}

fn globs<'g>(patterns: impl IntoIterator<Item = &'g str>) -> Result<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(Glob::new(pattern)?);
    }
    Ok(set.build()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(list: &str, path: &str, text: &str) -> Vec<String> {
        matches(path, text, &parse(list).unwrap())
    }

    #[test]
    fn a_retired_text_is_found_with_its_line_and_replacement() {
        let found = found(
            "Sink | **/*.rs | HecClient",
            "a/b.rs",
            "x\nlet s = Sink::new();",
        );
        assert_eq!(found, ["a/b.rs:2: `Sink` is retired, use: HecClient"]);
    }

    #[test]
    fn only_whole_words_match() {
        for text in ["Sinks", "a_Sink", "sink", "LogSink"] {
            assert!(
                found("Sink | ** | HecClient", "a.rs", text).is_empty(),
                "{text}"
            );
        }
        assert_eq!(found("old:: | ** | new::", "a.rs", "old::load").len(), 1);
    }

    #[test]
    fn a_phrase_matches_across_lines_of_a_comment() {
        let list = "put back | ** | re-ingested";
        for text in [
            "put  back",
            "put\nback",
            "    /// put\n    /// back",
            "# put\n# back",
            "put \\\n  back",
        ] {
            assert_eq!(found(list, "a.rs", text).len(), 1, "{text}");
        }
        assert!(found(list, "a.rs", "put it back").is_empty());
    }

    #[test]
    fn the_scope_limits_the_search() {
        let list = "lane | **/*.md, docs/**, !docs/old/** | pipeline";
        for (path, expected) in [
            ("a.md", 1),
            ("docs/a.txt", 1),
            ("docs/old/a.md", 0),
            ("a.rs", 0),
        ] {
            assert_eq!(found(list, path, "a lane").len(), expected, "{path}");
        }
    }

    #[test]
    fn comments_are_skipped_and_other_lines_need_three_columns() {
        assert!(parse("# text\n\n").unwrap().is_empty());
        assert!(parse("one | two").is_err());
        assert!(parse("one |  | two").is_err());
    }
}
