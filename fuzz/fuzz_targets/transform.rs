//! Firehose invocations: the event itself, or one record of these bytes between two valid ones.
#![no_main]

use std::sync::LazyLock;

use firehose::TransformInvocation;
use libfuzzer_sys::fuzz_target;
use pipeline::{RecordPipeline, Rules};
use serde_json::Value;
use settings::{KeySource, Settings};

const LIMIT: &str = "10000";
const GOOD: &str = r#"{"eventVersion":"1.09","eventTime":"2023-10-27T14:33:20Z","eventID":"1"}"#;

static SETTINGS: LazyLock<Settings> = LazyLock::new(|| {
    let raw = [("MAX_RESPONSE_BYTES", LIMIT), ("MAX_RECORD_BYTES", "2000")];
    settings::resolve_with(&raw.into_iter().collect(), KeySource::File).expect("valid settings")
});

/// The response if the stream rejects every second re-ingested record.
fn transform(event: &str) -> Option<Vec<u8>> {
    let mut invocation = TransformInvocation::new(
        event,
        &SETTINGS,
        &mut RecordPipeline::new(&SETTINGS, None, Rules::none()),
    )
    .ok()?;
    while let Some(batch) = invocation.next_batch() {
        let rejected: Vec<usize> = (0..batch.records.len()).step_by(2).collect();
        invocation.mark_rejected(&batch, &rejected);
    }
    let result = invocation.finish();
    assert!(result.counters.reconcile(), "{:?}", result.counters);
    Some(result.response)
}

fuzz_target!(|bytes: &[u8]| {
    if let Ok(event) = std::str::from_utf8(bytes)
        && let Some(response) = transform(event)
    {
        let event: Value = serde_json::from_slice(bytes).unwrap_or_default();
        let response: Value = serde_json::from_slice(&response).unwrap_or_default();
        // Ids that serde_json's own value cannot hold are compared by number only.
        if let Some(records) = event["records"].as_array() {
            assert_eq!(
                response["records"].as_array().map(Vec::len),
                Some(records.len())
            );
        }
    }
    let [good, odd] =
        [GOOD.as_bytes(), bytes].map(|data| base64_simd::STANDARD.encode_to_string(data));
    let records = [&good, &odd, &good].map(|data| format!(r#"{{"recordId":"1","data":"{data}"}}"#));
    let event = format!(r#"{{"records":[{}]}}"#, records.join(","));
    let response = transform(&event).expect("a valid event");
    assert!(response.len() <= 10_000);
    let response: Value = serde_json::from_slice(&response).expect("JSON");
    let answers = response["records"]
        .as_array()
        .expect("records");
    assert_eq!(answers.len(), 3);
    assert_eq!(answers[0], answers[2]);
    assert_eq!(answers[0]["result"], "Ok");
});
