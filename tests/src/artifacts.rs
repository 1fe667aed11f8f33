//! The artifacts that `cargo xtask test` builds for the scenarios.

use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The binary of this name, or `None` outside `cargo xtask test`.
///
/// # Panics
/// In CI, where no scenario may be skipped.
#[must_use]
pub fn binary(name: &str) -> Option<PathBuf> {
    let folder = path("SIGHTLINE_BINARIES", "`cargo xtask test`")?;
    Some(folder.join(format!("{name}{}", env::consts::EXE_SUFFIX)))
}

/// The emulator's executable, or `None` outside `cargo xtask test`.
///
/// # Panics
/// In CI, where no scenario may be skipped.
#[must_use]
pub fn emulator() -> Option<PathBuf> {
    path("SIGHTLINE_EMULATOR", "`cargo xtask test`")
}

/// The folder of the functions' zips, or `None` outside `cargo xtask ci`.
///
/// # Panics
/// In CI, where no scenario may be skipped.
#[must_use]
pub fn bundle() -> Option<PathBuf> {
    path("SIGHTLINE_BUNDLE", "`cargo xtask ci`")
}

/// Whether this file exists. If it does not, a warning names the command `how` that creates it.
///
/// # Panics
/// In CI, where no scenario may be skipped.
#[must_use]
pub fn is_there(file: &Path, how: &str) -> bool {
    let there = file.exists();
    if !there {
        missing(&file.display().to_string(), how);
    }
    there
}

fn path(variable: &str, how: &str) -> Option<PathBuf> {
    let path = env::var_os(variable).map(PathBuf::from);
    if path.is_none() {
        missing(variable, how);
    }
    path
}

fn missing(what: &str, how: &str) {
    let in_ci = env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
    assert!(!in_ci, "{what} is missing: run {how}");
    // Written directly, because the test harness captures the output of a test that passes.
    let note = format!("skipped: {what} is missing; run {how}\n");
    std::io::stderr().write_all(note.as_bytes()).ok();
}
