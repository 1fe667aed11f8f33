//! The words of AWS vocabulary that masking keeps readable, generated from API models.

use std::fs;

use anyhow::{Context, Result};

use crate::python;
use crate::workspace::{command, read, root, run, target};

/// What the words are generated from.
const REQUIREMENTS: &str = include_str!("../lexicon/requirements.txt");

/// Writes the lists of `shared/pure/masking/src/lexicon`. Not part of CI, since the packages have
/// some hundred megabytes; the lists are checked in.
///
/// # Errors
/// Where there is no Python with `venv`, the packages cannot be fetched, or the lists cannot be
/// written.
pub(crate) fn write() -> Result<()> {
    let python = python::install("lexicon", REQUIREMENTS, "python3")?;
    let ask = "import sysconfig; print(sysconfig.get_path('purelib'))";
    let site =
        read(command(&python).args(["-c", ask])).context("asking Python for its packages")?;
    let (words, made) = (
        root().join("shared/pure/masking/src/lexicon"),
        target().join("lexicon-words"),
    );
    run(command(&python)
        .arg(root().join("xtask/lexicon/generate.py"))
        .arg(site.trim())
        .arg(&made)
        .arg(root().join("detections/event_names_more.txt")))?;
    for list in ["words.txt", "short_parts.txt", "short_tokens.txt"] {
        fs::copy(made.join(list), words.join(list)).with_context(|| format!("writing {list}"))?;
    }
    Ok(())
}
