use settings::{KeySource, MaskMode, MaskScope, MaskingSettings, resolve_with, warnings};

use crate::{error_of, settings_of, wrong_settings};

const HMAC: [(&str, &str); 3] = [
    ("MASK_MODE", "hmac"),
    ("MASK_SCOPE", "keys"),
    ("MASK_KEY_SECRET", "prod/mask-key"),
];

fn masking(mode: MaskMode, key_secret: Option<&str>) -> MaskingSettings {
    MaskingSettings {
        mode,
        fields: vec!["sourceIPAddress".to_owned(), "userName".to_owned()],
        scope: MaskScope::Keys,
        key_secret: key_secret.map(str::to_owned),
    }
}

#[test]
fn each_mode_with_its_defaults() {
    assert_eq!(settings_of(&[]).masking.mode, MaskMode::Off);
    let sha = settings_of(&[("MASK_MODE", "sha256"), ("MASK_SCOPE", "keys")]);
    assert_eq!(sha.masking, masking(MaskMode::Sha256, None));
    let expected = masking(MaskMode::Hmac, Some("prod/mask-key"));
    assert_eq!(settings_of(&HMAC).masking, expected);
}

#[test]
fn a_key_file_replaces_the_secret() {
    let with_file = |pairs: &[(&str, &str)]| {
        let raw = pairs.iter().copied().collect();
        resolve_with(&raw, KeySource::File).unwrap().masking
    };
    let expected = masking(MaskMode::Hmac, None);
    assert_eq!(with_file(&HMAC[..2]), expected);
    assert_eq!(with_file(&HMAC), expected, "the file wins over the secret");
}

#[test]
fn masking_is_never_off_by_mistake() {
    for (value, expected) in [
        ("", "is set but empty"),
        ("  ", "is set but empty"),
        ("HMAC", "'HMAC' is not valid; did you mean hmac?"),
        (
            "hmac\n",
            "a value of length 5 is not valid; did you mean hmac?",
        ),
        ("none", "'none' is not valid; use off, sha256 or hmac"),
    ] {
        let error = error_of(&[("MASK_MODE", value)]);
        assert!(error.starts_with("MASK_MODE: "), "{error}");
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn the_default_scope_is_the_record() {
    for (pairs, expected) in [
        (&[][..], MaskScope::Record),
        (&[("MASK_SCOPE", "record")], MaskScope::Record),
        (&[("MASK_SCOPE", "keys")], MaskScope::Keys),
    ] {
        assert_eq!(settings_of(pairs).masking.scope, expected);
    }
}

#[test]
fn hmac_requires_a_secret() {
    let missing = error_of(&HMAC[..2]);
    assert_eq!(
        missing,
        "MASK_KEY_SECRET: is not set, but required by MASK_MODE=hmac; use the name or ARN of a Secrets Manager secret"
    );
    let blank = [HMAC[0], HMAC[1], ("MASK_KEY_SECRET", " ")];
    assert!(error_of(&blank).contains("is set but empty"));
    let both = [("MASK_MODE", "hmac"), ("MASK_FIELDS", "color")];
    assert_eq!(wrong_settings(&both), ["MASK_FIELDS", "MASK_KEY_SECRET"]);
}

#[test]
fn fields_are_known() {
    let fields = vec!["userName".to_owned(), "accessKeyId".to_owned()];
    let masking = settings_of(&[
        ("MASK_MODE", "sha256"),
        ("MASK_FIELDS", "userName, accessKeyId"),
    ])
    .masking;
    assert_eq!(masking.fields, fields);
    for (value, expected) in [
        ("userName,", "entry 2 is empty"),
        (",", "entry 1 is empty"),
        ("userName, userName", "entry 2 is a duplicate"),
        (
            "userName,sourceIpAddress",
            "entry 2 is not a field that can be masked; did you mean sourceIPAddress?",
        ),
        (
            "favoriteColor",
            "entry 1 is not a field that can be masked; use keys of the table in docs/masking.md",
        ),
    ] {
        let error = error_of(&[("MASK_FIELDS", value)]);
        assert!(error.starts_with("MASK_FIELDS: "), "{error}");
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_key_in_place_of_its_secret_is_rejected_and_never_repeated() {
    let base64 = "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=";
    let hex = "abcdef0123456789".repeat(4);
    let json = format!(r#"{{"key_id":"k1","key":"{base64}"}}"#);
    for value in [base64, &hex, &json] {
        let error = error_of(&[("MASK_KEY_SECRET", value)]);
        assert!(error.contains("looks like the key itself"), "{error}");
        assert!(!error.contains(&value[..8]), "{error}");
    }
    for value in [
        "arn:aws:kms:eu-west-1:111122223333:key/1234",
        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:",
        "two words",
    ] {
        let error = error_of(&[("MASK_KEY_SECRET", value)]);
        assert!(error.contains("use the name or ARN of a"), "{error}");
        assert!(!error.contains(value), "{error}");
    }
}

#[test]
fn an_arn_of_any_partition_is_accepted() {
    for arn in [
        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:mask-key-AbCdEf",
        "arn:aws-us-gov:secretsmanager:us-gov-west-1:111122223333:secret:a/b-AbCdEf",
    ] {
        let settings = settings_of(&[HMAC[0], HMAC[1], ("MASK_KEY_SECRET", arn)]);
        assert_eq!(settings.masking.key_secret.as_deref(), Some(arn));
    }
}

#[test]
fn a_warning_names_the_setting_that_is_probably_not_intended() {
    let sha256 = "MASK_MODE=sha256: plain digests of IPv4 addresses can be reversed in minutes; use MASK_MODE=hmac";
    let unused = "MASK_KEY_SECRET is set but MASK_MODE is not: nothing is masked";
    for (pairs, expected) in [
        (&[][..], &[][..]),
        (&[("MASK_MODE", "off"), ("MASK_FIELDS", "userName")], &[]),
        (
            &[("MASK_MODE", "sha256"), ("MASK_SCOPE", "keys")],
            &[("MASK_MODE", sha256)],
        ),
        (&[("MASK_KEY_SECRET", "k")], &[("MASK_KEY_SECRET", unused)]),
    ] {
        let found = warnings(&settings_of(pairs));
        let found: Vec<_> = found
            .iter()
            .map(|warning| (warning.setting, warning.text.as_str()))
            .collect();
        assert_eq!(found, expected);
    }
}
