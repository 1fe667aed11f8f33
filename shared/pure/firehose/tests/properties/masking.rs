//! Values of masked keys become pseudonyms, and no other byte changes.

use std::collections::HashMap;

use proptest::prelude::*;

use crate::generate::{json, key};
use crate::invoke::{envelope, event, event_of, invoke, masking, results};

/// Values like those of people, hosts and services, and any others.
fn value() -> impl Strategy<Value = String> {
    let named = prop::sample::select(vec![
        r#""asha.rao""#,
        r#""asha\u002erao""#,
        r#""203.0.113.9""#,
        r#""::ffff:203.0.113.9""#,
        r#""2001:DB8:0::9""#,
        r#""ec2.amazonaws.com""#,
        r#""AWS Internal/42""#,
        r#""HIDDEN_DUE_TO_SECURITY_REASONS""#,
        r#""""#,
        "null",
        r#"["asha.rao",[7,"ben.okafor",{"x":"asha.rao","userName":"ben.okafor"}]]"#,
        r#"{"userName":{"name":"asha.rao"}}"#,
    ]);
    prop_oneof![named.prop_map(str::to_owned), json()]
}

fn records() -> impl Strategy<Value = Vec<String>> {
    let members = prop::collection::vec((key(), value(), "[ \t]?"), 0..8);
    let record = members.prop_map(|members| {
        let mut text = r#"{"eventVersion":"1.09","eventTime":"2023-10-27T14:33:20Z""#.to_owned();
        for (key, value, space) in members {
            text += &format!(",{space}{key}{space}:{value}{space}");
        }
        text + "}"
    });
    prop::collection::vec(record, 0..6)
}

/// One token of a JSON text, the white space before it, and the masked key that governs it.
#[derive(Debug, PartialEq)]
struct Token<'a> {
    text: &'a str,
    space: &'a str,
    key: Option<&'static str>,
}

/// The tokens of a valid text, found without code of the pipeline.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    // Per open container: whether it is an object, and the key that governs its elements.
    let mut open: Vec<(bool, Option<&'static str>)> = Vec::new();
    let mut governing = None;
    let mut rest = text;
    loop {
        let body = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let space = &rest[..rest.len() - body.len()];
        if body.is_empty() {
            return tokens;
        }
        let len = match body.as_bytes()[0] {
            b'"' => string_len(body),
            b'{' | b'}' | b'[' | b']' | b':' | b',' => 1,
            _ => body
                .find([',', ']', '}', ' ', '\t', '\r', '\n'])
                .unwrap_or(body.len()),
        };
        let (token, after) = body.split_at(len);
        match token {
            "{" => open.push((true, None)),
            "[" => open.push((false, governing)),
            "}" | "]" => drop(open.pop()),
            _ => {}
        }
        let is_scalar = !matches!(token, "{" | "}" | "[" | "]" | ":" | ",");
        let is_key = is_scalar && after.trim_start().starts_with(':');
        let key = if is_scalar && !is_key {
            governing
        } else {
            None
        };
        tokens.push(Token {
            text: token,
            space,
            key,
        });
        if is_key {
            let decoded: Option<String> = serde_json::from_str(token).ok();
            governing = ["userName", "sourceIPAddress"]
                .into_iter()
                .find(|name| decoded.as_deref() == Some(name));
        } else if token == "[" || token == "," {
            if let Some((false, of_array)) = open.last() {
                governing = *of_array;
            }
        } else if token == "{" {
            governing = None;
        }
        rest = after;
    }
}

fn string_len(text: &str) -> usize {
    let mut escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.expect("the string ends") + 2
}

/// The pseudonym in a token.
fn pseudonym(token: &str) -> Option<&str> {
    let content = token.strip_prefix("\"pii-k1-")?.strip_suffix('"')?;
    let hex = content
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (content.len() == 32 && hex).then_some(content)
}

/// Whether a value of a masked key names no person.
fn stays(key: &str, value: &str) -> bool {
    let service = value.starts_with("AWS Internal") || value.ends_with(".amazonaws.com");
    value.is_empty()
        || value.starts_with("HIDDEN_DUE_TO_SECURITY_REASONS")
        || (key == "sourceIPAddress" && service)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn masking_changes_values_of_masked_keys_and_nothing_else(records in records()) {
        let input = event(&[envelope(&records).into_bytes()]);
        let (result, _) = invoke(&input, &masking(), || false);
        let results = results(&result.response, 1, 6_000_000);
        prop_assert_eq!(results[0].1.len(), records.len());
        let mut given: HashMap<(&str, String), String> = HashMap::new();
        for (line, record) in results[0].1.iter().zip(&records) {
            let (before, after) = (tokens(record), tokens(event_of(line)));
            prop_assert_eq!(before.len(), after.len());
            for (before, after) in before.iter().zip(&after) {
                prop_assert_eq!(before.space, after.space);
                let is_value = before.text.starts_with(['"', '-']) || before.text.starts_with(|c: char| c.is_ascii_digit());
                let Some(key) = before.key.filter(|_| is_value) else {
                    prop_assert_eq!(before, after);
                    continue;
                };
                let value = serde_json::from_str::<String>(before.text);
                if value.as_ref().is_ok_and(|value| stays(key, value)) {
                    prop_assert_eq!(before, after);
                    continue;
                }
                let found = pseudonym(after.text);
                prop_assert!(found.is_some(), "{} became {}", before.text, after.text);
                // Equal values of a key get equal pseudonyms.
                let value = value.unwrap_or_else(|_| before.text.to_owned());
                let first = given.entry((key, value)).or_insert_with(|| after.text.to_owned());
                prop_assert_eq!(&*first, after.text);
            }
        }
    }
}
