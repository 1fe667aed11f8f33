//! Events of the fast path: as they are, and as one message of a queue beside a good one. A
//! neighbour is not touched, and what is taken is not nothing to the lane.
#![no_main]

use event_forwarder::{Incoming, Text, UnknownEvent};
use libfuzzer_sys::fuzz_target;
use pipeline::{Output, RecordPipeline, Route, Rules};
use serde_json::{Value, json};
use settings::RawSettings;

const GOOD: &str = r#"{"detail-type":"AWS API Call via CloudTrail","detail":{"eventVersion":"1.09","eventTime":"2026-01-01T00:00:00Z"}}"#;

/// The texts of `body` as a message of a queue.
fn queued(body: &str) -> Result<Vec<Text>, UnknownEvent> {
    let record = |body: &str| json!({ "messageId": body, "eventSource": "aws:sqs", "body": body });
    let event = json!({ "Records": [record(GOOD), record(body), record(GOOD)] }).to_string();
    let Ok(Incoming::Queue(messages)) = Incoming::parse(&event) else {
        panic!("a queue");
    };
    let [first, odd, last] = <[_; 3]>::try_from(messages).expect("three messages");
    let good = (GOOD.to_owned(), Ok(vec![Text::Plain(GOOD.to_owned())]));
    assert_eq!((&first, &last), (&good, &good));
    assert_eq!(odd.0, body);
    odd.1
}

fn is_too_deep(unknown: UnknownEvent) -> bool {
    unknown.0.contains("too deep")
}

/// An event of EventBridge that is taken holds an event, or is one that cannot be read.
fn is_something(text: &str) {
    let settings = settings::resolve(&RawSettings::default());
    let settings = settings.expect("the settings are right");
    let mut lane = RecordPipeline::new(&settings, None, Rules::none());
    if let Ok(passed) = lane.run(text, &Route::default(), &mut Output::default()) {
        let parsed: Value = serde_json::from_str(text).unwrap_or_default();
        // What calls itself an envelope of CloudWatch Logs as well may hold none.
        assert!(
            passed.events_in > 0 || parsed.get("messageType").is_some(),
            "{text}"
        );
    }
}

fuzz_target!(|bytes: &[u8]| {
    let data = base64_simd::STANDARD.encode_to_string(bytes);
    let subscription = json!({ "awslogs": { "data": data } }).to_string();
    let carried = vec![Text::Bytes(bytes.to_vec())];
    assert_eq!(queued(&subscription), Ok(carried.clone()));
    assert!(
        matches!(Incoming::parse(&subscription), Ok(Incoming::Direct(texts)) if texts == carried)
    );

    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    match (Incoming::parse(text), queued(text)) {
        (Ok(Incoming::Direct(alone)), Ok(queued)) => {
            assert_eq!(alone, queued);
            for text in &alone {
                if let Text::Plain(text) = text {
                    is_something(text);
                }
            }
        }
        (Ok(Incoming::Direct(_)), Err(unknown)) => assert!(is_too_deep(unknown)),
        (Ok(Incoming::Queue(_)) | Err(_), queued) => assert!(queued.is_err()),
    }
});
