//! `sightline check`: findings, output formats and exit codes.

#![allow(clippy::unwrap_used, reason = "a missing value fails the test")]

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

/// Runs `sightline check` in an empty environment, with `input` on standard input.
fn check(arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sightline"));
    command.env_clear().arg("check").args(arguments);
    command.stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // The program does not read it if the arguments are not valid.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

const FUNCTIONS: &[&str] = &["--settings-file", "-", "--format", "json"];

/// The file of `--settings-file` for one function.
fn settings_of(function: &str, settings: &Value) -> String {
    json!([{ "function": function, "settings": settings }]).to_string()
}

const FIELD: &str =
    "MASK_FIELDS: entry 1 is not a field that can be masked; did you mean userName?";

const DIGEST: &str = "MASK_MODE=sha256: plain digests of IPv4 addresses can be reversed in minutes; use MASK_MODE=hmac";

/// A folder with one Sigma rule, whose selection is `selection`.
fn rules(selection: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let rule = format!(
        "title: Mine\nid: 5f0c9d3e-7a51-4f6e-9a53-0f1d2c3b4a59\nlogsource:\n  product: aws\n  service: cloudtrail\ndetection:\n  selection:\n    {selection}\n  condition: selection\nlevel: low\n"
    );
    std::fs::write(folder.path().join("mine.yml"), rule).unwrap();
    folder
}

#[test]
fn every_function_is_checked_by_what_it_requires() {
    let delivery = json!({ "HEC_URL": "https://hec.example", "SECRET_NAME": "hec" });
    let environments = json!([
        { "function": "event-forwarder", "settings": delivery },
        { "function": "firehose-relay", "settings": delivery },
        { "function": "firehose-transform", "settings": {} },
        { "function": "s3-forwarder", "settings": {} },
    ]);
    let output = check(FUNCTIONS, &environments.to_string());
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let report = json(&output);
    let found: Vec<_> = report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| {
            let errors = check["errors"].as_array().unwrap().iter();
            let settings: Vec<_> = errors.map(|error| error["setting"].clone()).collect();
            (check["function"].as_str().unwrap(), Value::from(settings))
        })
        .collect();
    assert_eq!(
        found,
        [
            ("event-forwarder", json!([])),
            ("firehose-relay", json!(["RELAY_KEY_SECRET"])),
            ("firehose-transform", json!([])),
            ("s3-forwarder", json!(["HEC_URL", "SECRET_NAME"])),
        ]
    );
}

#[test]
fn settings_and_rules_are_reported_together_with_the_text_for_people() {
    let folder = rules("eventName|soundslike: CreateUser");
    let rules = folder.path().to_str().unwrap();
    let settings = json!({ "MASK_MODE": "sha256", "MASK_FIELDS": "userNme", "RULES_DIR": rules });
    let input = settings_of("firehose-transform", &settings);
    let output = check(FUNCTIONS, &input);
    assert_eq!(output.status.code(), Some(1));
    let check_of = &json(&output)["checks"][0];
    assert_eq!(
        check_of["errors"][0],
        json!({ "setting": "MASK_FIELDS", "text": FIELD })
    );
    let rule = check_of["errors"][1]["text"].as_str().unwrap();
    assert!(
        rule.starts_with(&format!(
            "RULES_DIR: {rules}/mine.yml:8: Unknown modifier 'soundslike'; use "
        )),
        "{rule}"
    );
    assert_eq!(check_of["errors"][1]["setting"], "RULES_DIR");

    let people = check(&["--settings-file", "-"], &input);
    assert_eq!(
        stdout(&people),
        format!("firehose-transform:\n{FIELD}\n{rule}\n")
    );
    let flags = ["--mask-mode", "sha256", "--mask-fields", "userNme"];
    let people = check(&[&flags[..], &["--rules-dir", rules]].concat(), "");
    assert_eq!(stdout(&people), format!("{FIELD}\n{rule}\n"));
    assert_eq!(people.status.code(), Some(1));
}

#[test]
fn warnings_are_reported_and_leave_the_exit_code_alone() {
    let folder = rules("sourceIPAddress: 203.0.113.7");
    let rules = folder.path().to_str().unwrap();
    let settings = json!({ "MASK_MODE": "sha256", "RULES_DIR": rules });
    let input = settings_of("firehose-transform", &settings);
    let output = check(FUNCTIONS, &input);
    assert_eq!(output.status.code(), Some(0));
    let every =
        format!("RULES_DIR: {rules}/mine.yml names no event: every event is evaluated against it");
    assert_eq!(
        json(&output),
        json!({ "checks": [{
            "function": "firehose-transform",
            "errors": [],
            "warnings": [
                { "setting": "MASK_MODE", "text": DIGEST },
                { "setting": "RULES_DIR", "text": every },
            ],
            "userRules": { "names": {}, "sourceless": [format!("{rules}/mine.yml (Mine)")] },
        }] })
    );
    let people = check(&["--settings-file", "-"], &input);
    assert_eq!(
        stdout(&people),
        format!(
            "firehose-transform: settings and rules are valid\nwarning: {DIGEST}\nwarning: {every}\n"
        )
    );
}

#[test]
fn an_unknown_event_name_is_a_warning_with_the_nearest_known_one() {
    let text = "EVENT_NAMES: 'ConsoleLogn' is not a known CloudTrail event name; did you mean 'ConsoleLogin'?";
    let settings = json!({ "EVENT_NAMES": "curated,ConsoleLogn,iam:CreateUser" });
    let input = settings_of("firehose-transform", &settings);
    let output = check(FUNCTIONS, &input);
    assert_eq!(output.status.code(), Some(0));
    let check_of = &json(&output)["checks"][0];
    assert_eq!(check_of["errors"], json!([]));
    let warning = json!({ "setting": "EVENT_NAMES", "text": text });
    assert_eq!(check_of["warnings"], json!([warning]));
}

#[test]
fn a_function_is_checked_in_the_environment_of_the_command() {
    let output = check(&["--function", "s3-forwarder"], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stdout(&output).starts_with("HEC_URL: is not set, but required to deliver events; "),
        "{}",
        stdout(&output)
    );
    let flags = [
        "--function",
        "s3-forwarder",
        "--hec-url",
        "https://hec.example",
        "--secret-name",
        "hec",
    ];
    let output = check(&flags, "");
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert!(stdout(&output).ends_with("settings and rules are valid\n"));
}

#[test]
fn url_and_certificates_are_checked_where_the_function_delivers() {
    for (url, file, setting, expected) in [
        (
            "https://hec.example:99999",
            None,
            "HEC_URL",
            "HEC_URL is not a valid URL",
        ),
        (
            "https://hec.example",
            Some("/no/such/ca.pem"),
            "HEC_CA_FILE",
            "HEC_CA_FILE: cannot read /no/such/ca.pem: No such file or directory (os error 2)",
        ),
    ] {
        let mut settings = json!({ "HEC_URL": url, "SECRET_NAME": "hec" });
        if let Some(file) = file {
            settings["HEC_CA_FILE"] = json!(file);
        }
        let output = check(FUNCTIONS, &settings_of("event-forwarder", &settings));
        assert_eq!(output.status.code(), Some(1));
        let error = json!({ "setting": setting, "text": expected });
        assert_eq!(json(&output)["checks"][0]["errors"], json!([error]));
        let output = check(FUNCTIONS, &settings_of("firehose-transform", &settings));
        assert_eq!(output.status.code(), Some(0));
        let flags = ["--hec-url", url, "--hec-ca-file", file.unwrap_or("unused")];
        let flags = &flags[..if file.is_some() { 4 } else { 2 }];
        let output = check(flags, "");
        assert_eq!(stdout(&output), format!("{expected}\n"));
    }
}

#[test]
fn a_check_that_cannot_run_has_its_own_exit_code() {
    for (arguments, input, expected) in [
        (
            FUNCTIONS,
            "",
            "--settings-file: line 1, column 0: not valid",
        ),
        (
            FUNCTIONS,
            r#"[{"function":"s3","settings":{}}]"#,
            "\"s3\" is not a function; use one of firehose-transform,",
        ),
        (
            &["--settings-file", "/no/such/file"],
            "",
            "--settings-file: cannot read /no/such/file",
        ),
        (
            &["--settings-file", "-", "--hec-index", "main"],
            "[]",
            "cannot be used with '--hec-index",
        ),
        (
            &["--function", "s3"],
            "",
            "use one of firehose-transform, firehose-relay, event-forwarder, s3-forwarder",
        ),
    ] {
        let output = check(arguments, input);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
        assert_eq!(stdout(&output), "");
    }
}

#[test]
fn a_mask_key_is_checked_and_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.json");
    let path = path.to_str().unwrap();
    let arguments = ["--mask-mode", "hmac", "--mask-key-file", path];
    std::fs::write(path, r#"{"key_id":"k1","key":"c2hvcnQ="}"#).unwrap();
    let short = check(&arguments, "");
    assert_eq!(short.status.code(), Some(1));
    assert!(
        stdout(&short).contains("--mask-key-file: ") && !stdout(&short).contains("c2hvcnQ="),
        "{}",
        stdout(&short)
    );
    let key = "A".repeat(43) + "=";
    std::fs::write(path, format!(r#"{{"key_id":"k1","key":"{key}"}}"#)).unwrap();
    let good = check(&arguments, "");
    assert_eq!(good.status.code(), Some(0), "{}", stdout(&good));
    assert!(stdout(&good).contains("mask key k1 of 32 bytes, 0 previous (redacted)"));
    assert!(!stdout(&good).contains(&key));
}
