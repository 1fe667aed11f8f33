//! The settings of functions in the file of `--settings-file`.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use serde::Deserialize;
use settings::{Function, RawSettings};

/// One element of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Element {
    function: String,
    settings: BTreeMap<String, String>,
}

/// Functions and their settings, in the order of the file. A function may occur several times.
///
/// # Errors
/// The file cannot be read, or is not a JSON array of functions and their settings as strings.
/// Errors never contain a value.
pub(super) fn read(file: &Path) -> Result<Vec<(Function, RawSettings)>> {
    let text = if file == Path::new("-") {
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text);
        read.map(|_| text).context("cannot read standard input")?
    } else {
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?
    };
    parse(&text)
}

fn parse(text: &str) -> Result<Vec<(Function, RawSettings)>> {
    let elements: Vec<Element> = serde_json::from_str(text).map_err(|error| {
        anyhow!(
            "line {}, column {}: not valid; use a JSON array of {{\"function\":NAME,\"settings\":{{NAME:TEXT}}}}",
            error.line(),
            error.column()
        )
    })?;
    let function = |element: Element| {
        let function: Function = element.function.parse().ok().with_context(|| {
            let names = Function::WORDS.join(", ");
            format!(
                "{:?} is not a function; use one of {names}",
                element.function
            )
        })?;
        Ok((function, element.settings.into_iter().collect()))
    };
    elements.into_iter().map(function).collect()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn every_function_has_its_settings() {
        let text = r#"[{"function":"s3-forwarder","settings":{"MASK_MODE":"off"}},
            {"function":"s3-forwarder","settings":{}},{"function":"firehose-relay","settings":{}}]"#;
        let environments = parse(text).unwrap();
        let found: Vec<_> = environments
            .iter()
            .map(|(function, raw)| (function.name(), raw.get("MASK_MODE")))
            .collect();
        assert_eq!(
            found,
            [
                ("s3-forwarder", Some("off")),
                ("s3-forwarder", None),
                ("firehose-relay", None)
            ]
        );
    }

    #[test]
    fn invalid_documents_are_reported_by_position_without_values() {
        for (text, expected) in [
            ("", "line 1, column 0: not valid; use a JSON array of {"),
            (
                "[{\"function\":\"s3-forwarder\",\"settings\":\n{\"HEC_URL\":17}}]",
                "line 2, column 13: not valid",
            ),
            ("{}", "use a JSON array"),
            (
                r#"[{"function":"s3","settings":{}}]"#,
                "\"s3\" is not a function; use one of firehose-transform, firehose-relay, event-forwarder, s3-forwarder",
            ),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
            assert!(!error.contains("17"), "{error}");
        }
    }
}
