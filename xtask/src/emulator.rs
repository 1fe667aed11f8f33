//! The AWS emulator the scenarios run against: a Python package in a folder of its own below `target`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::workspace::{command, run, target};

/// Every package at one version, those they need included: an emulator that changes by itself makes tests
/// that change by themselves.
const REQUIREMENTS: &str = include_str!("../emulator-requirements.txt");

/// The emulator's executable, installed when it is missing or its pins have changed.
///
/// # Errors
/// Where there is no Python with `venv`, or the packages cannot be fetched.
pub(crate) fn install() -> Result<PathBuf> {
    let folder = target().join("emulator");
    let executable = folder.join("bin/ministack");
    let stamp = folder.join("installed.txt");
    if executable.exists() && fs::read_to_string(&stamp).is_ok_and(|text| text == REQUIREMENTS) {
        return Ok(executable);
    }
    println!("installing the AWS emulator into its own folder");
    run(command("python3")
        .args(["-m", "venv", "--clear"])
        .arg(&folder))
    .context("python3 with venv is needed")?;
    fetch(&folder)?;
    // Last, so that an installation cut short is done again.
    fs::write(&stamp, REQUIREMENTS).context("marking the emulator as installed")?;
    Ok(executable)
}

fn fetch(folder: &Path) -> Result<()> {
    let list = folder.join("requirements.txt");
    fs::write(&list, REQUIREMENTS).context("writing the list of packages")?;
    run(command(folder.join("bin/python3"))
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--disable-pip-version-check",
            "--requirement",
        ])
        .arg(&list))
    .context("fetching the emulator's packages")
}
