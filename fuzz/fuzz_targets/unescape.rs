//! Unescaping gives what serde_json gives, but for surrogates without a partner, which it refuses.
#![no_main]

use cloudtrail::{Scratch, unescape};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|content: &str| {
    let mut scratch = Scratch::default();
    let ours = unescape(content.as_bytes(), 0, &mut scratch);
    let quoted = format!("\"{content}");
    let mut theirs = serde_json::Deserializer::from_str(&quoted).into_iter::<String>();
    match (theirs.next(), ours) {
        (Some(Ok(text)), ours) => {
            assert_eq!(ours, Ok(theirs.byte_offset() - 2));
            assert_eq!(scratch.as_bytes(), text.as_bytes());
        }
        (_, Ok(_)) => assert!(content.contains("\\u")),
        (_, Err(_)) => {}
    }
});
