use super::*;
use crate::error::JsonErrorKind;

fn scanned(text: &str, watched: &[&str]) -> (Record, bool) {
    let numbers = 0u8..;
    let names = watched.iter().map(|name| name.to_string());
    let watched = KeySet::new(names.zip(numbers)).unwrap();
    let mut record = Record::default();
    let is_record = record.scan(text.as_bytes(), &watched).unwrap();
    (record, is_record)
}

fn matched<'a>(text: &'a str, watched: &[&str]) -> Vec<&'a str> {
    let (record, _) = scanned(text, watched);
    record
        .matches()
        .iter()
        .map(|found| &text[found.span.range()])
        .collect()
}

const RECORD: &str = r#" {"eventVersion":"1.08","userIdentity":{"accountId":"1","sessionContext":{"accountId":"2"}},
    "eventTime":"2023-10-27T14:33:20Z","eventName":"A","requestParameters":{"eventName":"B","userName":"x"},
    "eventName":"C","errorCode":null,"other":{"accountId":"3"}} "#;

#[test]
fn finds_fields_at_their_level() {
    let (record, is_record) = scanned(RECORD, &[]);
    let get = |field| {
        record
            .get(RECORD.as_bytes(), field)
            .map(|v| std::str::from_utf8(v).unwrap())
    };
    assert!(is_record);
    assert_eq!(&RECORD[record.object()], RECORD.trim());
    assert_eq!(get(Field::EventName), Some("\"C\""));
    assert_eq!(get(Field::UserIdentityAccountId), Some("\"1\""));
    assert_eq!(get(Field::ErrorCode), Some("null"));
    assert_eq!(get(Field::AwsRegion), None);
    assert!(record.has_line_breaks());
}

#[test]
fn a_field_that_is_repeated_as_a_container_is_absent() {
    let text = r#"{"eventName":"A","eventName":{"eventName":"B"}}"#;
    assert_eq!(
        scanned(text, &[]).0.get(text.as_bytes(), Field::EventName),
        None
    );
}

#[test]
fn finds_watched_keys_at_any_depth_escaped_and_in_arrays() {
    let text = r#"{"userName":"a","x":[{"userName":["b",[1,null],{"y":"no","userName":true}]},"no"],
        "user\u004eame":"c","username":"no","x2":"userName"}"#;
    assert_eq!(
        matched(text, &["userName"]),
        ["\"a\"", "\"b\"", "1", "null", "true", "\"c\""]
    );
}

#[test]
fn a_field_can_be_watched_too() {
    let text = r#"{"eventVersion":"1","eventTime":"t","eventName":"a","userIdentity":{"accountId":["x"]}}"#;
    let watched = ["eventName", "userIdentity", "accountId"];
    let (record, _) = scanned(text, &watched);
    assert_eq!(
        record.get(text.as_bytes(), Field::EventName),
        Some(&b"\"a\""[..])
    );
    assert_eq!(
        record.get(text.as_bytes(), Field::UserIdentityAccountId),
        None
    );
    assert_eq!(matched(text, &watched), ["\"a\"", "\"x\""]);
}

#[test]
fn distinguishes_records_from_other_json() {
    for (text, expected) in [
        (
            r#"{"eventVersion":"1.08","eventTime":"2023-10-27T14:33:20Z"}"#,
            true,
        ),
        (r#"{"eventVersion":"1.08"}"#, false),
        (r#"{"eventVersion":1.08,"eventTime":null}"#, false),
        (
            r#"{"detail":{"eventVersion":"1.08","eventTime":"x"}}"#,
            false,
        ),
        ("[]", false),
        ("5", false),
    ] {
        assert_eq!(scanned(text, &[]).1, expected, "{text}");
    }
}

#[test]
fn rejects_text_around_the_value() {
    let mut record = Record::default();
    for text in ["", "  ", "{} {}", "{}x"] {
        assert!(
            record.scan(text.as_bytes(), &KeySet::default()).is_err(),
            "{text:?}"
        );
    }
    let deep = "[".repeat(1_000_000);
    let kind = record
        .scan(deep.as_bytes(), &KeySet::default())
        .unwrap_err()
        .kind;
    assert_eq!(kind, JsonErrorKind::TooDeep);
}
