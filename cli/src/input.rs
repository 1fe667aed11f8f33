//! Files and standard input as a stream of values, inflated where they are gzip.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use anyhow::{Context, Result};
use cloudtrail::{Splitter, is_gzip};
use flate2::bufread::MultiGzDecoder;
use indicatif::{ProgressBar, ProgressStyle};

use crate::interrupt::Interrupt;

/// Bytes that are read at once.
const CHUNK: usize = 256 * 1024;

/// The longest value that is read: far above what CloudTrail writes in one record or CloudWatch
/// Logs in one envelope.
const LONGEST: usize = pipeline::MAX_INFLATED_BYTES;

/// Whether `path` means standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Opens `path`, inflated if its content is gzip. `progress` moves with the bytes of the file.
pub(crate) fn open(path: &Path, progress: &ProgressBar) -> Result<Box<dyn Read>> {
    if is_stdin(path) {
        return inflated(path, io::stdin().lock(), progress);
    }
    inflated(path, file(path)?, progress)
}

/// The same, but a read that waits for a pipe's writer ends with an error at a signal.
pub(crate) fn open_until(
    path: &Path,
    progress: &ProgressBar,
    interrupt: &Interrupt,
) -> Result<Box<dyn Read>> {
    if is_stdin(path) {
        let stdin = Interruptible::new(io::stdin(), interrupt.clone());
        return inflated(path, stdin, progress);
    }
    let file = file(path)?;
    if file.metadata().is_ok_and(|metadata| metadata.is_file()) {
        return inflated(path, file, progress);
    }
    inflated(path, Interruptible::new(file, interrupt.clone()), progress)
}

fn file(path: &Path) -> Result<File> {
    File::open(path).with_context(|| format!("cannot open {}", path.display()))
}

fn inflated(
    path: &Path,
    raw: impl Read + 'static,
    progress: &ProgressBar,
) -> Result<Box<dyn Read>> {
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
    io::stderr().is_terminal() && !io::stdout().is_terminal()
}

/// Passes every value of `read` to `each`, until that breaks. A value that is longer than can be
/// read is passed as far as it goes, and what follows it is not read.
pub(crate) fn values(
    mut read: impl Read,
    mut each: impl FnMut(&[u8]) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let mut splitter = Splitter::new(LONGEST);
    let mut chunk = vec![0; CHUNK];
    loop {
        let len = match read.read(&mut chunk) {
            Ok(len) => len,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                // What came before the fault has been passed on; what is in hand is cut short.
                if each(splitter.rest())?.is_break() {
                    return Ok(());
                }
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
                Ok(Some(value)) => {
                    if each(value)?.is_break() {
                        return Ok(());
                    }
                }
                Ok(None) => break,
                Err(too_long) => {
                    if each(splitter.rest())?.is_break() {
                        return Ok(());
                    }
                    return Err(too_long.into());
                }
            }
        }
        if len == 0 {
            return Ok(());
        }
    }
}

/// A source that may wait for its writer without end, read on a thread of its own so that a signal
/// ends the wait.
struct Interruptible {
    chunks: Receiver<io::Result<Vec<u8>>>,
    chunk: io::Cursor<Vec<u8>>,
    interrupt: Interrupt,
}

/// How often a signal is looked for while no input arrives.
const LOOK: Duration = Duration::from_millis(100);

impl Interruptible {
    fn new(mut source: impl Read + Send + 'static, interrupt: Interrupt) -> Self {
        let (sender, chunks) = sync_channel(1);
        std::thread::spawn(move || {
            loop {
                let mut chunk = vec![0; CHUNK];
                let read = source.read(&mut chunk);
                chunk.truncate(*read.as_ref().unwrap_or(&0));
                let is_end = matches!(read, Ok(0));
                // Nobody receives any more once the run has stopped.
                if sender.send(read.map(|_| chunk)).is_err() || is_end {
                    return;
                }
            }
        });
        Self {
            chunks,
            chunk: io::Cursor::default(),
            interrupt,
        }
    }
}

impl Read for Interruptible {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.chunk.read(buffer)?;
        if len > 0 || buffer.is_empty() {
            return Ok(len);
        }
        loop {
            match self.chunks.recv_timeout(LOOK) {
                Ok(chunk) => {
                    self.chunk = io::Cursor::new(chunk?);
                    return self.chunk.read(buffer);
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
                Err(RecvTimeoutError::Timeout) if self.interrupt.received().is_some() => {
                    return Err(io::Error::other("a signal ended the wait for input"));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}
