//! Strings lose their escapes as serde_json takes them away.
#![no_main]

use cloudtrail::{Scratch, string_value, unescape};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|content: &str| {
    let text = format!("\"{content}");
    let mut reference = serde_json::Deserializer::from_str(&text).into_iter::<String>();
    let mut scratch = Scratch::default();
    let ours = unescape(text.as_bytes(), 1, &mut scratch);
    match (&ours, reference.next()) {
        (Ok(end), Some(Ok(expected))) => {
            assert_eq!(end + 1, reference.byte_offset());
            assert_eq!(scratch.as_bytes(), expected.as_bytes());
            assert_eq!(
                string_value(&text.as_bytes()[1..*end]).as_deref(),
                Some(&*expected)
            );
        }
        // A surrogate without its partner is kept here and refused there.
        (Ok(_), _) => {
            assert!(content.to_ascii_lowercase().contains("\\ud"));
            std::str::from_utf8(scratch.as_bytes()).expect("still UTF-8");
        }
        (Err(_), expected) => assert!(!matches!(expected, Some(Ok(_)))),
    }
});
