//! Keys of objects: how routes encode them, and what they say about the content.

/// The key that a notification encodes as HTML forms do: `+` for a space, `%` and two hexadecimal
/// digits for a byte. `None` if the bytes are not UTF-8.
pub(crate) fn form_decoded(key: &str) -> Option<String> {
    let bytes = key.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = key
            .get(at + 1..at + 3)
            .filter(|hex| byte == b'%' && hex.bytes().all(|b| b.is_ascii_hexdigit()));
        match (byte, hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (_, Some(spelled)) => {
                out.push(spelled);
                at += 2;
            }
            (b'+', None) => out.push(b' '),
            (other, None) => out.push(other),
        }
        at += 1;
    }
    String::from_utf8(out).ok()
}

/// What an object holds according to its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A log file of CloudTrail's: events, Insights, network activity.
    LogFile,
    /// A digest file, or a file of Sightline's own: no events.
    NoEvents,
    /// Lambda's record of a failed invocation: the only copy of the event in it.
    FailedInvocation,
    /// Only the content shows it.
    Unknown,
}

/// Where Lambda's S3 destinations write (AWS Lambda developer guide, "Capturing records of Lambda
/// asynchronous invocations").
const FAILED_INVOCATIONS: &str = "aws/lambda/async/";

/// The kind by `AWSLogs/…/<kind>/<region>/…`, whatever the prefix, or by Lambda's own prefix.
pub(crate) fn kind(key: &str) -> Kind {
    if key.starts_with(FAILED_INVOCATIONS) {
        return Kind::FailedInvocation;
    }
    let is_under = |folder: &str| key.contains(&format!("/{folder}/"));
    if is_under("CloudTrail-Digest") || key.starts_with("dead-letters/") || key.ends_with('/') {
        Kind::NoEvents
    } else if [
        "CloudTrail",
        "CloudTrail-Insight",
        "CloudTrail-NetworkActivity",
    ]
    .iter()
    .any(|folder| is_under(folder))
    {
        Kind::LogFile
    } else {
        Kind::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_decoded_as_forms_are() {
        for (spelled, key) in [
            ("AWSLogs%2F1+2%2B.gz", "AWSLogs/1 2+.gz"),
            ("AWSLogs/1%202%2B.gz", "AWSLogs/1 2+.gz"),
            ("%C3%A9%e2%82%ac", "é€"),
            ("100%", "100%"),
            ("%zz%4", "%zz%4"),
            ("%+1", "% 1"),
        ] {
            assert_eq!(form_decoded(spelled).as_deref(), Some(key), "{spelled}");
        }
        assert_eq!(form_decoded("%ff"), None);
    }

    #[test]
    fn keys_say_what_an_object_holds() {
        let file =
            |folder: &str| format!("p/AWSLogs/o-1/1/{folder}/eu-west-1/2026/01/01/x.json.gz");
        assert_eq!(kind(&file("CloudTrail")), Kind::LogFile);
        assert_eq!(kind(&file("CloudTrail-Insight")), Kind::LogFile);
        assert_eq!(kind(&file("CloudTrail-Digest")), Kind::NoEvents);
        assert_eq!(kind(&file("CloudTrail-Aggregated")), Kind::Unknown);
        assert_eq!(kind(&file("Config")), Kind::Unknown);
        assert_eq!(kind("dead-letters/f/2026/x.json.gz"), Kind::NoEvents);
        assert_eq!(kind("AWSLogs/1/CloudTrail/"), Kind::NoEvents);
        let record = "aws/lambda/async/event-forwarder/2026/01/02/2026-01-02T03.04.05-x";
        assert_eq!(kind(record), Kind::FailedInvocation);
    }
}
