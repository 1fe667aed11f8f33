//! JSON texts and records in unusual formats.

use proptest::prelude::*;

/// JSON texts in formats that JSON parsers tend to change.
pub(crate) fn json() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,4})?([eE][+-]?[0-9]{1,3})?",
        string(),
    ];
    scalar.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5)
                .prop_map(|items| format!("[{}]", items.join(" , "))),
            prop::collection::vec((key(), inner), 0..5).prop_map(|members| {
                let members: Vec<_> = members
                    .iter()
                    .map(|(key, value)| format!("{key} :{value}"))
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

pub(crate) fn string() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[ -!#-\\[\\]-~]{0,20}",
        Just("\u{2028}é\u{1F600}".to_owned()),
        Just(r"\/".to_owned()),
        Just(r#"\"\\"#.to_owned()),
        Just(r"\u0041\n".to_owned()),
        Just(r"\ud800".to_owned()),
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

pub(crate) fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => string(),
        1 => Just("\"userName\"".to_owned()),
        1 => Just("\"sourceIPAddress\"".to_owned()),
        1 => Just(r#""user\u004eame""#.to_owned()),
    ]
}

/// Records with an id each, by which they are identified, and any other members.
pub(crate) fn records(max: usize) -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec((json(), json(), 0usize..3000), 0..max).prop_map(|parts| {
        let record = |(number, (before, after, filler)): (usize, (String, String, usize))| {
            format!(
                r#"{{"x":{before},"eventVersion":"1.08","eventTime":"2023-10-27T14:33:20Z","eventID":"id-{number}","pad":"{}","y":{after}}}"#,
                "p".repeat(filler)
            )
        };
        parts.into_iter().enumerate().map(record).collect()
    })
}
