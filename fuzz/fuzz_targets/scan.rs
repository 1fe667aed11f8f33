//! The record scan takes as JSON what serde_json takes, to the depth that it follows.
#![no_main]

use cloudtrail::{JsonErrorKind, KeySet, Record};
use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;

fuzz_target!(|text: &str| {
    let names = [
        ("userName".to_owned(), 0),
        ("sourceIPAddress".to_owned(), 1),
    ];
    let watched = KeySet::new(names).expect("two are not too many");
    let watched = watched.with_every_string();
    let mut record = Record::default();
    let reference = serde_json::from_str::<&RawValue>(text);
    match record.scan(text.as_bytes(), &watched) {
        Ok(_) => {
            let value = reference.expect("taken here, refused there").get();
            assert_eq!(&text[record.object()], value);
            for mark in record.matches() {
                let value = &text[mark.span.range()];
                serde_json::from_str::<&RawValue>(value).expect("a mark is a JSON value");
            }
            let breaks = value.contains(['\n', '\r']);
            assert_eq!(record.has_line_breaks(), breaks);
        }
        Err(error) if error.kind == JsonErrorKind::TooDeep => {}
        Err(error) => assert!(reference.is_err(), "refused here: {error}"),
    }
});
