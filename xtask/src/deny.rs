//! Licenses, sources and banned crates, checked by a pinned `cargo-deny`.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::outcome::Outcome;
use crate::workspace::{cargo, command, in_ci, run, target, warn_loudly};

const VERSION: &str = "0.20.2";

/// When a missing `cargo-deny` is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Install {
    /// In CI only; elsewhere the check is skipped, since the build takes minutes.
    InCi,
    /// Always.
    Always,
}

/// Checks `deny.toml` against the dependency tree.
///
/// Advisories are not checked: their database is downloaded at every run, so the same commit would pass one day and
/// fail the next.
pub(crate) fn check(install: Install) -> Result<Outcome> {
    let tool = folder()
        .join("bin")
        .join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    if !tool.exists() {
        if install == Install::InCi && !in_ci() {
            warn_loudly(
                "SKIPPED: licenses, sources and bans are not checked, since cargo-deny is not installed. \
                 `cargo xtask deny --install` builds it once.",
            );
            return Ok(Outcome::Skipped);
        }
        build().context("installing cargo-deny")?;
    }
    if !tool.exists() {
        bail!("cargo-deny is not where cargo should have put it");
    }
    run(command(tool).args(["--all-features", "check", "bans", "licenses", "sources"]))?;
    Ok(Outcome::Passed)
}

/// One folder per version, so that a new pin is never shadowed by an old tool.
fn folder() -> PathBuf {
    target().join("tools").join(format!("cargo-deny-{VERSION}"))
}

/// Without optimization: the check takes seconds either way, the build a third.
fn build() -> Result<()> {
    run(cargo()
        .args([
            "install",
            "--locked",
            "--version",
            VERSION,
            "cargo-deny",
            "--root",
        ])
        .arg(folder())
        .env("CARGO_TARGET_DIR", target().join("tools/build"))
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"))
}
