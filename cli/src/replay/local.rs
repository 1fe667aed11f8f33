//! Kept objects in files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use indicatif::ProgressBar;

use super::{Fate, Replay, progress};
use crate::input;

/// The folder that the files of a source are in; `None` where it is no file.
pub(super) fn folder_of(source: &str) -> Option<PathBuf> {
    let path = Path::new(source);
    if path.is_dir() {
        Some(path.to_owned())
    } else if path.is_file() {
        path.parent().map(Path::to_owned)
    } else {
        None
    }
}

impl Replay<'_> {
    /// Replays a file, or all files in a folder and those in it.
    pub(super) fn folder(&mut self, source: &str) -> Result<()> {
        let mut files = Vec::new();
        collect(Path::new(source), &mut files)?;
        files.sort();
        let bar = progress(files.len());
        for file in files {
            let name = format!("file:{}", file.display());
            let opened = input::open(&file, &ProgressBar::hidden())?;
            let fate = self
                .object(&name, opened)
                .with_context(|| file.display().to_string())?;
            match fate {
                Fate::Gone => {
                    fs::remove_file(&file)
                        .with_context(|| format!("cannot remove {}", file.display()))?;
                    self.counts.removed += 1;
                }
                Fate::Rest(lines) => {
                    replace(&file, &lines)
                        .with_context(|| format!("cannot write {}", file.display()))?;
                    self.counts.kept += 1;
                }
                Fate::Stays => self.counts.kept += 1,
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(())
    }
}

/// Whole or not at all.
fn replace(file: &Path, content: &[u8]) -> std::io::Result<()> {
    let unfinished = file.with_extension("part");
    fs::write(&unfinished, content)?;
    fs::rename(unfinished, file)
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let kind = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
    if !kind.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path).with_context(|| format!("cannot list {}", path.display()))? {
        let path = entry?.path();
        // Half-written ones.
        if path.extension().is_none_or(|extension| extension != "part") {
            collect(&path, files)?;
        }
    }
    Ok(())
}
