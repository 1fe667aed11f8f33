//! The errors of a function that cannot start are those of `sightline check` for the same settings and rules.

#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use scenarios::{Function, Outcome, artifacts, logs};
use serde_json::{Value, json};

const SOON: Duration = Duration::from_secs(30);

const FUNCTIONS: [&str; 4] = [
    "firehose-transform",
    "event-forwarder",
    "s3-forwarder",
    "firehose-relay",
];

/// The reason in the log of the binary `name` for not starting with `settings`.
fn start_error(name: &str, settings: &[(&str, &str)]) -> Option<String> {
    let mut function = Function::start(&artifacts::binary(name)?, settings);
    let Outcome::Exited(code, output) = function.invoke("{}", SOON) else {
        panic!("{name} starts with {settings:?}");
    };
    assert_eq!(code, Some(1), "{output}");
    let mut reasons =
        logs::lines(&output).filter_map(|line| Some(line["error"].as_str()?.to_owned()));
    Some(reasons.next().unwrap())
}

/// The errors that `sightline check` reports of `settings` for the function `name`.
fn errors(name: &str, settings: &[(&str, &str)]) -> Option<Vec<String>> {
    let settings: serde_json::Map<String, Value> = settings
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect();
    let mut command = Command::new(artifacts::binary("sightline")?);
    command.args(["check", "--settings-file", "-", "--format", "json"]);
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut check = command.spawn().unwrap();
    let input = json!([{ "function": name, "settings": settings }]).to_string();
    check
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = check.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let errors = report["checks"][0]["errors"].as_array().unwrap().iter();
    Some(
        errors
            .map(|error| error["text"].as_str().unwrap().to_owned())
            .collect(),
    )
}

#[test]
fn wrong_and_missing_settings_have_the_errors_of_check() {
    let wrong = [
        ("HEC_PROFILE", "splnk"),
        ("MASK_FIELDS", "userNme"),
        ("HEC_URL", "http://collector.example"),
    ];
    for name in FUNCTIONS {
        let Some(expected) = errors(name, &wrong) else {
            return;
        };
        // The transformation delivers nothing; the others lack SECRET_NAME, the relay also its key.
        let count = match name {
            "firehose-transform" => 3,
            "firehose-relay" => 5,
            _ => 4,
        };
        assert_eq!(expected.len(), count, "{expected:?}");
        let reason = start_error(name, &wrong).unwrap();
        assert_eq!(reason, format!("settings: {}", expected.join("\n")));
    }
}

#[test]
fn wrong_rules_and_protected_resources_have_the_errors_of_check() {
    let folder = tempfile::tempdir().unwrap();
    let rule = "title: Mine\nid: 5f0c9d3e-7a51-4f6e-9a53-0f1d2c3b4a59\nlogsource:\n  product: aws\n  service: cloudtrail\ndetection:\n  selection:\n    eventName|soundslike: CreateUser\n  condition: selection\nlevel: low\n";
    std::fs::write(folder.path().join("mine.yml"), rule).unwrap();
    let own = folder.path().join("own.json");
    std::fs::write(&own, r#"{"buckets":[]}"#).unwrap();
    let own = format!("@{}", own.display());
    let complete = [("HEC_URL", "http://127.0.0.1:9"), ("SECRET_NAME", "hec")];
    for wrong in [
        ("RULES_DIR", folder.path().to_str().unwrap()),
        ("OWN_RESOURCES", &own),
    ] {
        let settings = [&complete[..], &[wrong]].concat();
        for name in &FUNCTIONS[..3] {
            let Some(expected) = errors(name, &settings) else {
                return;
            };
            let reason = start_error(name, &settings).unwrap();
            assert_eq!(reason, format!("rules: {}", expected.join("\n")));
        }
    }
}

#[test]
fn unusable_urls_and_certificates_have_the_errors_of_check() {
    let url = ("HEC_URL", "https://collector.example:99999");
    let file = ("HEC_CA_FILE", "/no/such/ca.pem");
    for wrong in [
        vec![url, ("SECRET_NAME", "hec")],
        vec![
            ("HEC_URL", "https://collector.example"),
            ("SECRET_NAME", "hec"),
            file,
        ],
    ] {
        let settings = [&wrong[..], &[("RELAY_KEY_SECRET", "key")]].concat();
        for name in &FUNCTIONS[1..3] {
            let Some(expected) = errors(name, &settings) else {
                return;
            };
            assert_eq!(start_error(name, &settings).unwrap(), expected.join("\n"));
        }
    }
}
