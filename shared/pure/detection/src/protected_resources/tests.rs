use super::*;

fn parsed(json: &str) -> ProtectedResources {
    ProtectedResources::parse(json).unwrap()
}

#[test]
fn parses_names_and_numbers() {
    let resources = parsed(
        r#"{"log_buckets":["a","b"],"subscription_destination_arn":"arn:x","min_log_retention_days":7,"alarms":[]}"#,
    );
    assert_eq!(
        resources.describe(),
        "2 log_buckets, 1 subscription_destination_arn"
    );
    assert!(
        resources.is_empty("alarms")
            && resources.is_empty("secrets")
            && !resources.is_empty("log_buckets")
    );
    assert_eq!(resources.number("min_log_retention_days"), Some(7));
    assert_eq!(resources.number("min_bucket_expiration_days"), Some(90));
    assert_eq!(resources.number("alarms"), None);
}

#[test]
fn errors_name_the_key() {
    for (json, expected) in [
        ("{", "is no JSON object: line 1, column 1"),
        ("[]", "is no JSON object"),
        (
            r#"{"log_bucket":[]}"#,
            "unknown key \"log_bucket\"; accepted are log_buckets, log_groups",
        ),
        (r#"{"log_buckets":"a"}"#, "key log_buckets is no list of"),
        (
            r#"{"log_buckets":[""]}"#,
            "key log_buckets is no list of names that are not blank",
        ),
        (
            r#"{"min_log_retention_days":"30"}"#,
            "key min_log_retention_days is no whole number",
        ),
    ] {
        let error = ProtectedResources::parse(json).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn names_of_an_included_file_are_added() {
    let (resources, include) = ProtectedResources::parse_including(
        r#"{"include":"own.json","kms_key_ids":["k"],"min_log_retention_days":7}"#,
    )
    .unwrap();
    assert_eq!(include.as_deref(), Some("own.json"));
    let file = ProtectedResources::parse(
        r#"{"kms_key_ids":["l"],"alarms":["a"],"min_log_retention_days":90}"#,
    )
    .unwrap();
    let both = resources.merge(file);
    assert_eq!(both.describe(), "1 alarms, 2 kms_key_ids");
    assert_eq!(both.number("min_log_retention_days"), Some(7));
    for wrong in [r#"{"include":""}"#, r#"{"include":[]}"#] {
        let error = ProtectedResources::parse_including(wrong).unwrap_err();
        assert_eq!(error.to_string(), "key include is no path of a file");
    }
    assert!(
        ProtectedResources::parse(r#"{"include":"own.json"}"#).is_err(),
        "one file does not include another"
    );
}
