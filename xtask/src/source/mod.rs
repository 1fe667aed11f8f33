//! The Rust source of the workspace without its tests, parsed.

mod file;
mod imports;
mod modules;

pub(crate) use file::{SourceFile, is_test};
pub(crate) use imports::imports;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use cargo_metadata::{Metadata, TargetKind};

/// The files of every library, executable and build script, one list for each. Modules that only tests
/// contain are not among them, neither is the crate of the scenarios.
///
/// # Errors
/// A file cannot be read or parsed.
pub(crate) fn targets(metadata: &Metadata) -> Result<Vec<Vec<SourceFile>>> {
    let mut targets = Vec::new();
    for package in metadata.workspace_packages() {
        let folder = package.manifest_path.parent();
        if folder.is_some_and(|folder| folder.ends_with("tests")) {
            continue;
        }
        for target in &package.targets {
            let holds_code = [TargetKind::Lib, TargetKind::Bin, TargetKind::CustomBuild];
            if target.kind.iter().any(|kind| holds_code.contains(kind)) {
                targets.push(modules::read(target.src_path.as_std_path(), &read)?);
            }
        }
    }
    Ok(targets)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}
