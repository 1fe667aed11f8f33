//! The progress file next to a file that is replayed: it records which lines are delivered. After
//! a kill, or if the file cannot be rewritten on a full disk, none of them is sent again.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use flate2::Crc;

/// Appended to the name of the replayed file.
const SUFFIX: &str = ".sightline-progress";

/// The first bytes of a progress file.
const MAGIC: &[u8; 8] = b"SLPROG1\n";

/// Bytes before the bitmap: the magic and the fingerprint.
const HEADER: usize = MAGIC.len() + 24;

/// Bytes per read.
const CHUNK: usize = 64 * 1024;

/// Identifies the content of a file, because line numbers are valid for that content only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint {
    lines: u64,
    bytes: u64,
    crc: u32,
}

impl Fingerprint {
    /// The fingerprint of everything that `read` returns.
    pub(super) fn of(mut read: impl Read) -> io::Result<Self> {
        let mut crc = Crc::new();
        let (mut lines, mut bytes, mut last) = (0, 0, b'\n');
        let mut chunk = vec![0; CHUNK];
        loop {
            let length = match read.read(&mut chunk) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                length => length?,
            };
            let Some(&end) = chunk[..length].last() else {
                break;
            };
            last = end;
            crc.update(&chunk[..length]);
            bytes += length as u64;
            lines += chunk[..length]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count() as u64;
        }
        Ok(Self {
            lines: lines + u64::from(last != b'\n'),
            bytes,
            crc: crc.sum(),
        })
    }

    fn header(&self) -> [u8; HEADER] {
        let mut header = [0; HEADER];
        header[..8].copy_from_slice(MAGIC);
        header[8..16].copy_from_slice(&self.lines.to_le_bytes());
        header[16..24].copy_from_slice(&self.bytes.to_le_bytes());
        header[24..28].copy_from_slice(&self.crc.to_le_bytes());
        header
    }

    /// The length of a bitmap with one bit per line, in bytes.
    fn bitmap_len(&self) -> usize {
        usize::try_from(self.lines.div_ceil(8)).unwrap_or(usize::MAX)
    }
}

/// The lines of one file that are delivered.
#[derive(Default)]
pub(super) struct Progress {
    /// The progress file, or `None` if nothing is saved.
    file: Option<(File, PathBuf)>,
    /// One bit per line, least significant bit first.
    done: Vec<u8>,
}

impl Progress {
    /// The saved progress of `file` with this content. Nothing is written.
    pub(super) fn read(file: &Path, content: &Fingerprint) -> Self {
        Self {
            file: None,
            done: saved(&path_of(file), content).unwrap_or_default(),
        }
    }

    /// The saved progress of `file` with this content, to be continued. A new progress file
    /// allocates all the disk space that it will ever need.
    ///
    /// # Errors
    /// The progress file cannot be written. It is removed in that case.
    pub(super) fn open(file: &Path, content: &Fingerprint) -> io::Result<Self> {
        let path = path_of(file);
        if let Some(done) = saved(&path, content) {
            let file = OpenOptions::new().write(true).open(&path)?;
            let file = Some((file, path));
            return Ok(Self { file, done });
        }
        let done = vec![0; content.bitmap_len()];
        let create = || -> io::Result<File> {
            let mut file = File::create(&path)?;
            file.write_all(&[&content.header()[..], &done].concat())?;
            file.sync_all()?;
            Ok(file)
        };
        match create() {
            Ok(file) => Ok(Self {
                file: Some((file, path)),
                done,
            }),
            Err(error) => {
                let _result = fs::remove_file(&path);
                Err(error)
            }
        }
    }

    /// Whether the line with this number (from 0) is delivered.
    pub(super) fn is_done(&self, line: usize) -> bool {
        let byte = self.done.get(line / 8);
        byte.is_some_and(|byte| byte & (1 << (line % 8)) != 0)
    }

    /// Saves that these lines are delivered.
    ///
    /// # Errors
    /// The progress file cannot be written.
    pub(super) fn add(&mut self, lines: impl IntoIterator<Item = usize>) -> io::Result<()> {
        let Some((file, _)) = &mut self.file else {
            return Ok(());
        };
        for line in lines {
            self.done[line / 8] |= 1 << (line % 8);
        }
        file.seek(SeekFrom::Start(HEADER as u64))?;
        file.write_all(&self.done)?;
        file.sync_data()
    }

    /// Removes the progress file, after the replayed file was removed or rewritten.
    pub(super) fn remove(self) -> io::Result<()> {
        match self.file {
            Some((_, path)) => fs::remove_file(path),
            None => Ok(()),
        }
    }

    /// Removes the progress file if no line is delivered.
    pub(super) fn remove_if_empty(self) -> io::Result<()> {
        if self.done.iter().any(|byte| *byte != 0) {
            return Ok(());
        }
        self.remove()
    }
}

/// The replayed file of a progress file, or `None` if `path` is not a progress file.
pub(super) fn replayed_file(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?.strip_suffix(SUFFIX)?;
    Some(path.with_file_name(name))
}

fn path_of(file: &Path) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(SUFFIX);
    PathBuf::from(name)
}

/// The bitmap of the progress file at `path`, if it is complete and belongs to this content.
fn saved(path: &Path, content: &Fingerprint) -> Option<Vec<u8>> {
    let mut bytes = fs::read(path).ok()?;
    let valid =
        bytes.starts_with(&content.header()) && bytes.len() == HEADER + content.bitmap_len();
    valid.then(|| bytes.split_off(HEADER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_kept_for_the_same_content_only() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.gz");
        let lines = vec![b"x\n".as_slice(); 20].concat();
        let content = Fingerprint::of(&lines[..]).unwrap();
        let mut progress = Progress::open(&file, &content).unwrap();
        progress.add([0, 9]).unwrap();
        progress.add([19]).unwrap();
        drop(progress);

        let again = Progress::open(&file, &content).unwrap();
        let done: Vec<usize> = (0..20).filter(|line| again.is_done(*line)).collect();
        assert_eq!(done, [0, 9, 19]);
        again.remove_if_empty().unwrap();
        assert!(
            Progress::read(&file, &content).is_done(9),
            "a progress file with delivered lines is kept"
        );

        let other = Fingerprint::of(&lines[2..]).unwrap();
        assert!(!Progress::read(&file, &other).is_done(9));
        Progress::open(&file, &other).unwrap().remove().unwrap();
        assert!(!path_of(&file).exists());
    }

    #[test]
    fn the_last_line_needs_no_line_break() {
        let lines = |text: &[u8]| Fingerprint::of(text).unwrap().lines;
        assert_eq!(
            [lines(b""), lines(b"a"), lines(b"a\n"), lines(b"a\n\nb")],
            [0, 1, 1, 3]
        );
    }

    #[test]
    fn progress_files_are_recognized_by_name() {
        let file = Path::new("a/b.gz");
        assert_eq!(replayed_file(&path_of(file)).as_deref(), Some(file));
        assert_eq!(replayed_file(file), None);
    }
}
