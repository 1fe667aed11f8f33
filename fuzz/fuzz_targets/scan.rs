//! The scan takes as JSON exactly what serde_json takes, but for nesting beyond our limit.
#![no_main]

use cloudtrail::{Fault, Record, WatchedKeys};
use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;

fuzz_target!(|text: &str| {
    let watched = WatchedKeys::new(["userName".to_owned()]).expect("one key");
    let mut record = Record::default();
    let theirs = serde_json::from_str::<&RawValue>(text).is_ok();
    match record.scan(text.as_bytes(), &watched) {
        Ok(_) => assert!(theirs),
        Err(malformed) => assert!(!theirs || malformed.fault == Fault::TooDeep),
    }
});
