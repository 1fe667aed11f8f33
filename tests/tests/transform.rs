//! The `firehose-transform` binary as Lambda runs it: its responses, its log, and failed starts.

use std::time::Duration;

use scenarios::cloudtrail::{ADDRESS, PERSON, ids, ids_in, record};
use scenarios::firehose::{event, gzip, record_id, subscription, transformed};
use scenarios::logs::{counted, lines};
use scenarios::{Emulator, Function, Outcome, artifacts};
use serde_json::json;

const SOON: Duration = Duration::from_secs(60);

fn transform(settings: &[(&str, &str)]) -> Option<Function> {
    Some(Function::start(
        &artifacts::binary("firehose-transform")?,
        settings,
    ))
}

#[test]
fn every_record_is_returned_once_in_order_and_a_bad_one_fails_alone() {
    let Some(mut function) = transform(&[]) else {
        return;
    };
    let control = json!({
        "messageType": "CONTROL_MESSAGE", "owner": "CloudwatchLogs", "logGroup": "", "logStream": "",
        "subscriptionFilters": [], "logEvents": [{ "id": "", "timestamp": 1, "message": "CWL CONTROL MESSAGE: Checking health of destination Firehose." }],
    });
    let [first, second, third] = ["a", "b", "c"].map(|id| record(id, 900));
    let mut cut_short = subscription(&[&first]);
    cut_short.truncate(cut_short.len() / 2);
    let records = [
        subscription(&[&first, &second]),
        b"\x1f\x8bnot gzip after all".to_vec(),
        gzip(control.to_string().as_bytes()),
        cut_short,
        third.clone().into_bytes(),
    ];

    let answer = function.invoke(event("trail", &records), SOON).response();
    let answer = transformed(&answer);

    let results: Vec<&str> = answer.iter().map(|record| record.result.as_str()).collect();
    assert_eq!(
        results,
        [
            "Ok",
            "ProcessingFailed",
            "Dropped",
            "ProcessingFailed",
            "Ok"
        ]
    );
    for (place, record) in answer.iter().enumerate() {
        assert_eq!(record.record_id, record_id(place));
    }
    assert_eq!(ids_in(&answer[0].data), ["a", "b"]);
    assert_eq!(ids_in(&answer[4].data), ["c"]);

    let output = function.output();
    assert_eq!(counted(&output, "EventsIn"), 3);
    assert_eq!(counted(&output, "EventsOut"), 3);
    assert_eq!(counted(&output, "RecordsFailed"), 2);
    assert!(
        !output.contains(PERSON) && !output.contains(ADDRESS),
        "no payload in a log line"
    );
}

#[test]
fn unmasked_events_are_forwarded_byte_for_byte() {
    let Some(mut function) = transform(&[]) else {
        return;
    };
    let message = r#"{ "eventVersion":"1.08","eventTime":"2023-10-27T14:30:00Z","z":1E400,"a":[12345678901234567890123, 1.0e-7, "\u00e9\/\ud83d\ude00"],"eventID":"x"  }"#;
    let answer = function
        .invoke(event("trail", &[subscription(&[message])]), SOON)
        .response();
    let objects = String::from_utf8(transformed(&answer).remove(0).data).unwrap();
    assert!(
        objects.contains(&format!(r#""event":{message}"#)),
        "{objects}"
    );
}

#[test]
fn an_invalid_event_is_an_error_without_a_payload_and_the_next_one_is_processed() {
    let Some(mut function) = transform(&[]) else {
        return;
    };
    let stray = json!({ "Records": [record("stray", 900)] }).to_string();
    let error = String::from_utf8(function.invoke(stray, SOON).error()).unwrap();
    assert!(!error.contains(PERSON), "{error}");

    let answer = function
        .invoke(event("trail", &[record("next", 900)]), SOON)
        .response();
    assert_eq!(ids_in(&transformed(&answer)[0].data), ["next"]);
    assert!(!function.output().contains(PERSON));
}

#[test]
fn log_level_trace_logs_no_payload() {
    let Some(mut function) = transform(&[("LOG_LEVEL", "trace"), ("RUST_LOG", "trace")]) else {
        return;
    };
    let answer = function
        .invoke(event("trail", &[record("a", 900)]), SOON)
        .response();
    assert_eq!(transformed(&answer)[0].result, "Ok");
    let output = function.output();
    assert!(lines(&output).count() > 0);
    assert!(
        !output.contains(PERSON) && !output.contains(ADDRESS),
        "{output}"
    );
}

#[test]
fn the_mask_key_is_read_from_secrets_manager_and_masks_every_person() {
    let Some(emulator) = Emulator::start() else {
        return;
    };
    let secret = json!({ "key_id": "k1", "key": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=" });
    emulator.create_secret("mask", &secret.to_string());
    let url = emulator.url();
    let settings = [
        ("MASK_MODE", "hmac"),
        ("MASK_SCOPE", "keys"),
        ("MASK_KEY_SECRET", "mask"),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", url.as_str()),
    ];
    let Some(mut function) = transform(&settings) else {
        return;
    };
    let messages: Vec<String> = ids("masked", 20).iter().map(|id| record(id, 900)).collect();
    let answer = function
        .invoke(event("trail", &[subscription(&messages)]), SOON)
        .response();
    let objects = String::from_utf8(transformed(&answer).remove(0).data).unwrap();

    assert_eq!(ids_in(objects.as_bytes()), ids("masked", 20));
    assert!(!objects.contains(PERSON) && !objects.contains(ADDRESS));
    assert_eq!(objects.matches("pii-k1-").count(), 40);
    let output = function.output();
    assert!(!output.contains(PERSON) && !output.contains(ADDRESS) && !output.contains("MDEyMzQ1"));
}

#[test]
fn without_its_mask_key_the_function_does_not_start() {
    let Some(emulator) = Emulator::start() else {
        return;
    };
    emulator.create_secret(
        "short",
        r#"{"key_id":"k1","key":"c2hvcnQta2V5LW9mLWZldy1ieXRlcw=="}"#,
    );
    let url = emulator.url();
    for secret in ["short", "absent"] {
        assert_start_names(
            "MASK_KEY_SECRET",
            &[
                ("MASK_MODE", "hmac"),
                ("MASK_SCOPE", "keys"),
                ("MASK_KEY_SECRET", secret),
                ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &url),
            ],
        );
    }
}

#[test]
fn an_invalid_setting_is_named_in_the_error_of_the_start() {
    assert_start_names("MASK_MODE", &[("MASK_MODE", "hmca")]);
    assert_start_names(
        "MASK_KEY_SECRET",
        &[("MASK_MODE", "hmac"), ("MASK_SCOPE", "keys")],
    );
    assert_start_names("MASK_MOD", &[("MASK_MOD", "hmac")]);
    assert_start_names("MAX_RESPONSE_BYTES", &[("MAX_RESPONSE_BYTES", "7000000")]);
}

fn assert_start_names(setting: &str, settings: &[(&str, &str)]) {
    let Some(mut function) = transform(settings) else {
        return;
    };
    let outcome = function.invoke(event("trail", &[record("a", 900)]), SOON);
    let Outcome::Exited(code, output) = outcome else {
        panic!("{settings:?}: it started");
    };
    assert_ne!(code, Some(0));
    assert!(output.contains(setting), "{settings:?}: {output}");
    assert!(!output.contains("c2hvcnQ"), "no key in the output");
}
