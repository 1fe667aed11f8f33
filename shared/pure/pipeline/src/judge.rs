//! What an event is worth looking at for.

use cloudtrail::{Field, Record};
use detection::{Finding, Outcome, Rules, Severity, curated_severity};

/// What was found in one record, and how much it matters.
pub(crate) struct Judgement {
    pub(crate) severity: Severity,
    pub(crate) finding: Option<Finding>,
}

impl Judgement {
    /// Whether the event blinds, or tried to, or may have.
    pub(crate) fn blinding(&self) -> Option<Outcome> {
        self.finding.as_ref()?.blinding
    }
}

/// Judges the record in `text`, of which `record` is a scan.
pub(crate) fn judge(rules: &mut Rules, text: &[u8], record: &Record) -> Judgement {
    let source = record.string(text, Field::EventSource).unwrap_or_default();
    let name = record.string(text, Field::EventName).unwrap_or_default();
    let is_refused = record.string(text, Field::ErrorCode).is_some();
    let finding = if rules.is_candidate(&source, &name) {
        rules.evaluate(&source, &name, is_refused, &text[record.object()])
    } else {
        None
    };
    let level = match &finding {
        Some(finding) => finding.severity,
        None => curated_severity(&source, &name).unwrap_or(Severity::Informational),
    };
    let is_root = record.get(text, Field::UserIdentityType) == Some(b"\"Root\"");
    let level = if is_root || is_failed_login(&name, text, record) {
        level.max(Severity::Medium)
    } else {
        level
    };
    Judgement {
        severity: if is_refused { level.raised() } else { level },
        finding,
    }
}

/// Whether the record is of a console login that failed: a failure has an error message, or says
/// so in its response elements (AWS Sign-In user guide, "Logging sign-in events").
fn is_failed_login(name: &str, text: &[u8], record: &Record) -> bool {
    if name != "ConsoleLogin" {
        return false;
    }
    let parsed: Option<serde_json::Value> = serde_json::from_slice(&text[record.object()]).ok();
    parsed.is_some_and(|record| {
        record["responseElements"]["ConsoleLogin"] == "Failure"
            || record["errorMessage"].is_string()
    })
}
