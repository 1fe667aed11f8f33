//! Permanently rejected events, stored where `sightline replay` finds them.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::DateTime;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::future::BoxFuture;
use thiserror::Error;
use uuid::Uuid;

use crate::file::write_file;

/// Where dead letters are stored.
pub trait DeadLetterStore: Send + Sync {
    /// What `sightline replay` accepts to deliver them: a folder or an S3 URL.
    fn location(&self) -> String;

    /// Stores a dead letter and returns where.
    fn put<'a>(&'a self, letter: DeadLetter<'a>) -> BoxFuture<'a, Result<String, DeadLetterError>>;
}

/// Events that could not be delivered.
pub struct DeadLetter<'l> {
    /// `dead-letters/<function>/<year>/<month>/<day>/<hour>/<reason>-<uuid>.json.gz`, in UTC.
    pub key: String,
    /// HEC objects, one per line, gzipped.
    pub body: Vec<u8>,
    /// The function that could not deliver them.
    pub function: &'l str,
    /// Where the events come from: a bucket and key, a queue.
    pub input: &'l str,
    /// Why they are dead letters: a word.
    pub reason: &'l str,
}

/// Why a dead letter could not be stored.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DeadLetterError {
    /// No store is configured.
    #[error(
        "the collector permanently rejects events, and there is no place to keep them: set DLQ_BUCKET, or name a folder \
         with --dead-letters on the command line"
    )]
    NoStore,
    /// The store did not respond in time.
    #[error("dead letters were not stored in time")]
    Timeout,
    /// The store failed.
    #[error("{0}")]
    Store(String),
}

impl<'l> DeadLetter<'l> {
    /// A dead letter with the HEC objects in `lines`, one per line.
    pub(crate) fn new(lines: &[u8], function: &'l str, input: &'l str, reason: &'l str) -> Self {
        let (hour, id) = (hour(SystemTime::now()), Uuid::new_v4());
        let key = format!("dead-letters/{function}/{hour}/{reason}-{id}.json.gz");
        Self {
            key,
            body: compressed(lines),
            function,
            input,
            reason,
        }
    }
}

/// A folder for dead letters.
pub struct DeadLetterFolder(PathBuf);

impl DeadLetterFolder {
    /// Stores dead letters below the folder at `path`, which is created when it is needed.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }
}

impl DeadLetterStore for DeadLetterFolder {
    fn location(&self) -> String {
        self.0.display().to_string()
    }

    fn put<'a>(&'a self, letter: DeadLetter<'a>) -> BoxFuture<'a, Result<String, DeadLetterError>> {
        let path = self.0.join(&letter.key);
        let stored = write(&path, &letter.body).map_err(|error| {
            let folder = self.0.display();
            DeadLetterError::Store(format!("cannot keep dead letters in {folder}: {error}"))
        });
        Box::pin(std::future::ready(
            stored.map(|()| path.display().to_string()),
        ))
    }
}

fn write(path: &Path, body: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    write_file(path, body)
}

fn compressed(lines: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    let written = gzip.write_all(lines).and_then(|()| gzip.finish());
    written.expect("writing into memory cannot fail")
}

/// `<year>/<month>/<day>/<hour>` in UTC.
fn hour(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or_default();
    let time = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    time.format("%Y/%m/%d/%H").to_string()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn keys_have_the_date_and_hour_of_utc() {
        for (days, expected) in [
            (0, "1970/01/01/00"),
            (59, "1970/03/01/00"),
            (11_016, "2000/02/29/00"),
            (20_778, "2026/11/21/00"),
        ] {
            let midnight = UNIX_EPOCH + Duration::from_secs(days * 86_400);
            assert_eq!(hour(midnight), expected);
            let last = hour(midnight + Duration::from_secs(86_399));
            assert_eq!(last, expected.replace("/00", "/23"));
        }
    }
}
