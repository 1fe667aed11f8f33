//! Python programs that checks need, each in a folder of its own below `target`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::workspace::{command, run, target};

/// The executable `program` of the packages that `requirements` pins, installed into `target/<folder>` when
/// it is missing or the pins have changed.
///
/// `requirements` names every package at one version, those they need included: a tool that changes by
/// itself makes checks that change by themselves.
///
/// # Errors
/// Where there is no Python with `venv`, or the packages cannot be fetched.
pub(crate) fn install(folder: &str, requirements: &str, program: &str) -> Result<PathBuf> {
    let folder = target().join(folder);
    let executable = folder.join("bin").join(program);
    let stamp = folder.join("installed.txt");
    if executable.exists() && fs::read_to_string(&stamp).is_ok_and(|text| text == requirements) {
        return Ok(executable);
    }
    println!("installing {program} into a folder of its own");
    run(command("python3")
        .args(["-m", "venv", "--clear"])
        .arg(&folder))
    .context("python3 with venv is needed")?;
    fetch(&folder, requirements).with_context(|| format!("fetching {program} and its packages"))?;
    // Last, so that an installation cut short is done again.
    fs::write(&stamp, requirements).with_context(|| format!("marking {program} as installed"))?;
    Ok(executable)
}

fn fetch(folder: &Path, requirements: &str) -> Result<()> {
    let list = folder.join("requirements.txt");
    fs::write(&list, requirements).context("writing the list of packages")?;
    run(command(folder.join("bin/python3"))
        .args(["-m", "pip", "install", "--quiet", "--no-deps"])
        .args(["--disable-pip-version-check", "--requirement"])
        .arg(&list))
}
