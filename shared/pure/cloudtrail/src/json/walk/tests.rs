use super::*;

fn valid(text: &str) -> Result<usize, JsonError> {
    walk(text.as_bytes(), 0, &mut Skip)
}

#[test]
fn accepts_what_json_allows() {
    for text in [
        "{}",
        "[]",
        "[[],{}]",
        r#"{"a":{"b":[1,-0,2.50,1e+9,-0.0E-2]}}"#,
        "\"\\u00e9\"",
        "null",
        "123456789012345678901234567890",
        "{ \"a\" :\n[ true , false ] }",
        "\"\u{2028}\"",
    ] {
        assert_eq!(valid(text), Ok(text.len()), "{text}");
    }
}

#[test]
fn rejects_what_json_does_not_allow() {
    for text in [
        "",
        "{",
        "{]",
        "[}",
        "[1,]",
        "{,}",
        r#"{"a":1,}"#,
        r#"{"a"}"#,
        "{a:1}",
        "01x",
        "-",
        "1.",
        "1e",
        "+1",
        ".5",
        "tru",
        "nul1",
        "NaN",
        "'a'",
        "[1 2]",
        r#"{"a":1 "b":2}"#,
        "\"\t\"",
        r#""\x""#,
    ] {
        assert_ne!(valid(text), Ok(text.len()), "{text}");
    }
    assert_eq!(valid("[1,tr").unwrap_err().kind, JsonErrorKind::Truncated);
    assert_eq!(valid("[1,tx").unwrap_err().kind, JsonErrorKind::Syntax);
}

#[test]
fn accepts_containers_up_to_the_maximum_depth() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(valid(&nested(MAX_DEPTH)), Ok(2 * MAX_DEPTH));
    assert_eq!(
        valid(&nested(MAX_DEPTH + 1)).unwrap_err().kind,
        JsonErrorKind::TooDeep
    );
}
