//! Recognizes HEC objects.

use serde::Deserialize;
use serde::de::IgnoredAny;

/// The keys of HEC and no other, because a CloudTrail record may have a key `event` too.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Object {
    #[serde(rename = "event")]
    _event: Present,
    #[serde(rename = "time")]
    _time: Option<IgnoredAny>,
    #[serde(rename = "host")]
    _host: Option<IgnoredAny>,
    #[serde(rename = "source")]
    _source: Option<IgnoredAny>,
    #[serde(rename = "sourcetype")]
    _source_type: Option<IgnoredAny>,
    #[serde(rename = "index")]
    _index: Option<IgnoredAny>,
    #[serde(rename = "fields")]
    _fields: Option<IgnoredAny>,
}

/// Any value, `null` too.
struct Present;

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

/// Whether `line` is one HEC object: a JSON object with an `event` and no keys but those of HEC.
pub fn is_object(line: &[u8]) -> bool {
    // A derived struct would also accept an array.
    line.trim_ascii_start().starts_with(b"{") && serde_json::from_slice::<Object>(line).is_ok()
}

#[cfg(test)]
mod tests {
    use super::is_object;

    #[test]
    fn objects_are_distinguished_from_records() {
        for object in [
            r#"{"time":1,"event":{"eventVersion":"1.08"}}"#,
            r#"{"event":"text","fields":{"a":1},"host":"h","source":"s","sourcetype":"t","index":"i"}"#,
            r#"{"event":null}"#,
        ] {
            assert!(is_object(object.as_bytes()), "{object}");
        }
        for other in [
            r#"{"eventVersion":"1.08","eventTime":"x","event":1}"#,
            r#"{"event":{"userName":"alice"},"userName":"alice"}"#,
            r#"{"Records":[]}"#,
            r#"{"time":1}"#,
            r#"[1,2,3,4,5,6,7]"#,
            "x",
            "",
        ] {
            assert!(!is_object(other.as_bytes()), "{other}");
        }
    }
}
