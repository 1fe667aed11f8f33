//! Links in Markdown files: every relative target is a tracked file or folder, and every anchor a heading.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Result, bail};
use regex::Regex;

use crate::workspace::{command, read, root};

/// A Markdown file: its links with their lines, and the anchors of its headings.
#[derive(Default)]
struct Page {
    links: Vec<(usize, String)>,
    anchors: BTreeSet<String>,
}

/// Checks the relative links of all tracked Markdown files. Links to other sites are not followed.
///
/// # Errors
/// Lists every link without a target.
pub(crate) fn check() -> Result<()> {
    let tracked = read(command("git").args(["ls-files", "-z"]))?;
    let files: BTreeSet<PathBuf> = tracked.split_terminator('\0').map(PathBuf::from).collect();
    let mut pages = BTreeMap::new();
    for file in files.iter().filter(|file| has_extension(file, "md")) {
        // A file that was deleted is still tracked until the commit.
        if let Ok(text) = fs::read_to_string(root().join(file)) {
            pages.insert(file.clone(), Page::parse(&text));
        }
    }
    let broken = broken(&pages, |path| {
        files.iter().any(|file| file.starts_with(path))
    });
    if !broken.is_empty() {
        bail!("{}", broken.join("\n"));
    }
    let links: usize = pages.values().map(|page| page.links.len()).sum();
    println!(
        "{links} relative links in {} pages lead to something",
        pages.len()
    );
    Ok(())
}

fn has_extension(file: &Path, wanted: &str) -> bool {
    file.extension()
        .is_some_and(|extension| extension == wanted)
}

/// One line for each link that leads nowhere.
fn broken(pages: &BTreeMap<PathBuf, Page>, exists: impl Fn(&Path) -> bool) -> Vec<String> {
    let mut broken = Vec::new();
    for (file, page) in pages {
        for (line, link) in &page.links {
            let (target, anchor) = link.split_once('#').unwrap_or((link, ""));
            let path = resolve(file, target);
            let place = format!("{}:{line}: {link}", file.display());
            if !exists(&path) {
                broken.push(format!("{place}: no such file"));
            } else if !anchor.is_empty()
                && let Some(target) = pages.get(&path)
                && !target.anchors.contains(anchor)
            {
                broken.push(format!("{place}: no such heading"));
            }
        }
    }
    broken
}

/// The path that a link in `file` names, relative to the root.
fn resolve(file: &Path, target: &str) -> PathBuf {
    if target.is_empty() {
        return file.to_owned();
    }
    let mut path = file.parent().unwrap_or(Path::new("")).to_owned();
    for component in Path::new(target).components() {
        match component {
            Component::ParentDir => {
                path.pop();
            }
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    path
}

impl Page {
    fn parse(text: &str) -> Self {
        let link = Regex::new(r"\]\(([^()\s]+)\)").expect("a constant pattern");
        let mut page = Self::default();
        let mut in_code = false;
        for (at, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("```") {
                in_code = !in_code;
            } else if !in_code {
                let targets = link.captures_iter(line).map(|found| found[1].to_owned());
                let relative = targets.filter(|target| !target.contains(':'));
                page.links.extend(relative.map(|target| (at + 1, target)));
                if let Some(title) = heading(line) {
                    page.add_anchor(title);
                }
            }
        }
        page
    }

    /// GitHub numbers headings of the same text from the second one on.
    fn add_anchor(&mut self, title: &str) {
        let anchor = slug(title);
        let numbered = (1..).map(|number| format!("{anchor}-{number}"));
        let mut candidates = std::iter::once(anchor.clone()).chain(numbered);
        let free = candidates.find(|candidate| !self.anchors.contains(candidate));
        self.anchors.extend(free);
    }
}

fn heading(line: &str) -> Option<&str> {
    let title = line.trim_start_matches('#');
    (title.len() < line.len()).then(|| title.strip_prefix(' '))?
}

/// The anchor that GitHub gives to a heading.
fn slug(title: &str) -> String {
    let kept = title
        .trim()
        .chars()
        .filter_map(|character| match character {
            ' ' => Some('-'),
            '-' | '_' => Some(character),
            _ => character.is_alphanumeric().then_some(character),
        });
    kept.collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_page(text: &str) -> Vec<String> {
        let other = Page::parse("# Other page\n## A `code`, twice\n## A `code`, twice\n");
        let file = PathBuf::from("docs/page.md");
        let pages = BTreeMap::from([
            (file, Page::parse(text)),
            (PathBuf::from("OTHER.md"), other),
        ]);
        broken(&pages, |path| pages.contains_key(path))
    }

    #[test]
    fn links_to_files_and_headings_pass() {
        let text = "# Here\n[a](../OTHER.md) [b](../OTHER.md#a-code-twice-1) [c](#here) [d](https://example.com/x)";
        assert_eq!(check_page(text), Vec::<String>::new());
    }

    #[test]
    fn links_in_code_are_ignored() {
        assert_eq!(
            check_page("```\n[a](nowhere.md)\n```"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn missing_files_and_headings_are_reported() {
        assert_eq!(
            check_page("[a](OTHER.md)\n[b](../OTHER.md#third)\n[c](#there)"),
            [
                "docs/page.md:1: OTHER.md: no such file",
                "docs/page.md:2: ../OTHER.md#third: no such heading",
                "docs/page.md:3: #there: no such heading",
            ]
        );
    }
}
