//! What the collector refuses for good, kept where `sightline replay` finds it.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use flate2::Compression;
use flate2::write::GzEncoder;
use thiserror::Error;

use crate::file::write_file;
#[cfg(feature = "aws")]
use crate::s3::{ObjectId, S3};
use crate::uuid::uuid;

/// Where dead letters go.
pub enum DeadLetters {
    /// Nowhere: nothing can be kept.
    None,
    /// A folder.
    Folder(PathBuf),
    /// A bucket.
    #[cfg(feature = "aws")]
    Bucket {
        /// The client.
        s3: S3,
        /// Its name.
        bucket: String,
    },
}

/// What a dead letter tells of itself, in the object's metadata.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'o> {
    /// The function that could not deliver; a part of the key.
    pub function: &'o str,
    /// Where the events come from: a bucket and key, a queue.
    pub input: &'o str,
    /// Why they are dead: a word.
    pub reason: &'o str,
}

/// Why a dead letter could not be kept.
#[derive(Debug, Error)]
pub enum DeadLetterError {
    /// No place is configured.
    #[error(
        "the collector permanently rejects events, and there is no place to keep them: set DLQ_BUCKET, or name a folder \
         with --dead-letters on the command line"
    )]
    NoPlace,
    /// The place did not respond in time.
    #[error("dead letters were not stored in time")]
    Late,
    /// The folder cannot be written.
    #[error("cannot keep dead letters in {folder}: {reason}")]
    Folder {
        /// Its path.
        folder: String,
        /// Why.
        reason: io::Error,
    },
    /// The bucket does not take them.
    #[cfg(feature = "aws")]
    #[error(transparent)]
    Bucket(#[from] crate::ObjectError),
}

impl DeadLetters {
    /// What `sightline replay` is given to deliver them, or `None` if nothing can be kept.
    pub fn place(&self) -> Option<String> {
        match self {
            Self::None => None,
            Self::Folder(folder) => Some(folder.display().to_string()),
            #[cfg(feature = "aws")]
            Self::Bucket { bucket, .. } => Some(format!("s3://{bucket}/dead-letters/")),
        }
    }

    /// Keeps `lines`, HEC objects one a line, and returns where: compressed, under
    /// `dead-letters/<function>/<year>/<month>/<day>/<hour>/<reason>-<uuid>.json.gz`.
    ///
    /// # Errors
    /// See [`DeadLetterError`].
    pub async fn keep(&self, lines: &[u8], origin: Origin<'_>) -> Result<String, DeadLetterError> {
        let hours = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs()
            / 3600;
        let (year, month, day) = date(hours / 24);
        let Origin {
            function, reason, ..
        } = origin;
        let key = format!(
            "dead-letters/{function}/{year:04}/{month:02}/{day:02}/{:02}/{reason}-{}.json.gz",
            hours % 24,
            uuid()
        );
        let body = compressed(lines);
        match self {
            Self::None => Err(DeadLetterError::NoPlace),
            Self::Folder(folder) => {
                let path = folder.join(&key);
                write(&path, &body).map_err(|reason| DeadLetterError::Folder {
                    folder: folder.display().to_string(),
                    reason,
                })?;
                Ok(path.display().to_string())
            }
            #[cfg(feature = "aws")]
            Self::Bucket { s3, bucket } => {
                let id = ObjectId::new(bucket, &key);
                let metadata = [
                    ("reason", reason),
                    ("origin", origin.input),
                    ("function", function),
                ];
                s3.put(&id, body, &metadata).await?;
                Ok(id.to_string())
            }
        }
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

/// Year, month and day of a day since 1970 (Howard Hinnant, "chrono-compatible low-level date
/// algorithms", `civil_from_days`).
fn date(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let of_era = shifted % 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn days_are_dates() {
        for (days, expected) in [
            (0, (1970, 1, 1)),
            (59, (1970, 3, 1)),
            (11_016, (2000, 2, 29)),
            (20_778, (2026, 11, 21)),
        ] {
            assert_eq!(date(days), expected);
        }
    }
}
