//! Events of the event route, alone and as one message of a queue between two valid ones. The other
//! messages are not affected, and the pipeline finds an event in every accepted text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pipeline::{Output, RecordPipeline, Route, Rules};
use serde_json::{Value, json};
use settings::RawSettings;
use triggers::{Content, EventText, Trigger, TriggerError};

const GOOD: &str = r#"{"detail-type":"AWS API Call via CloudTrail","detail":{"eventVersion":"1.09","eventTime":"2026-01-01T00:00:00Z"}}"#;

/// The texts of an event or of a message.
fn texts(content: Result<Content<EventText>, TriggerError>) -> Result<Vec<EventText>, TriggerError> {
    content.and_then(Content::complete)
}

/// The texts of `body` as a message of a queue.
fn queued(body: &str) -> Result<Vec<EventText>, TriggerError> {
    let record = |body: &str| json!({ "messageId": body, "eventSource": "aws:sqs", "body": body });
    let event = json!({ "Records": [record(GOOD), record(body), record(GOOD)] }).to_string();
    let Ok(Trigger::Queue(messages)) = Trigger::parse(&event) else {
        panic!("a queue");
    };
    let [first, odd, last] = <[_; 3]>::try_from(messages).expect("three messages");
    for good in [first, last] {
        assert_eq!(good.id, GOOD);
        assert_eq!(texts(good.content), Ok(vec![EventText::Plain(GOOD.to_owned())]));
    }
    assert_eq!(odd.id, body);
    texts(odd.content)
}

fn is_too_deep(error: TriggerError) -> bool {
    error.reason.contains("too deep")
}

/// An event of EventBridge that is taken holds an event, or is one that cannot be read.
fn is_something(text: &str) {
    let settings = settings::resolve(&RawSettings::default());
    let settings = settings.expect("the settings are right");
    let mut pipeline = RecordPipeline::new(&settings, None, Rules::none());
    if let Ok(passed) = pipeline.run(text, &Route::default(), &mut Output::default()) {
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
    let carried = vec![EventText::Bytes(bytes.to_vec())];
    assert_eq!(queued(&subscription), Ok(carried.clone()));
    assert_eq!(texts(Content::parse(&subscription)), Ok(carried));

    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    match (Trigger::<EventText>::parse(text), queued(text)) {
        (Ok(Trigger::Direct(alone)), Ok(queued)) => {
            assert_eq!(alone.payloads, queued);
            for text in &queued {
                if let EventText::Plain(text) = text {
                    is_something(text);
                }
            }
        }
        (Ok(Trigger::Direct(alone)), Err(error)) => {
            assert!(!alone.unparsed.is_empty() || is_too_deep(error));
        }
        (Ok(Trigger::Queue(_)) | Err(_), queued) => assert!(queued.is_err()),
    }
});
