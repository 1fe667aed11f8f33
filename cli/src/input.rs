//! Files and standard input as a stream of JSON values, decompressed if they are gzip.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use anyhow::{Context, Result};
use cloudtrail::{DeliveryPath, Splitter, is_gzip};
use flate2::bufread::MultiGzDecoder;
use indicatif::{ProgressBar, ProgressStyle};
use pipeline::Route;

use crate::interrupt::Interrupt;

/// Bytes per read.
const CHUNK: usize = 256 * 1024;

/// Longest value in bytes: far above a CloudTrail record or a CloudWatch Logs envelope.
const MAX_VALUE_BYTES: usize = pipeline::MAX_INFLATED_BYTES;

/// The route of events that are read from `path`.
pub(crate) fn route_of(path: &Path) -> Route {
    Route {
        source: format!("file:{}", path.display()),
        path: Some(DeliveryPath::S3),
        ..Route::default()
    }
}

/// Whether `path` means standard input.
fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Opens `path`, and decompresses it if it is gzip. `progress` advances by the bytes of the file.
///
/// # Errors
/// The file cannot be opened or read.
pub(crate) fn open(path: &Path, progress: &ProgressBar) -> Result<Box<dyn Read>> {
    if is_stdin(path) {
        return decompressed(io::stdin().lock(), progress);
    }
    decompressed(file(path)?, progress)
}

/// The same as [`open`], but a signal ends a read that waits for the writer of a pipe, with an
/// error.
///
/// # Errors
/// The file cannot be opened or read.
pub(crate) fn open_until(
    path: &Path,
    progress: &ProgressBar,
    interrupt: &Interrupt,
) -> Result<Box<dyn Read>> {
    if is_stdin(path) {
        let stdin = Interruptible::new(io::stdin(), interrupt.clone());
        return decompressed(stdin, progress);
    }
    let file = file(path)?;
    if file.metadata().is_ok_and(|metadata| metadata.is_file()) {
        return decompressed(file, progress);
    }
    decompressed(Interruptible::new(file, interrupt.clone()), progress)
}

fn file(path: &Path) -> Result<File> {
    File::open(path).context("cannot be opened")
}

fn decompressed(raw: impl Read + 'static, progress: &ProgressBar) -> Result<Box<dyn Read>> {
    let mut buffered = BufReader::with_capacity(CHUNK, progress.wrap_read(raw));
    let start = buffered.fill_buf().context("cannot be read")?;
    if is_gzip(start) {
        Ok(Box::new(MultiGzDecoder::new(buffered)))
    } else {
        Ok(Box::new(buffered))
    }
}

/// A progress bar over all of `files`, hidden unless only standard error is a terminal.
pub(crate) fn progress(files: &[std::path::PathBuf]) -> ProgressBar {
    if !shows_progress() {
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

/// On one terminal, progress and results would overwrite each other.
fn shows_progress() -> bool {
    use std::io::IsTerminal;
    io::stderr().is_terminal() && !io::stdout().is_terminal()
}

/// Passes every value of `read` to `each` until that breaks. If a value exceeds the limit, or
/// reading fails, the bytes of it that were read are passed, and the rest is not read.
///
/// # Errors
/// Reading fails, a value exceeds the limit, or `each` fails.
pub(crate) fn values(
    mut read: impl Read,
    mut each: impl FnMut(&[u8]) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let mut splitter = Splitter::new(MAX_VALUE_BYTES);
    let mut chunk = vec![0; CHUNK];
    loop {
        let len = match read.read(&mut chunk) {
            Ok(len) => len,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                // Everything before the error has been passed; the current value is truncated.
                if each(splitter.rest())?.is_break() {
                    return Ok(());
                }
                return Err(error).context("the input cannot be read completely");
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

/// A source that may wait for its writer forever. It is read on its own thread, so that a signal
/// can end the wait.
struct Interruptible {
    chunks: Receiver<io::Result<Vec<u8>>>,
    chunk: io::Cursor<Vec<u8>>,
    interrupt: Interrupt,
}

/// How often the signal is checked while no input arrives.
const SIGNAL_CHECK: Duration = Duration::from_millis(100);

impl Interruptible {
    fn new(mut source: impl Read + Send + 'static, interrupt: Interrupt) -> Self {
        let (sender, chunks) = sync_channel(1);
        std::thread::spawn(move || {
            loop {
                let mut chunk = vec![0; CHUNK];
                let read = source.read(&mut chunk);
                chunk.truncate(*read.as_ref().unwrap_or(&0));
                let is_end = matches!(read, Ok(0));
                // The receiver is dropped when the run ends.
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
            match self.chunks.recv_timeout(SIGNAL_CHECK) {
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
