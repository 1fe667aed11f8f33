//! The Lambda functions as zips for the runtime `provided.al2023`, and the command line. The build is reproducible:
//! the same sources give the same bytes.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::workspace::{cargo, in_ci, root, run as run_command, target};

/// The functions, one zip each.
const FUNCTIONS: &[&str] = &[
    "event-forwarder",
    "firehose-relay",
    "firehose-transform",
    "s3-forwarder",
];

/// Package and executable of the command line.
const COMMAND_LINE: &str = "sightline";

/// The glibc version of Amazon Linux 2023, which the runtime is based on.
const GLIBC: (u32, u32) = (2, 34);

/// Builds every function and writes `target/bundle/<function>.zip` with the executable `bootstrap` in it, and
/// the command line as `target/bundle/sightline`, which checks a configuration before the CDK app synthesizes it.
/// Returns that folder.
///
/// # Errors
/// A function does not build, is not for Linux, or needs a newer glibc than the runtime has.
pub(crate) fn run() -> Result<PathBuf> {
    let built = build_shipped()?;
    let folder = target().join("bundle");
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    for function in FUNCTIONS {
        let executable = built.join(function);
        let content =
            fs::read(&executable).with_context(|| format!("reading {}", executable.display()))?;
        if !content.starts_with(b"\x7fELF") {
            bail!("{function} is not a Linux executable: build on Linux or in a Linux container");
        }
        let newest = newest_glibc(&content);
        if newest > GLIBC {
            bail!(
                "{function} needs glibc {}.{}, the runtime has {}.{}: build on an older system",
                newest.0,
                newest.1,
                GLIBC.0,
                GLIBC.1
            );
        }
        let zip = folder.join(format!("{function}.zip"));
        write(&zip, &content).with_context(|| format!("writing {}", zip.display()))?;
        println!(
            "{}  {} bytes, glibc {}.{}",
            zip.display(),
            fs::metadata(&zip)?.len(),
            newest.0,
            newest.1
        );
    }
    let program = folder.join(COMMAND_LINE);
    fs::copy(built.join(COMMAND_LINE), &program)
        .with_context(|| format!("writing {}", program.display()))?;
    println!(
        "{}  {} bytes",
        program.display(),
        fs::metadata(&program)?.len()
    );
    Ok(folder)
}

/// Builds every function and the command line as the tests run them, and returns the folder of the executables:
/// with the tests and as these, so that no crate is built twice, or in CI as they are shipped, which the deployment
/// needs there anyway.
///
/// # Errors
/// A package does not build.
pub(crate) fn build_for_tests() -> Result<PathBuf> {
    if in_ci() {
        return build_shipped();
    }
    let mut cargo = cargo();
    cargo.args(["build", "--locked", "--workspace"]);
    // With the tests, since their dependencies turn on features of crates that the functions use.
    cargo.args(["--features", "sightline/aws", "--bins", "--tests"]);
    run_command(&mut cargo).context("building the functions, the command line and the tests")?;
    Ok(target().join("debug"))
}

/// Builds the command line, which checks a configuration before the CDK app synthesizes it, and returns its path: as
/// the demo builds it, or in CI as it is shipped.
///
/// # Errors
/// A package does not build.
pub(crate) fn build_command_line() -> Result<PathBuf> {
    if in_ci() {
        return Ok(build_shipped()?.join(COMMAND_LINE));
    }
    run_command(cargo().args(["build", "--locked", "--release", "--package", COMMAND_LINE]))
        .context("building the command line")?;
    Ok(target().join("release").join(COMMAND_LINE))
}

/// Builds every function and the command line as they are shipped, and returns the folder of the executables.
///
/// # Errors
/// A package does not build.
pub(crate) fn build_shipped() -> Result<PathBuf> {
    let mut cargo = cargo();
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags());
    cargo.env("CARGO_TARGET_DIR", built());
    cargo.args(["build", "--locked", "--profile", "dist"]);
    // One build with one set of features: with several, the crates below would be built several times.
    cargo.args(["--package", COMMAND_LINE, "--features", "sightline/aws"]);
    cargo.args(FUNCTIONS.iter().flat_map(|name| ["--package", name]));
    run_command(&mut cargo).context("building the functions and the command line")?;
    Ok(built().join("dist"))
}

/// Separate from other builds, since the flags differ.
fn built() -> PathBuf {
    target().join("shipped")
}

/// Replaces paths of this machine, which would make the executables differ between machines. Of several matching
/// prefixes, the compiler uses the last.
fn flags() -> String {
    let mut prefixes = vec![(root().to_owned(), "/sightline"), (built(), "/built")];
    // One folder for each registry, named after its host. It is there: this program came from it.
    let registries = crates_home().map(|home| home.join("registry/src"));
    let registries = registries.and_then(|folder| fs::read_dir(folder).ok());
    let registries = registries.into_iter().flatten().flatten();
    prefixes.extend(registries.map(|registry| (registry.path(), "/crates")));
    let flags = prefixes
        .iter()
        .map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()));
    flags.collect::<Vec<_>>().join("\u{1f}")
}

/// The folder in which cargo keeps downloaded crates.
fn crates_home() -> Option<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")))
}

/// The newest version of glibc that the executable needs, by the names of symbol versions in it.
fn newest_glibc(executable: &[u8]) -> (u32, u32) {
    const NAME: &[u8] = b"GLIBC_";
    let versions = executable
        .windows(NAME.len())
        .enumerate()
        .filter(|(_, window)| *window == NAME);
    let version = |at: usize| {
        let digits = executable[at + NAME.len()..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit() || **byte == b'.');
        let text: String = digits.map(|byte| char::from(*byte)).collect();
        let mut numbers = text.split('.').map(str::parse);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    };
    versions
        .filter_map(|(at, _)| version(at))
        .max()
        .unwrap_or_default()
}

fn write(zip: &Path, bootstrap: &[u8]) -> Result<()> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o755);
    let mut writer = ZipWriter::new(File::create(zip)?);
    writer.start_file("bootstrap", options)?;
    writer.write_all(bootstrap)?;
    writer.finish()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::newest_glibc;

    #[test]
    fn the_newest_glibc_is_found_by_number() {
        let names = b"\0GLIBC_2.9\0GLIBC_2.34\0GLIBC_PRIVATE\0GLIBC_2.2.5\0";
        assert_eq!(newest_glibc(names), (2, 34));
        assert_eq!(newest_glibc(b"static"), (0, 0));
    }
}
