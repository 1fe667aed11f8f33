//! serde_json accepts the same texts and decodes strings to the same values.

use cloudtrail::{JsonErrorKind, KeySet, MAX_DEPTH, Record, Scratch, string_value, unescape};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::value::RawValue;

use crate::generate::{json, string};

/// Asserts that both accept or both reject the text, except for texts nested deeper than `MAX_DEPTH`.
fn agrees(text: &str) {
    let mut record = Record::default();
    let reference = serde_json::from_str::<&RawValue>(text);
    match record.scan(text.as_bytes(), &KeySet::default()) {
        Ok(_) => assert_eq!(
            &text[record.object()],
            reference.expect("taken by us alone").get()
        ),
        Err(error) if error.kind == JsonErrorKind::TooDeep => {}
        Err(error) => assert!(reference.is_err(), "{error}: {text}"),
    }
}

/// Changes of a text: a position, the number of removed bytes, and the inserted bytes.
fn mutations() -> impl Strategy<Value = Vec<(Index, usize, Vec<u8>)>> {
    let byte = prop_oneof![
        any::<u8>(),
        prop::sample::select(b" \t\r\n{}[]:,\"\\-+.eE0123456789truefalsn/u\x00\x1f".to_vec()),
    ];
    let inserted = prop::collection::vec(byte, 0..4);
    prop::collection::vec((any::<Index>(), 0usize..4, inserted), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn both_accept_or_both_reject_a_text(text in json(), mutations in mutations()) {
        agrees(&text);
        let mut bytes = text.into_bytes();
        for (at, taken, inserted) in mutations {
            let at = at.index(bytes.len() + 1);
            bytes.splice(at..(at + taken).min(bytes.len()), inserted);
        }
        if let Ok(mutated) = String::from_utf8(bytes) {
            agrees(&mutated);
        }
    }

    #[test]
    fn strings_decode_to_the_same_value(content in "([ -~é\u{1F600}]|\\\\[\"\\\\/bfnrtu]|\\\\u[0-9a-fA-FdD]{4}|\"){0,60}") {
        let text = format!("\"{content}");
        let mut reference = serde_json::Deserializer::from_str(&text).into_iter::<String>();
        let mut scratch = Scratch::default();
        match (unescape(text.as_bytes(), 1, &mut scratch), reference.next()) {
            (Ok(end), Some(Ok(expected))) => {
                prop_assert_eq!(end + 1, reference.byte_offset());
                prop_assert_eq!(scratch.as_bytes(), expected.as_bytes());
                let value = string_value(&text.as_bytes()[1..end]);
                prop_assert_eq!(value.as_deref(), Some(&*expected));
            }
            // A lone surrogate is kept here and rejected by serde_json.
            (Ok(end), _) => {
                let lower = text[..end].to_ascii_lowercase();
                prop_assert!(lower.contains("\\ud"), "{}", text);
                prop_assert!(std::str::from_utf8(scratch.as_bytes()).is_ok());
            }
            (Err(_), reference) => prop_assert!(!matches!(reference, Some(Ok(_))), "{}", text),
        }
    }

    #[test]
    fn nesting_is_accepted_up_to_its_limit(kinds in prop::collection::vec(any::<bool>(), 120..136), inner in string()) {
        let open = kinds.iter().map(|object| if *object { "{\"a\":" } else { "[" });
        let close = kinds.iter().rev().map(|object| if *object { '}' } else { ']' });
        let text = open.collect::<String>() + &inner + &close.collect::<String>();
        let mut record = Record::default();
        let result = record.scan(text.as_bytes(), &KeySet::default());
        match result {
            Ok(_) => prop_assert!(kinds.len() <= MAX_DEPTH),
            Err(error) => {
                prop_assert_eq!(error.kind, JsonErrorKind::TooDeep);
                prop_assert!(kinds.len() > MAX_DEPTH);
            }
        }
    }
}
