//! What `cargo xtask test` prepares for the scenarios.

use std::env;
use std::io::Write;
use std::path::PathBuf;

/// The binary of this name, or nothing outside `cargo xtask test`.
///
/// # Panics
/// In CI, where nothing may be left out.
#[must_use]
pub fn binary(name: &str) -> Option<PathBuf> {
    let folder = prepared("SIGHTLINE_BINARIES")?;
    Some(folder.join(format!("{name}{}", env::consts::EXE_SUFFIX)))
}

/// The emulator's executable, or nothing outside `cargo xtask test`.
///
/// # Panics
/// In CI, where nothing may be left out.
#[must_use]
pub fn emulator() -> Option<PathBuf> {
    prepared("SIGHTLINE_EMULATOR")
}

fn prepared(variable: &str) -> Option<PathBuf> {
    if let Some(path) = env::var_os(variable) {
        return Some(path.into());
    }
    let in_ci = env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
    assert!(
        !in_ci,
        "{variable} is not set: run the tests with `cargo xtask test`"
    );
    // Past the test harness, which would swallow the line of a test that passes.
    let note = format!("skipped: {variable} is not set; `cargo xtask test` prepares it\n");
    std::io::stderr().write_all(note.as_bytes()).ok();
    None
}
