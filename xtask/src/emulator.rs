//! The AWS emulator the scenarios run against.

use std::path::PathBuf;

use anyhow::Result;

use crate::python;

/// The emulator's executable, installed when it is missing or its pins have changed.
///
/// # Errors
/// Where there is no Python with `venv`, or the packages cannot be fetched.
pub(crate) fn install() -> Result<PathBuf> {
    let requirements = include_str!("../emulator-requirements.txt");
    python::install("emulator", requirements, "ministack")
}
