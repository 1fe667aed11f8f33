//! How far the input of a run is done, and how to continue it.

use std::path::{Path, PathBuf};

/// How far one file is done.
#[derive(Debug, Default)]
pub(super) struct Position {
    /// Records that were read.
    read: u64,
    /// Records from the first on that need not be sent again.
    done: u64,
    /// For each record behind those: the number after its last pending object.
    pending: Vec<usize>,
    /// Whether all of the file is done.
    pub(super) at_end: bool,
}

impl Position {
    /// At the beginning of a file of which the first `skip` records are done.
    pub(super) fn new(skip: u64) -> Self {
        Self {
            done: skip,
            ..Self::default()
        }
    }

    /// Counts the next record, and returns whether it is to be sent.
    pub(super) fn advance(&mut self) -> bool {
        self.read += 1;
        self.read > self.done
    }

    /// Notes that the record which was counted last ends at so many pending objects.
    pub(super) fn pend(&mut self, objects: usize) {
        self.pending.push(objects);
    }

    /// Takes that every pending object is delivered or kept.
    pub(super) fn settle(&mut self) {
        self.done += self.pending.len() as u64;
        self.pending.clear();
    }

    /// Takes that of the pending objects those of these numbers are `left`. Returns how many
    /// others a run that continues here sends again.
    pub(super) fn settle_up_to(&mut self, left: &[usize]) -> usize {
        let first = left.first().copied().unwrap_or(usize::MAX);
        let is_done = |end: &&usize| **end <= first;
        let records = self.pending.iter().take_while(is_done).count();
        let all = self.pending.last().copied().unwrap_or(0);
        let done = records.checked_sub(1).map_or(0, |last| self.pending[last]);
        self.done += records as u64;
        self.pending.clear();
        all - done - left.len()
    }

    /// Whether every record that was read is done.
    pub(super) fn is_settled(&self) -> bool {
        self.done >= self.read
    }

    /// Records that were to be skipped and are not there.
    pub(super) fn missing(&self) -> u64 {
        self.done.saturating_sub(self.read)
    }

    /// The arguments that continue here in the first of `files`, or `None` if all of them are done.
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

/// A path as a POSIX shell reads it.
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
    fn a_run_continues_with_the_first_record_that_is_left() {
        let mut position = Position::new(0);
        for objects in [1, 1, 3, 4] {
            assert!(position.advance());
            position.pend(objects);
        }
        // The third record has two objects, of which the first is delivered, like the fourth.
        assert_eq!(position.settle_up_to(&[2]), 2);
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
    fn records_that_are_done_are_skipped() {
        let mut position = Position::new(2);
        let sent: Vec<bool> = (0..4).map(|_| position.advance()).collect();
        assert_eq!(sent, [false, false, true, true]);
        position.pend(1);
        position.pend(2);
        position.settle();
        assert_eq!((position.missing(), position.done), (0, 4));
        let short = Position::new(2);
        assert_eq!(short.missing(), 2);
    }
}
