//! checkov over the templates of the CDK app, against the findings that are accepted.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::workspace::{command, read};

/// What checkov and all it needs are pinned to.
pub(crate) const REQUIREMENTS: &str = include_str!("../checkov-requirements.txt");

const ACCEPTED: &str = include_str!("../checkov-accepted.txt");

/// A check that failed for a resource, such as `AWS::S3::Bucket.DeadLetters0F3C8D2A`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    check: String,
    resource: String,
}

/// A finding that is meant, and why.
#[derive(Debug, PartialEq, Eq)]
struct Accepted<'t> {
    check: &'t str,
    /// A resource, or what its name begins with and a `*`.
    resource: &'t str,
}

impl Accepted<'_> {
    fn covers(&self, finding: &Finding) -> bool {
        let fits = match self.resource.strip_suffix('*') {
            Some(start) => finding.resource.starts_with(start),
            None => finding.resource == self.resource,
        };
        fits && finding.check == self.check
    }
}

/// Runs `program`, without a network, over every template below `folder`.
///
/// # Errors
/// A finding is not accepted, an accepted one does not occur any more, or the list cannot be read.
pub(crate) fn check(program: &Path, folder: &Path) -> Result<()> {
    let mut checkov = command(program);
    checkov.args(["--framework", "cloudformation", "--skip-download"]);
    checkov.args(["--quiet", "--compact", "--soft-fail", "--output", "json"]);
    // A relative folder, since checkov takes 40 letters and slashes of a path for a secret in a variable of a function.
    checkov.current_dir(folder).args(["--directory", "."]);
    let report = read(&mut checkov).context("looking for what is insecure in the templates")?;
    let found = findings(&report)?;
    let wrong = differences(&found, &accepted(ACCEPTED)?);
    if wrong.is_empty() {
        println!("checkov: {} findings, all of them accepted", found.len());
        return Ok(());
    }
    bail!("xtask/checkov-accepted.txt:\n{}", wrong.join("\n"))
}

/// What failed, each once.
fn findings(report: &str) -> Result<BTreeSet<Finding>> {
    let report: Value = serde_json::from_str(report).context("the report of checkov")?;
    let resources = report["summary"]["resource_count"].as_u64().unwrap_or(0);
    ensure!(resources > 0, "checkov has seen no resource");
    let errors = report["summary"]["parsing_errors"].as_u64();
    ensure!(errors == Some(0), "checkov could not read every template");
    let failed = report["results"]["failed_checks"].as_array();
    let failed = failed.context("the report of checkov has no failed_checks")?;
    let text = |finding: &Value, key: &str| {
        let value = finding[key].as_str().map(str::to_owned);
        value.with_context(|| format!("a finding of checkov has no {key}"))
    };
    failed
        .iter()
        .map(|finding| {
            let check = text(finding, "check_id")?;
            let resource = text(finding, "resource")?;
            Ok(Finding { check, resource })
        })
        .collect()
}

/// The lines of the list, its comments left out.
fn accepted(list: &str) -> Result<Vec<Accepted<'_>>> {
    let lines = list.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let mut words = line.split_whitespace();
            let (check, resource) = (words.next(), words.next());
            ensure!(words.next().is_some(), "no reason: {line}");
            let (check, resource) = check.zip(resource).context("no resource")?;
            Ok(Accepted { check, resource })
        })
        .collect()
}

/// A line for each finding that nobody accepted, and for each that is accepted and does not occur.
fn differences(found: &BTreeSet<Finding>, accepted: &[Accepted<'_>]) -> Vec<String> {
    let new = found
        .iter()
        .filter(|finding| !accepted.iter().any(|one| one.covers(finding)))
        .map(|Finding { check, resource }| {
            format!("{check} {resource} is not accepted: correct it, or add it with a reason")
        });
    let gone = accepted
        .iter()
        .filter(|one| !found.iter().any(|finding| one.covers(finding)))
        .map(|Accepted { check, resource }| {
            format!("{check} {resource} does not occur any more: remove it")
        });
    new.chain(gone).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(check: &str, resource: &str) -> Finding {
        Finding {
            check: check.to_owned(),
            resource: resource.to_owned(),
        }
    }

    #[test]
    fn what_is_new_and_what_is_gone_are_both_reported() {
        let list = "# a comment\n\nCKV_1 AWS::S3::Bucket.Dead* why\nCKV_2 AWS::S3::Bucket.Dead1 why\nCKV_3 A::B.C* why\n";
        let list = accepted(list).unwrap();
        let found = BTreeSet::from([
            finding("CKV_1", "AWS::S3::Bucket.Dead1"),
            finding("CKV_1", "AWS::S3::Bucket.Live1"),
            finding("CKV_2", "AWS::S3::Bucket.Dead12"),
        ]);
        let said = differences(&found, &list);
        let expected = [
            "CKV_1 AWS::S3::Bucket.Live1 is not accepted",
            "CKV_2 AWS::S3::Bucket.Dead12 is not accepted",
            "CKV_2 AWS::S3::Bucket.Dead1 does not occur",
            "CKV_3 A::B.C* does not occur",
        ];
        assert_eq!(said.len(), expected.len(), "{said:?}");
        for (line, start) in said.iter().zip(expected) {
            assert!(line.starts_with(start), "{line}");
        }
    }

    #[test]
    fn a_line_needs_a_reason() {
        assert!(accepted("CKV_1 AWS::S3::Bucket.Dead*").is_err());
        assert!(!accepted(ACCEPTED).unwrap().is_empty());
    }

    #[test]
    fn a_report_about_nothing_is_an_error() {
        assert!(findings(r#"{"passed": 0, "failed": 0, "resource_count": 0}"#).is_err());
        let report = r#"{"results": {"failed_checks": [{"check_id": "CKV_1", "resource": "A.B"}, {"check_id": "CKV_1", "resource": "A.B"}]},
            "summary": {"resource_count": 2, "parsing_errors": 0}}"#;
        let found = findings(report).unwrap();
        assert_eq!(found, BTreeSet::from([finding("CKV_1", "A.B")]));
        assert!(
            findings(&report.replace("\"parsing_errors\": 0", "\"parsing_errors\": 1")).is_err()
        );
    }
}
