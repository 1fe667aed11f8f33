//! The known CloudTrail event names, from the AWS service models in botocore.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::python;
use crate::workspace::{command, read, root};

/// Writes `detections/event_names.txt` from the pinned botocore. To refresh the list, raise the
/// version in `xtask/botocore-requirements.txt` first.
///
/// # Errors
/// botocore cannot be installed, the script fails, or the file cannot be written.
pub(crate) fn write() -> Result<()> {
    let requirements = include_str!("../botocore-requirements.txt");
    let python = python::install("botocore", requirements, "python3")?;
    let script = root().join("xtask/event_names.py");
    let names = read(command(python).arg(script)).context("listing the operations")?;
    ensure!(
        names.contains("\n[iam]\n"),
        "the list has no operations of IAM"
    );
    let path = root().join("detections/event_names.txt");
    fs::write(&path, names).with_context(|| format!("writing {}", path.display()))
}
