//! Which lines of a file are delivered, noted next to it while it is replayed: a process that is
//! killed, or cannot rewrite the file on a full disk, sends none of them again.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use flate2::Crc;

/// The name of the note: that of the file and this.
const EXTENSION: &str = ".sightline-progress";

/// How the note begins.
const MAGIC: &[u8; 8] = b"SLPROG1\n";

/// Bytes before the first line's bit: the magic, and what the file held.
const HEADER: usize = MAGIC.len() + 24;

/// Bytes that are read at once.
const CHUNK: usize = 64 * 1024;

/// What a file holds, as far as a note is about it: another content has other lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint {
    lines: u64,
    bytes: u64,
    crc: u32,
}

impl Fingerprint {
    /// Reads `read` to its end.
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

    /// Bytes that hold a bit for each line.
    fn room(&self) -> usize {
        usize::try_from(self.lines.div_ceil(8)).unwrap_or(usize::MAX)
    }
}

/// The lines of one file that need not be sent again.
#[derive(Default)]
pub(super) struct Progress {
    /// Where it is noted; nowhere for `None`.
    note: Option<(File, PathBuf)>,
    /// A bit for each line, the lowest one first.
    done: Vec<u8>,
}

impl Progress {
    /// What is noted about `file`, which holds this content. Nothing is written.
    pub(super) fn read(file: &Path, content: &Fingerprint) -> Self {
        Self {
            note: None,
            done: noted(&path_of(file), content).unwrap_or_default(),
        }
    }

    /// What is noted about `file`, which holds this content, to be continued. A new note takes all
    /// the room on disk that it will ever need.
    ///
    /// # Errors
    /// The note cannot be written; nothing of it is left.
    pub(super) fn open(file: &Path, content: &Fingerprint) -> io::Result<Self> {
        let path = path_of(file);
        if let Some(done) = noted(&path, content) {
            let note = OpenOptions::new().write(true).open(&path)?;
            let note = Some((note, path));
            return Ok(Self { note, done });
        }
        let done = vec![0; content.room()];
        let create = || -> io::Result<File> {
            let mut note = File::create(&path)?;
            note.write_all(&[&content.header()[..], &done].concat())?;
            note.sync_all()?;
            Ok(note)
        };
        match create() {
            Ok(note) => Ok(Self {
                note: Some((note, path)),
                done,
            }),
            Err(error) => {
                let _absent = fs::remove_file(&path);
                Err(error)
            }
        }
    }

    /// Whether the line of this number (from 0) need not be sent again.
    pub(super) fn is_done(&self, line: usize) -> bool {
        let byte = self.done.get(line / 8);
        byte.is_some_and(|byte| byte & (1 << (line % 8)) != 0)
    }

    /// Notes that these lines need not be sent again.
    ///
    /// # Errors
    /// They cannot be noted on disk.
    pub(super) fn add(&mut self, lines: impl IntoIterator<Item = usize>) -> io::Result<()> {
        let Some((note, _)) = &mut self.note else {
            return Ok(());
        };
        for line in lines {
            self.done[line / 8] |= 1 << (line % 8);
        }
        note.seek(SeekFrom::Start(HEADER as u64))?;
        note.write_all(&self.done)?;
        note.sync_data()
    }

    /// Removes the note: the file is gone, or holds only what is left.
    pub(super) fn remove(self) -> io::Result<()> {
        match self.note {
            Some((_, path)) => fs::remove_file(path),
            None => Ok(()),
        }
    }

    /// Removes the note unless it is needed.
    pub(super) fn remove_if_empty(self) -> io::Result<()> {
        if self.done.iter().any(|byte| *byte != 0) {
            return Ok(());
        }
        self.remove()
    }
}

/// The file that `path` is a note about, or `None` if it is not a note.
pub(super) fn file_of(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?.strip_suffix(EXTENSION)?;
    Some(path.with_file_name(name))
}

fn path_of(file: &Path) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(EXTENSION);
    PathBuf::from(name)
}

/// The bits of the note at `path`, if it is whole and about this content.
fn noted(path: &Path, content: &Fingerprint) -> Option<Vec<u8>> {
    let mut note = fs::read(path).ok()?;
    let is_about_it = note.starts_with(&content.header()) && note.len() == HEADER + content.room();
    is_about_it.then(|| note.split_off(HEADER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_done_for_the_same_content_alone() {
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
        assert!(Progress::read(&file, &content).is_done(9), "it is needed");

        let other = Fingerprint::of(&lines[2..]).unwrap();
        assert!(!Progress::read(&file, &other).is_done(9));
        Progress::open(&file, &other).unwrap().remove().unwrap();
        assert!(!path_of(&file).exists());
    }

    #[test]
    fn the_last_line_may_lack_its_end() {
        let lines = |text: &[u8]| Fingerprint::of(text).unwrap().lines;
        assert_eq!(
            [lines(b""), lines(b"a"), lines(b"a\n"), lines(b"a\n\nb")],
            [0, 1, 1, 3]
        );
    }

    #[test]
    fn a_note_is_no_file_to_replay() {
        let file = Path::new("a/b.gz");
        assert_eq!(file_of(&path_of(file)).as_deref(), Some(file));
        assert_eq!(file_of(file), None);
    }
}
