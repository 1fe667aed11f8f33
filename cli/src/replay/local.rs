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
            if let Err(error) = self.file(&file) {
                self.note(&file.display().to_string(), &error);
            }
            if self.is_stopped {
                break;
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(())
    }
}

impl Replay<'_> {
    fn file(&mut self, file: &Path) -> Result<()> {
        let name = format!("file:{}", file.display());
        let open = || input::open(file, &ProgressBar::hidden());
        // To its end first: of one that is cut short, no part is to be sent each time.
        std::io::copy(&mut open()?, &mut std::io::sink()).context("cannot be read to its end")?;
        match self.object(&name, open()?)? {
            Fate::Gone => {
                fs::remove_file(file).context("cannot be removed")?;
                self.counts.removed += 1;
            }
            Fate::Rest(lines) => {
                replace(file, &lines).context("cannot be written")?;
                self.counts.kept += 1;
            }
            Fate::Stays => self.counts.kept += 1,
        }
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
