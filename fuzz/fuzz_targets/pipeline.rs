//! Any bytes through the whole pipeline, masked by keys and as whole records: nothing panics, and
//! the output is one JSON object per line. The same bytes as the event of a failed invocation give
//! the same output, or fail too.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pipeline::{Decompressor, Output, RecordPipeline, Route, Rules, is_invocation_record};
use serde_json::json;
use serde_json::value::RawValue;

/// Lambda's record of a failed invocation with a subscription event of these bytes.
fn recorded(bytes: &[u8]) -> String {
    let data = base64_simd::STANDARD.encode_to_string(bytes);
    let event = json!({ "awslogs": { "data": data } });
    json!({ "requestContext": {}, "requestPayload": event }).to_string()
}

fuzz_target!(|bytes: &[u8]| {
    for scope in ["keys", "record"] {
        let raw = [
            ("MASK_MODE", "sha256"),
            ("MASK_SCOPE", scope),
            ("NETWORKS", "a=10.0.0.0/8,b=2001:db8::/32"),
        ];
        let raw = raw.into_iter().collect();
        let settings = settings::resolve(&raw).expect("valid settings");
        let rules = Rules::new(None, &[]).expect("valid built-in rules");
        let mut pipeline = RecordPipeline::new(&settings, None, rules);
        let mut decompressor = Decompressor::default();
        let Ok(text) = decompressor.decompress(bytes) else {
            return;
        };
        let mut output = Output::default();
        match pipeline.run(text, &Route::default(), &mut output) {
            Err(_) => assert!(output.bytes.is_empty()),
            Ok(stats) => {
                let lines = output.bytes.split_inclusive(|&byte| byte == b'\n');
                let objects =
                    lines.map(|line| serde_json::from_slice::<&RawValue>(line).expect("JSON"));
                assert_eq!(objects.count(), stats.events_out);
            }
        }
        let mut again = Output::default();
        let stats = pipeline.run(&recorded(bytes), &Route::default(), &mut again);
        assert!(is_invocation_record(text) || again.bytes == output.bytes);
        assert!(stats.is_ok() || again.bytes.is_empty());
    }
});
