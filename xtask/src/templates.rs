//! The CDK app's templates, as `cdk synth` makes them of every configuration that comes with the project.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::bundle;
use crate::checkov;
use crate::outcome::Outcome;
use crate::python;
use crate::workspace::{command, in_ci, root, run as run_command, target, warn_loudly};

/// Findings of the linter that are ignored. W3005: a dependency is there twice, which the CDK library writes for
/// clarity. W8003: a condition is always false, as is meant where a template must not be deployed.
const SILENT: &[&str] = &["W3005", "W8003"];

/// Synthesizes the standard configuration and every example, lints the templates, and checks their
/// security. The packages of `cdk/` have to be installed.
///
/// # Errors
/// A configuration does not synthesize, or one of the programs reports a finding; in CI also where they cannot
/// be installed.
pub(crate) fn check() -> Result<Outcome> {
    let app = root().join("cdk");
    if !in_ci() && !app.join("node_modules").exists() {
        warn_loudly("SKIPPED: the templates of the CDK app, since its packages are not installed");
        return Ok(Outcome::Skipped);
    }
    let (linter, checker) = match programs() {
        Ok(programs) => programs,
        Err(error) if in_ci() => return Err(error),
        Err(error) => {
            warn_loudly(&format!(
                "SKIPPED: the templates of the CDK app, since the programs that check them are not installed: {error:#}"
            ));
            return Ok(Outcome::Skipped);
        }
    };
    let folder = target().join("templates");
    if folder.exists() {
        fs::remove_dir_all(&folder).context("removing earlier templates")?;
    }
    let program = bundle::build_command_line().context("the program that checks configurations")?;
    let mut templates = Vec::new();
    for configuration in configurations(&app)? {
        templates.extend(synthesize(&app, &configuration, &program, &folder)?);
    }
    println!("linting {} templates", templates.len());
    let mut lint = command(linter);
    lint.arg("--ignore-checks").args(SILENT).arg("--");
    run_command(lint.args(&templates)).context("linting the templates")?;
    checkov::check(&checker, &folder)?;
    Ok(Outcome::Passed)
}

/// cfn-lint and checkov, each with packages of its own: they need different versions of some.
fn programs() -> Result<(PathBuf, PathBuf)> {
    let linter = include_str!("../linter-requirements.txt");
    Ok((
        python::install("linter", linter, "cfn-lint")?,
        python::install("checkov", checkov::REQUIREMENTS, "checkov")?,
    ))
}

/// The standard configuration and the examples, as paths below the app.
fn configurations(app: &Path) -> Result<Vec<PathBuf>> {
    let mut found = files(&app.join("examples"), ".ts")?;
    ensure!(!found.is_empty(), "cdk/examples has no configuration");
    found.insert(0, app.join("sightline.config.ts"));
    Ok(found)
}

/// The templates of one configuration, which `program` checks, by the command that users run.
fn synthesize(
    app: &Path,
    configuration: &Path,
    program: &Path,
    folder: &Path,
) -> Result<Vec<PathBuf>> {
    let name = configuration.file_stem().unwrap_or(OsStr::new("app"));
    let out = folder.join(name);
    println!("synthesizing {}", name.display());
    let mut cdk = command("npx");
    cdk.current_dir(app);
    cdk.args(["cdk", "synth", "--quiet", "--no-notices", "--output"]);
    cdk.arg(&out);
    cdk.env("SIGHTLINE_CONFIG", configuration);
    cdk.env("SIGHTLINE_CLI", program);
    run_command(&mut cdk).with_context(|| format!("synthesizing {}", configuration.display()))?;
    let templates = files(&out, ".template.json")?;
    ensure!(!templates.is_empty(), "{} makes no stack", name.display());
    Ok(templates)
}

/// The files of a folder whose names end so, by name.
fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(ending) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}
