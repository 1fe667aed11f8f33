//! The environments of functions, out of the file of `--settings-file`.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use settings::{Function, RawSettings};

/// Functions and their settings, by name of function.
///
/// # Errors
/// The file cannot be read, or is not a JSON object of functions with an object of texts each. No
/// error repeats a value.
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
    let environments: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_str(text)
        .map_err(|error| {
            anyhow!(
                "line {}, column {}: not valid; accepts a JSON object of functions, each with an object of settings and their values as text",
                error.line(),
                error.column()
            )
        })?;
    let function = |(name, settings): (String, BTreeMap<String, String>)| {
        let function = Function::from_name(&name).with_context(|| {
            let names = Function::ALL.map(Function::name).join(", ");
            format!("{name:?} is not a function; accepts {names}")
        })?;
        Ok((function, settings.into_iter().collect()))
    };
    environments.into_iter().map(function).collect()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn every_function_has_its_settings() {
        let text = r#"{"s3-forwarder":{"MASK_MODE":"off"},"firehose-relay":{}}"#;
        let environments = parse(text).unwrap();
        let found: Vec<_> = environments
            .iter()
            .map(|(function, raw)| (function.name(), raw.get("MASK_MODE")))
            .collect();
        assert_eq!(
            found,
            [("firehose-relay", None), ("s3-forwarder", Some("off"))]
        );
    }

    #[test]
    fn another_document_is_refused_by_place_and_without_its_values() {
        for (text, expected) in [
            ("", "line 1, column 0: not valid; accepts a JSON object"),
            (
                "{\"s3-forwarder\":\n{\"HEC_URL\":17}}",
                "line 2, column 13: not valid",
            ),
            ("[]", "accepts a JSON object"),
            (
                r#"{"s3":{}}"#,
                "\"s3\" is not a function; accepts firehose-transform, firehose-relay, event-forwarder, s3-forwarder",
            ),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
            assert!(!error.contains("17"), "{error}");
        }
    }
}
