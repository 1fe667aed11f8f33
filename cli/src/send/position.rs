//! How much of the input is done, and the arguments that continue the run.

use std::path::{Path, PathBuf};

/// How much of one file is done.
#[derive(Debug, Default)]
pub(super) struct Position {
    /// The number of records that were read.
    read: u64,
    /// The number of leading records that need not be sent again.
    done: u64,
    /// For each record after those: the end of its HEC objects in the pending batch.
    pending: Vec<usize>,
    /// Whether the whole file is done.
    pub(super) at_end: bool,
}

impl Position {
    /// The start of a file whose first `skip` records are done.
    pub(super) fn new(skip: u64) -> Self {
        Self {
            done: skip,
            ..Self::default()
        }
    }

    /// Counts the next record, and returns whether it must be sent.
    pub(super) fn advance(&mut self) -> bool {
        self.read += 1;
        self.read > self.done
    }

    /// The number of the last counted record, from 1.
    pub(super) fn number(&self) -> u64 {
        self.read
    }

    /// Records that the pending batch has `objects` HEC objects after the last counted record.
    pub(super) fn add_pending(&mut self, objects: usize) {
        self.pending.push(objects);
    }

    /// Marks all pending records as done.
    pub(super) fn mark_done(&mut self) {
        self.done += self.pending.len() as u64;
        self.pending.clear();
    }

    /// Marks the pending records before the first of the `undelivered` HEC objects as done. Returns
    /// the number of delivered objects after it, which the run that continues here sends again.
    pub(super) fn mark_done_before(&mut self, undelivered: &[usize]) -> usize {
        let first = undelivered.first().copied().unwrap_or(usize::MAX);
        let is_done = |end: &&usize| **end <= first;
        let records = self.pending.iter().take_while(is_done).count();
        let all = self.pending.last().copied().unwrap_or(0);
        let done = records.checked_sub(1).map_or(0, |last| self.pending[last]);
        self.done += records as u64;
        self.pending.clear();
        all - done - undelivered.len()
    }

    /// Whether every record that was read is done.
    pub(super) fn is_done(&self) -> bool {
        self.done >= self.read
    }

    /// The number of records that should be skipped but do not exist.
    pub(super) fn missing(&self) -> u64 {
        self.done.saturating_sub(self.read)
    }

    /// The arguments that continue here, in the first of `files`, or `None` if all files are done.
    pub(super) fn arguments(&self, files: &[PathBuf]) -> Option<String> {
        let (files, skip) = match files {
            [_, others @ ..] if self.at_end => (others, 0),
            _ => (files, self.done),
        };
        if files.is_empty() {
            return None;
        }
        let option = (skip > 0).then(|| format!("--skip-records {skip}"));
        let files = files.iter().map(|file| quoted(file));
        let words: Vec<String> = option.into_iter().chain(files).collect();
        Some(words.join(" "))
    }
}

/// The path, quoted for a POSIX shell.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%,=".contains(c);
    if !path.is_empty() && path.chars().all(is_plain) {
        return path;
    }
    format!("'{}'", path.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_continues_with_the_first_undelivered_record() {
        let mut position = Position::new(0);
        for objects in [1, 1, 3, 4] {
            assert!(position.advance());
            position.add_pending(objects);
        }
        // The third record has two objects, of which the first is delivered, like the fourth.
        assert_eq!(position.mark_done_before(&[2]), 2);
        let files = [PathBuf::from("a.gz"), PathBuf::from("b c.gz")];
        assert_eq!(
            position.arguments(&files).as_deref(),
            Some("--skip-records 2 a.gz 'b c.gz'")
        );
        position.at_end = true;
        assert_eq!(position.arguments(&files).as_deref(), Some("'b c.gz'"));
        assert_eq!(position.arguments(&files[..1]), None);
    }

    #[test]
    fn done_records_are_skipped() {
        let mut position = Position::new(2);
        let sent: Vec<bool> = (0..4).map(|_| position.advance()).collect();
        assert_eq!(sent, [false, false, true, true]);
        position.add_pending(1);
        position.add_pending(2);
        position.mark_done();
        assert_eq!((position.missing(), position.done), (0, 4));
        let short = Position::new(2);
        assert_eq!(short.missing(), 2);
    }
}
