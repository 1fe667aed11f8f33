//! Files and standard input as a stream of values, inflated where they are gzip.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result};
use cloudtrail::{Splitter, is_gzip};
use flate2::bufread::MultiGzDecoder;
use indicatif::{ProgressBar, ProgressStyle};

/// Bytes that are read at once.
const CHUNK: usize = 256 * 1024;

/// The longest value that is read: far above what CloudTrail writes in one record or CloudWatch
/// Logs in one envelope.
const LONGEST: usize = pipeline::MAX_INFLATED_BYTES;

/// Whether `path` means standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Opens `path`, inflated where its content is gzip. `progress` moves with the bytes of the file.
pub(crate) fn open(path: &Path, progress: &ProgressBar) -> Result<Box<dyn Read>> {
    let raw: Box<dyn Read> = if is_stdin(path) {
        Box::new(std::io::stdin().lock())
    } else {
        let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        Box::new(file)
    };
    let mut buffered = BufReader::with_capacity(CHUNK, progress.wrap_read(raw));
    let start = buffered
        .fill_buf()
        .with_context(|| format!("cannot read {}", path.display()))?;
    if is_gzip(start) {
        Ok(Box::new(MultiGzDecoder::new(buffered)))
    } else {
        Ok(Box::new(buffered))
    }
}

/// A bar over all of `files` where someone is looking, else none.
pub(crate) fn progress(files: &[std::path::PathBuf]) -> ProgressBar {
    if !is_watched() {
        return ProgressBar::hidden();
    }
    let sizes: Option<u64> = files
        .iter()
        .map(|file| std::fs::metadata(file).ok().map(|meta| meta.len()))
        .sum();
    match sizes {
        Some(total) => ProgressBar::new(total).with_style(
            ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes}  {bytes_per_sec}  {eta}")
                .expect("the template is fixed"),
        ),
        None => ProgressBar::new_spinner(),
    }
}

/// Progress and results would mix on one terminal.
fn is_watched() -> bool {
    use std::io::IsTerminal;
    std::io::stderr().is_terminal() && !std::io::stdout().is_terminal()
}

/// Hands every value of `read` to `each`. A value that is longer than can be read is handed over
/// as far as it goes, and what follows it is not read.
pub(crate) fn values(mut read: impl Read, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let mut splitter = Splitter::new(LONGEST);
    let mut chunk = vec![0; CHUNK];
    loop {
        let len = match read.read(&mut chunk) {
            Ok(len) => len,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => {
                // What came before the fault has been handed over; what is in hand is cut short.
                each(splitter.rest())?;
                return Err(error).context("input cannot be read to its end");
            }
        };
        if len == 0 {
            splitter.end();
        } else {
            splitter.push(&chunk[..len]);
        }
        loop {
            match splitter.next_value() {
                Ok(Some(value)) => each(value)?,
                Ok(None) => break,
                Err(too_long) => {
                    each(splitter.rest())?;
                    return Err(too_long.into());
                }
            }
        }
        if len == 0 {
            return Ok(());
        }
    }
}
