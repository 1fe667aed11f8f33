//! Kept objects in files.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use indicatif::ProgressBar;

use super::progress::{self, Fingerprint, Progress};
use super::{Fate, Replay, compressed, progress_bar};
use crate::input;

/// The folder that the files of a source are in, or `None` if the source is not a file.
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
    /// Replays a file, or all files in a folder and its subfolders.
    pub(super) fn folder(&mut self, source: &str) -> Result<()> {
        let mut files = Vec::new();
        collect(Path::new(source), &mut files)?;
        files.sort();
        let (notes, files): (Vec<_>, Vec<_>) = files
            .into_iter()
            .partition(|path| progress::file_of(path).is_some());
        if !self.arguments.dry_run && !self.arguments.keep {
            remove_orphans(&notes);
        }
        let bar = progress_bar(files.len());
        for file in files {
            if self.ends() {
                break;
            }
            if let Err(error) = self.file(&file) {
                self.note(&file.display().to_string(), &error);
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(())
    }

    fn file(&mut self, file: &Path) -> Result<()> {
        let name = format!("file:{}", file.display());
        let open = || input::open(file, &ProgressBar::hidden());
        // To its end first: of a truncated file, no part is sent at each replay.
        let content = Fingerprint::of(open()?).context("cannot be read to its end")?;
        let progress = self.progress(file, &content)?;
        let (fate, progress) = self.object(&name, open()?, progress)?;
        match fate {
            Fate::Gone => {
                fs::remove_file(file).context("cannot be removed")?;
                progress.remove()?;
                self.counts.removed += 1;
            }
            Fate::Rest(lines) => {
                rewrite(file, &lines).context(
                    "what is left of it cannot be written; it stays whole, and the next replay skips the lines that are \
                     delivered",
                )?;
                progress.remove()?;
                self.counts.kept += 1;
            }
            Fate::Stays => {
                progress.remove_if_empty()?;
                self.counts.kept += 1;
            }
        }
        Ok(())
    }

    /// Which lines of `file` are delivered. Where lines will be, there is room to note them before
    /// anything is sent.
    fn progress(&self, file: &Path, content: &Fingerprint) -> Result<Progress> {
        if self.arguments.keep {
            return Ok(Progress::default());
        }
        if self.arguments.dry_run {
            return Ok(Progress::read(file, content));
        }
        Progress::open(file, content).context(
            "nothing of it was sent, because its progress cannot be noted in the same folder (--keep sends without)",
        )
    }
}

/// Replaces the content of `file`, compressed if it was.
fn rewrite(file: &Path, lines: &[u8]) -> Result<()> {
    let mut start = Vec::new();
    fs::File::open(file)?.take(2).read_to_end(&mut start)?;
    if cloudtrail::is_gzip(&start) {
        hec_client::write_file(file, &compressed(lines)?)?;
    } else {
        hec_client::write_file(file, lines)?;
    }
    Ok(())
}

/// Removes notes about files that are gone: a replay was killed after it had removed the file.
fn remove_orphans(notes: &[PathBuf]) {
    for note in notes {
        if progress::file_of(note).is_some_and(|file| !file.exists()) {
            let _gone = fs::remove_file(note);
        }
    }
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let kind = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
    if !kind.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path).with_context(|| format!("cannot list {}", path.display()))? {
        let path = entry?.path();
        if !hec_client::is_unfinished(&path) {
            collect(&path, files)?;
        }
    }
    Ok(())
}
