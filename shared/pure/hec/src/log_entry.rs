//! A HEC object as an entry of a log collector.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// One element of `{"logs":[…]}`.
#[derive(Debug, Serialize)]
pub struct LogEntry {
    /// `eventTime` (RFC 3339), else the HEC object's epoch seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<Value>,
    /// The event, verbatim.
    body: String,
    /// `ERROR` if the event has an error code, `WARN` if its name begins with Delete, Terminate or
    /// Revoke, else `INFO`.
    severity_text: &'static str,
    /// The known attributes that are present.
    attributes: Map<String, Value>,
}

#[derive(Deserialize)]
struct HecObject<'o> {
    time: Option<Value>,
    source: Option<Value>,
    #[serde(borrow)]
    event: &'o RawValue,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Event {
    event_time: Option<Value>,
    event_name: Option<String>,
    event_source: Option<Value>,
    aws_region: Option<Value>,
    error_code: Option<Value>,
    #[serde(rename = "sourceIPAddress")]
    source_ip: Option<Value>,
    user_identity: Option<Value>,
}

impl LogEntry {
    /// The entry for `object`. Anything but a HEC object becomes the body verbatim, so that nothing is
    /// lost.
    pub fn from_hec_object(object: &[u8]) -> Self {
        match serde_json::from_slice(object) {
            Ok(object) => Self::from_object(object),
            Err(_) => Self {
                timestamp: None,
                body: String::from_utf8_lossy(object.trim_ascii()).into_owned(),
                severity_text: "INFO",
                attributes: Map::new(),
            },
        }
    }

    fn from_object(object: HecObject<'_>) -> Self {
        // An event that is not a record has no attribute but its source.
        let event: Event = serde_json::from_str(object.event.get()).unwrap_or_default();
        let identity = event.user_identity.as_ref().and_then(|identity| {
            let text = |key| identity.get(key).filter(|value| value.is_string());
            ["arn", "userName", "principalId", "type"]
                .into_iter()
                .find_map(text)
        });
        let name = event.event_name.unwrap_or_default();
        let has_error = event
            .error_code
            .as_ref()
            .is_some_and(|code| !code.is_null());
        let severity_text = if has_error {
            "ERROR"
        } else if is_removal(&name) {
            "WARN"
        } else {
            "INFO"
        };
        let pairs = [
            ("source", object.source),
            (
                "event_name",
                Some(name)
                    .filter(|name| !name.is_empty())
                    .map(Value::String),
            ),
            ("event_source", event.event_source),
            ("aws_region", event.aws_region),
            ("user_identity", identity.cloned()),
            ("source_ip", event.source_ip),
            ("error_code", event.error_code),
        ];
        let known = pairs.into_iter().filter_map(|(key, value)| {
            let value = value.filter(|value| !value.is_null())?;
            Some((key.to_owned(), value))
        });
        Self {
            timestamp: event.event_time.filter(Value::is_string).or(object.time),
            body: object.event.get().to_owned(),
            severity_text,
            attributes: known.collect(),
        }
    }
}

fn is_removal(name: &str) -> bool {
    ["delete", "terminate", "revoke"].iter().any(|verb| {
        name.get(..verb.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(verb))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(event: &str) -> Value {
        let object = format!(r#"{{"time":5,"source":"s3://b/k","event":{event}}}"#);
        serde_json::to_value(LogEntry::from_hec_object(object.as_bytes())).unwrap()
    }

    #[test]
    fn entries_have_the_attributes_of_the_event() {
        let event = r#"{"eventTime":"2026-01-01T00:00:00Z","eventName":"GetObject","eventSource":"s3.amazonaws.com","awsRegion":"eu-west-1","sourceIPAddress":"pii-k1-0","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::1:user/pii-k1-1"},"n":1.10}"#;
        let entry = entry(event);
        assert_eq!(entry["timestamp"], "2026-01-01T00:00:00Z");
        assert_eq!(entry["body"], event);
        assert_eq!(entry["severity_text"], "INFO");
        assert_eq!(
            entry["attributes"],
            serde_json::json!({"source":"s3://b/k","event_name":"GetObject","event_source":"s3.amazonaws.com","aws_region":"eu-west-1","source_ip":"pii-k1-0","user_identity":"arn:aws:iam::1:user/pii-k1-1"})
        );
    }

    #[test]
    fn severity_depends_on_error_and_name() {
        let severity = |event: &str| entry(event)["severity_text"].clone();
        assert_eq!(
            severity(r#"{"eventName":"GetObject","errorCode":"AccessDenied"}"#),
            "ERROR"
        );
        assert_eq!(
            severity(r#"{"eventName":"GetObject","errorCode":null}"#),
            "INFO"
        );
        for name in [
            "DeleteTrail",
            "TerminateInstances",
            "RevokeSecurityGroupEgress",
        ] {
            assert_eq!(severity(&format!(r#"{{"eventName":"{name}"}}"#)), "WARN");
        }
        assert_eq!(severity(r#"{"eventName":"UndeleteX"}"#), "INFO");
    }

    #[test]
    fn other_events_are_entries_too() {
        let entry = entry("\"text\"");
        assert_eq!(
            (&entry["body"], &entry["timestamp"]),
            (&"\"text\"".into(), &5.into())
        );
        for other in ["{}", "x"] {
            let entry = LogEntry::from_hec_object(format!("{other}\n").as_bytes());
            assert_eq!(
                serde_json::to_value(entry).unwrap(),
                serde_json::json!({"body":other,"severity_text":"INFO","attributes":{}})
            );
        }
    }
}
