//! Any bytes through the whole lane, masked by keys and as whole records: nothing panics, and what
//! leaves is one JSON object a line.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pipeline::{Lane, Opener, Output, Route, Rules};
use serde_json::value::RawValue;

fuzz_target!(|bytes: &[u8]| {
    for scope in ["keys", "record"] {
        let raw = [("MASK_MODE", "sha256"), ("MASK_SCOPE", scope)];
        let raw = raw.into_iter().collect();
        let settings = settings::resolve(&raw).expect("the settings are good");
        let rules = Rules::new(None, &[]).expect("the built-in rules are good");
        let mut lane = Lane::new(&settings, None, rules);
        let mut opener = Opener::default();
        let Ok(text) = opener.open(bytes) else { return };
        let mut output = Output::default();
        match lane.run(text, &Route::default(), &mut output) {
            Err(_) => assert!(output.bytes.is_empty()),
            Ok(passed) => {
                let lines = output.bytes.split_inclusive(|&byte| byte == b'\n');
                let objects =
                    lines.map(|line| serde_json::from_slice::<&RawValue>(line).expect("JSON"));
                assert_eq!(objects.count(), passed.events_out);
            }
        }
    }
});
