//! Files that are written whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The name of a file while it is written: the final one and this.
const UNFINISHED: &str = ".part";

/// Writes `content` to `path` whole or not at all, and returns once it is on disk. A file that is
/// already there is replaced and passes on its permissions.
///
/// # Errors
/// The file cannot be written; nothing of it is left, and a file that is already there is as it
/// was.
pub fn write_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let unfinished = unfinished(path);
    let written = write(&unfinished, content)
        .and_then(|()| match fs::metadata(path) {
            Ok(replaced) => fs::set_permissions(&unfinished, replaced.permissions()),
            Err(_) => Ok(()),
        })
        .and_then(|()| fs::rename(&unfinished, path));
    if written.is_err() {
        let _absent = fs::remove_file(&unfinished);
        return written;
    }
    // The name is a part of the folder. Not every system can sync one.
    if let Some(folder) = path.parent().and_then(|folder| File::open(folder).ok()) {
        let _unsupported = folder.sync_all();
    }
    Ok(())
}

/// Whether `path` is what [`write_file`] leaves if the process is killed: never of use.
pub fn is_unfinished(path: &Path) -> bool {
    let name = path.as_os_str().as_encoded_bytes();
    name.ends_with(UNFINISHED.as_bytes())
}

fn unfinished(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(UNFINISHED);
    PathBuf::from(name)
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(content)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json.gz");
        write_file(&path, b"first").unwrap();
        write_file(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");

        // A folder in the place of the file: everything works but the last step.
        let occupied = folder.path().join("occupied");
        fs::create_dir(&occupied).unwrap();
        assert!(write_file(&occupied, b"third").is_err());
        let left = fs::read_dir(folder.path()).unwrap();
        let mut left: Vec<PathBuf> = left.map(|entry| entry.unwrap().path()).collect();
        left.sort();
        assert_eq!(left, [path, occupied]);
    }

    #[test]
    fn what_a_kill_leaves_is_recognized() {
        let path = Path::new("folder/undelivered-1.json.gz");
        assert!(is_unfinished(&unfinished(path)));
        assert!(!is_unfinished(path));
    }
}
