use settings::{Origin, TABLE};

use crate::{error_of, settings_of, wrong_settings};

#[test]
fn unset_settings_have_the_defaults_of_the_table() {
    let described = settings_of(&[("PATH", "/bin")]).describe();
    let expected: Vec<_> = TABLE
        .iter()
        .map(|s| (s.name, s.default.to_owned(), Origin::Default))
        .collect();
    assert_eq!(described, expected);
}

#[test]
fn an_empty_value_of_any_setting_is_rejected() {
    for setting in TABLE {
        for empty in ["", " ", "\t\n"] {
            let accepts = setting.kind.accepts();
            assert_eq!(
                error_of(&[(setting.name, empty)]),
                format!(
                    "{}: is set but empty; use {accepts}, or do not set it",
                    setting.name
                )
            );
        }
    }
}

#[test]
fn the_description_shows_the_resolved_values() {
    let described = settings_of(&[
        ("HEC_PROFILE", "huntress"),
        ("EVENT_NAMES", "iam:CreateUser, StopLogging"),
        ("EVENT_CATEGORIES", "Data, Insight"),
        (
            "OWN_RESOURCES",
            r#"{"include":"own.json","log_buckets":["acme"]}"#,
        ),
        ("MASK_MODE", "hmac"),
        ("MASK_SCOPE", "keys"),
        ("MASK_KEY_SECRET", "mask-key"),
        ("MAX_RECORD_BYTES", "01024000"),
    ])
    .describe();
    for (name, value, origin) in [
        ("HEC_PROFILE", "huntress", Origin::Set),
        ("ANNOTATE", "event", Origin::Default),
        (
            "EVENT_NAMES",
            "iam.amazonaws.com:CreateUser,StopLogging",
            Origin::Set,
        ),
        ("EVENT_CATEGORIES", "Data,Insight", Origin::Set),
        ("OWN_RESOURCES", "1 log_buckets and @own.json", Origin::Set),
        ("MASK_FIELDS", "sourceIPAddress,userName", Origin::Default),
        ("MASK_SCOPE", "keys", Origin::Set),
        ("MASK_KEY_SECRET", "mask-key", Origin::Set),
        ("MAX_RECORD_BYTES", "1024000", Origin::Set),
    ] {
        let row = (name, value.to_owned(), origin);
        assert!(described.contains(&row), "{name} in {described:?}");
    }
}

#[test]
fn all_errors_are_reported_together_in_the_order_of_the_table() {
    let wrong = wrong_settings(&[
        ("MASK_MODES", "hmac"),
        ("MAX_RECORD_BYTES", "1"),
        ("HEC_ACKS", "on"),
        ("HEC_PROFILE", "huntress"),
        ("HEC_INDEX", "main"),
        ("MASK_MODE", ""),
    ]);
    assert_eq!(
        wrong,
        [
            "HEC_INDEX",
            "MASK_MODE",
            "MAX_RECORD_BYTES",
            "HEC_ACKS",
            "MASK_MODES"
        ]
    );
}

#[test]
fn both_ends_of_a_range_are_accepted() {
    for (name, low, high) in [
        ("MAX_RECORD_BYTES", 1_000, 6_000_000),
        ("MAX_RESPONSE_BYTES", 10_000, 6_000_000),
        ("HEC_MAX_BYTES", 10_000, 800_000_000),
        ("ONLY_OVER_BYTES", 1, 67_108_864),
    ] {
        for inside in [low, high] {
            let settings = settings_of(&[(name, &inside.to_string())]);
            let read = [
                settings.transform.max_record_bytes,
                Some(settings.transform.max_response_bytes),
                Some(settings.delivery.max_bytes),
                settings.delivery.only_over_bytes,
            ];
            assert!(read.contains(&Some(inside)), "{name} {inside}");
        }
        for outside in [low - 1, high + 1] {
            assert_eq!(
                error_of(&[(name, &outside.to_string())]),
                format!(
                    "{name}: '{outside}' is out of range; use a whole number from {low} to {high}"
                )
            );
        }
    }
}

#[test]
fn only_digits_are_a_number() {
    for value in [
        "1,024,000",
        "1_024_000",
        "+5000",
        "-5000",
        "5000 ",
        "5k",
        "5e4",
    ] {
        let error = error_of(&[("MAX_RECORD_BYTES", value)]);
        assert!(
            error.contains("is not a number of digits only; use a whole"),
            "{error}"
        );
    }
    let huge = error_of(&[("MAX_RECORD_BYTES", "99999999999999999999999")]);
    assert!(
        huge.contains("a value of length 23 is out of range"),
        "{huge}"
    );
}
