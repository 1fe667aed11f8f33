//! What the key of an object shows about its content.

/// What an object holds according to its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ObjectKind {
    /// A CloudTrail log file: events, Insights, network activity.
    LogFile,
    /// A digest file, or a file that Sightline wrote: no events.
    NoEvents,
    /// Lambda's record of a failed invocation: the only copy of the event in it.
    FailedInvocation,
    /// The key does not show it.
    Unknown,
}

/// Where Lambda's S3 destinations write (AWS Lambda developer guide, "Capturing records of Lambda
/// asynchronous invocations").
const FAILED_INVOCATIONS: &str = "aws/lambda/async/";

/// The kind by `AWSLogs/…/<kind>/<region>/…` after any prefix, or by Lambda's own prefix.
pub(crate) fn kind(key: &str) -> ObjectKind {
    if key.starts_with(FAILED_INVOCATIONS) {
        return ObjectKind::FailedInvocation;
    }
    let is_under = |folder: &str| key.contains(&format!("/{folder}/"));
    if is_under("CloudTrail-Digest") || key.starts_with("dead-letters/") || key.ends_with('/') {
        ObjectKind::NoEvents
    } else if [
        "CloudTrail",
        "CloudTrail-Insight",
        "CloudTrail-NetworkActivity",
    ]
    .iter()
    .any(|folder| is_under(folder))
    {
        ObjectKind::LogFile
    } else {
        ObjectKind::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_show_what_an_object_holds() {
        let file =
            |folder: &str| format!("p/AWSLogs/o-1/1/{folder}/eu-west-1/2026/01/01/x.json.gz");
        assert_eq!(kind(&file("CloudTrail")), ObjectKind::LogFile);
        assert_eq!(kind(&file("CloudTrail-Insight")), ObjectKind::LogFile);
        assert_eq!(kind(&file("CloudTrail-Digest")), ObjectKind::NoEvents);
        assert_eq!(kind(&file("CloudTrail-Aggregated")), ObjectKind::Unknown);
        assert_eq!(kind(&file("Config")), ObjectKind::Unknown);
        assert_eq!(kind("dead-letters/f/2026/x.json.gz"), ObjectKind::NoEvents);
        assert_eq!(kind("AWSLogs/1/CloudTrail/"), ObjectKind::NoEvents);
        let record = "aws/lambda/async/event-forwarder/2026/01/02/2026-01-02T03.04.05-x";
        assert_eq!(kind(record), ObjectKind::FailedInvocation);
    }
}
