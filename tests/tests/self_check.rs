//! The self-check of every binary, and its behavior while a secret is empty: nothing is sent, every
//! invocation fails with the name of the setting, and setting the secret's value is enough.

#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

use std::time::Duration;

use base64_simd::STANDARD;
use scenarios::cloudtrail::{ADDRESS, PERSON, record};
use scenarios::firehose::{self, subscription, transformed};
use scenarios::{Emulator, Function, Outcome, Siem, artifacts};
use serde_json::{Value, json};

const SOON: Duration = Duration::from_secs(30);

const MASK_KEY: &str = r#"{"key_id":"k1","key":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}"#;

/// Every function with the settings that name its secrets, and valid values of the secrets.
const FUNCTIONS: [(&str, &[(&str, &str)]); 4] = [
    ("firehose-transform", &[("MASK_KEY_SECRET", MASK_KEY)]),
    (
        "event-forwarder",
        &[("MASK_KEY_SECRET", MASK_KEY), ("SECRET_NAME", "t0ken")],
    ),
    (
        "s3-forwarder",
        &[("MASK_KEY_SECRET", MASK_KEY), ("SECRET_NAME", "t0ken")],
    ),
    (
        "firehose-relay",
        &[("RELAY_KEY_SECRET", "access-key"), ("SECRET_NAME", "t0ken")],
    ),
];

struct Fixture {
    emulator: Emulator,
    siem: Siem,
}

impl Fixture {
    fn new() -> Option<Self> {
        let emulator = Emulator::start()?;
        emulator.create_bucket("logs");
        let file = format!("{{\"Records\":[{}]}}", record("e", 700));
        emulator.put_object("logs", "AWSLogs/1/CloudTrail/x.json", file.as_bytes());
        Some(Self {
            emulator,
            siem: Siem::start("t0ken"),
        })
    }

    /// The function with secrets named like their settings, and these additional settings.
    fn function(&self, name: &str, more: &[(&str, &str)]) -> Option<Function> {
        let (aws, hec) = (self.emulator.url(), self.siem.url());
        let mut settings = vec![
            ("AWS_ENDPOINT_URL", aws.as_str()),
            ("HEC_URL", &hec),
            ("SECRET_NAME", "SECRET_NAME"),
        ];
        if name == "firehose-relay" {
            settings.push(("RELAY_KEY_SECRET", "RELAY_KEY_SECRET"));
        } else {
            settings.push(("MASK_MODE", "hmac"));
            settings.push(("MASK_KEY_SECRET", "MASK_KEY_SECRET"));
        }
        settings.extend(more);
        Some(Function::start(&artifacts::binary(name)?, &settings))
    }

    fn create_empty_secret(&self, name: &str) {
        self.emulator
            .call("secretsmanager.CreateSecret", &json!({ "Name": name }));
    }
}

/// An event with one CloudTrail event that names a person, as the function receives it.
fn real_event(name: &str) -> String {
    let envelope = subscription(&[record("e", 700)]);
    match name {
        "firehose-transform" => String::from_utf8(firehose::event("trail", &[envelope])).unwrap(),
        "event-forwarder" => {
            json!({ "awslogs": { "data": STANDARD.encode_to_string(envelope) } }).to_string()
        }
        "s3-forwarder" => {
            json!({ "bucket": "logs", "key": "AWSLogs/1/CloudTrail/x.json", "next_record": 0 })
                .to_string()
        }
        _ => {
            let data = STANDARD.encode_to_string("{\"event\":{\"eventID\":\"e\"}}\n");
            let body = json!({ "requestId": "r", "timestamp": 1, "records": [{ "data": data }] });
            json!({
                "version": "2.0", "rawPath": "/", "isBase64Encoded": false, "body": body.to_string(),
                "headers": {
                    "content-type": "application/json", "x-amz-firehose-access-key": "access-key",
                    "x-amz-firehose-protocol-version": "1.0", "x-amz-firehose-request-id": "r",
                },
                "requestContext": { "http": { "method": "POST", "path": "/" } },
            })
            .to_string()
        }
    }
}

fn self_check(function: &mut Function, event: &str) -> Value {
    let answer = function.invoke(event, SOON).response();
    serde_json::from_slice(&answer).unwrap()
}

fn passed(warnings: &[String]) -> Value {
    json!({ "status": "ok", "function": "under-test", "warnings": warnings })
}

/// Asserts that the event is delivered or returned, masked.
fn is_processed(fixture: &Fixture, name: &str, answer: &[u8]) {
    let text = if name == "firehose-transform" {
        let records = transformed(answer);
        assert_eq!(records.len(), 1);
        String::from_utf8(records[0].data.clone()).unwrap()
    } else {
        assert_eq!(fixture.siem.ids(), ["e"], "{name}");
        fixture.siem.events()[0].to_string()
    };
    assert!(text.contains("\"eventID\":\"e\""), "{name}: {text}");
    assert!(!text.contains(PERSON) && !text.contains(ADDRESS), "{name}");
}

#[test]
fn a_function_that_has_started_passes() {
    for (name, secrets) in FUNCTIONS {
        let Some(fixture) = Fixture::new() else {
            return;
        };
        for (secret, value) in secrets {
            fixture.emulator.create_secret(secret, value);
        }
        let Some(mut function) = fixture.function(name, &[]) else {
            return;
        };
        for event in ["{}", "null", ""] {
            assert_eq!(self_check(&mut function, event), passed(&[]), "{name}");
        }
        let answer = function.invoke(real_event(name), SOON).response();
        is_processed(&fixture, name, &answer);
    }
}

#[test]
fn a_function_that_cannot_start_ends_and_names_the_setting() {
    let wrong_secret = |setting| match setting {
        "MASK_KEY_SECRET" => r#"{"key_id":"k1","key":"c2hvcnQ="}"#,
        _ => "two words",
    };
    for (name, secrets) in FUNCTIONS {
        let Some(fixture) = Fixture::new() else {
            return;
        };
        let fails = |more: &[(&str, &str)], setting: &str| {
            let mut function = fixture.function(name, more)?;
            let Outcome::Exited(code, output) = function.invoke("{}", SOON) else {
                panic!("{name} started despite {setting}");
            };
            assert_eq!(code, Some(1));
            assert!(output.contains(setting), "{name}: {output}");
            Some(())
        };
        if fails(&[("HEC_PROFILE", "splnk")], "HEC_PROFILE").is_none() {
            return;
        }
        // A secret that does not exist is not an empty secret.
        fails(&[], secrets[0].0);
        for (secret, _) in secrets {
            fixture.create_empty_secret(secret);
        }
        // A value for the other secret does not help if one is wrong.
        let (last, _) = secrets.last().unwrap();
        fixture.emulator.change_secret(last, wrong_secret(*last));
        fails(&[], last);
    }
}

#[test]
fn an_empty_secret_is_a_warning_and_nothing_is_sent_until_it_is_filled() {
    for (name, secrets) in FUNCTIONS {
        let Some(fixture) = Fixture::new() else {
            return;
        };
        for (secret, _) in secrets {
            fixture.create_empty_secret(secret);
        }
        let Some(mut function) = fixture.function(name, &[]) else {
            return;
        };
        let warnings: Vec<String> = secrets
            .iter()
            .map(|(name, _)| format!("{name}: the secret {name} has no value yet: put one into it"))
            .collect();
        assert_eq!(self_check(&mut function, "{}"), passed(&warnings), "{name}");

        for at in 0..secrets.len() {
            let error = function.invoke(real_event(name), SOON).error();
            let error: Value = serde_json::from_slice(&error).unwrap();
            let message = error["errorMessage"].as_str().unwrap();
            assert_eq!(
                message,
                format!("not started: {}", warnings[at..].join("; "))
            );
            fixture.emulator.change_secret(secrets[at].0, secrets[at].1);
        }
        assert!(fixture.siem.events().is_empty(), "{name}");

        let answer = function.invoke(real_event(name), SOON).response();
        is_processed(&fixture, name, &answer);
        assert_eq!(self_check(&mut function, "{}"), passed(&[]), "{name}");
        let output = function.output();
        assert!(!output.contains(PERSON) && !output.contains(ADDRESS));
    }
}

#[test]
fn a_secret_with_an_invalid_value_is_reported_and_can_be_corrected() {
    for (name, secrets) in FUNCTIONS {
        let Some(fixture) = Fixture::new() else {
            return;
        };
        let (first, others) = secrets.split_first().unwrap();
        fixture.emulator.create_secret(first.0, "{}");
        for (secret, value) in others {
            fixture.emulator.create_secret(secret, value);
        }
        let Some(mut function) = fixture.function(name, &[]) else {
            return;
        };
        let warnings = self_check(&mut function, "{}")["warnings"].clone();
        assert_eq!(warnings.as_array().unwrap().len(), 1, "{name}: {warnings}");
        fixture.emulator.change_secret(first.0, "two words");
        for event in [real_event(name), "{}".to_owned()] {
            let error = function.invoke(event, SOON).error();
            let error = String::from_utf8(error).unwrap();
            assert!(error.contains(first.0), "{name}: {error}");
            assert!(!error.contains("two words"), "{name}: {error}");
        }
        fixture.emulator.change_secret(first.0, first.1);
        let answer = function.invoke(real_event(name), SOON).response();
        is_processed(&fixture, name, &answer);
    }
}
