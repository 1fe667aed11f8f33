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
        ("{", "is not a JSON object: line 1, column 1"),
        ("[]", "is not a JSON object"),
        (
            r#"{"log_bucket":[]}"#,
            "unknown key \"log_bucket\"; use log_buckets, log_groups",
        ),
        (r#"{"log_buckets":"a"}"#, "key log_buckets is not a list of"),
        (
            r#"{"log_buckets":[""]}"#,
            "key log_buckets is not a list of names that are not blank",
        ),
        (
            r#"{"min_log_retention_days":"30"}"#,
            "key min_log_retention_days is not a whole number",
        ),
    ] {
        let error = ProtectedResources::parse(json).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
