//! Stored objects in files.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use indicatif::ProgressBar;

use super::progress::{self, Fingerprint, Progress};
use super::session::{ObjectAction, ReplaySession, compressed, progress_bar};
use crate::input;

/// The folder of a source, or `None` if the source is not a file or folder.
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

impl ReplaySession<'_> {
    /// Replays a file, or all files of a folder and its subfolders.
    pub(super) fn folder(&mut self, source: &str) -> Result<()> {
        let mut files = Vec::new();
        collect(Path::new(source), &mut files)?;
        files.sort();
        let (progress_files, files): (Vec<_>, Vec<_>) = files
            .into_iter()
            .partition(|path| progress::replayed_file(path).is_some());
        if !self.arguments.dry_run && !self.arguments.keep {
            remove_orphans(&progress_files);
        }
        let bar = progress_bar(files.len());
        for file in files {
            if self.is_stopped() {
                break;
            }
            if let Err(error) = self.file(&file) {
                self.report_failure(&file.display().to_string(), &error);
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(())
    }

    fn file(&mut self, file: &Path) -> Result<()> {
        let name = format!("file:{}", file.display());
        let open = || input::open(file, &ProgressBar::hidden());
        // Reads all of it first, so that a truncated file is not partly sent by every replay.
        let content = Fingerprint::of(open()?).context("cannot be read completely")?;
        let progress = self.progress(file, &content)?;
        let (action, progress) = self.object(&name, open()?, progress)?;
        match action {
            ObjectAction::Delete => {
                fs::remove_file(file).context("cannot be removed")?;
                progress.remove()?;
                self.counts.removed += 1;
            }
            ObjectAction::Rewrite(lines) => {
                rewrite(file, &lines).context(
                    "the remaining lines cannot be written; the file is unchanged, and the next replay skips the delivered \
                     lines",
                )?;
                progress.remove()?;
                self.counts.kept += 1;
            }
            ObjectAction::Keep => {
                progress.remove_if_empty()?;
                self.counts.kept += 1;
            }
        }
        Ok(())
    }

    /// Which lines of `file` are delivered. Disk space to record the others is allocated here,
    /// before anything is sent.
    fn progress(&self, file: &Path, content: &Fingerprint) -> Result<Progress> {
        if self.arguments.keep {
            return Ok(Progress::default());
        }
        if self.arguments.dry_run {
            return Ok(Progress::read(file, content));
        }
        Progress::open(file, content).context(
            "nothing was sent, because the progress file cannot be written to the same folder (--keep sends without one)",
        )
    }
}

/// Replaces the content of `file`, compressed if it was compressed.
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

/// Removes the progress files of missing files: a replay was killed after it had removed them.
fn remove_orphans(progress_files: &[PathBuf]) {
    for path in progress_files {
        if progress::replayed_file(path).is_some_and(|file| !file.exists()) {
            let _result = fs::remove_file(path);
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
