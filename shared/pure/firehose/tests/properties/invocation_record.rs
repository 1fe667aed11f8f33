//! Lambda's records of failed invocations: they give the same objects as the event itself, and no other
//! text is processed as one.

use pipeline::{Output, ParseError, Route, is_invocation_record};
use proptest::prelude::*;

use crate::generate::{json, records};
use crate::invoke::{envelope, gzip, masking, pipeline};

/// Lambda's record of an invocation that failed with this event.
fn recorded(event: &str) -> String {
    format!(
        r#"{{"version":"1.0","timestamp":"2026-01-02T03:04:05.678Z","requestContext":{{"requestId":"r","functionArn":"arn:aws:lambda:eu-west-1:1:function:f:live","condition":"RetriesExhausted","approximateInvokeCount":3}},"requestPayload":{event},"responseContext":{{"statusCode":200,"executedVersion":"7","functionError":"Unhandled"}},"responsePayload":{{"errorType":"Sightline.NotForwarded","errorMessage":"x"}}}}"#
    )
}

fn subscription(data: &[u8]) -> String {
    let data = base64_simd::STANDARD.encode_to_string(data);
    format!(r#"{{"awslogs":{{"data":"{data}"}}}}"#)
}

fn event_bridge(record: &str) -> String {
    format!(
        r#"{{"version":"0","detail-type":"AWS API Call via CloudTrail","source":"aws.ec2","account":"1","region":"r","detail":{record}}}"#
    )
}

/// The objects of `text` with masking on.
fn run(text: &str) -> Result<Vec<u8>, ParseError> {
    let mut output = Output::default();
    let passed = pipeline(&masking()).run(text, &Route::default(), &mut output);
    assert!(passed.is_ok() || output.bytes.is_empty());
    passed.map(|_| output.bytes)
}

fn reason(text: &str) -> &'static str {
    match run(text) {
        Err(ParseError::InvocationRecord { reason, .. }) => reason,
        other => panic!("{text}: {other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_record_gives_the_objects_of_its_event(records in records(5), compress: bool, space: bool) {
        let envelope = envelope(&records);
        let bytes = if compress { gzip(envelope.as_bytes()) } else { envelope.clone().into_bytes() };
        let mut text = recorded(&subscription(&bytes));
        if space {
            text = text.replace(":{", " :\n {").replace(",\"", " ,\r\n \"") + "\n";
        }
        prop_assert!(is_invocation_record(&text));
        prop_assert_eq!(run(&text), run(&envelope));
        for record in &records {
            let event = event_bridge(record);
            prop_assert_eq!(run(&recorded(&event)), run(&event));
        }
    }

    #[test]
    fn no_change_of_a_record_panics_or_drops_an_event(
        records in records(3),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut: bool,
    ) {
        let mut bytes = recorded(&subscription(&gzip(envelope(&records).as_bytes()))).into_bytes();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        if let Ok(text) = std::str::from_utf8(&bytes) {
            let passed = run(text);
            // Text that can be decompressed is complete: gzip has a checksum.
            let count = passed.map(|objects| objects.split(|byte| *byte == b'\n').count() - 1);
            prop_assert!(count.is_err() || count == Ok(records.len()));
        }
    }

    #[test]
    fn an_event_in_another_format_is_an_error(event in json()) {
        let text = recorded(&event);
        prop_assert!(matches!(run(&text), Err(ParseError::InvocationRecord { .. })), "{}", text);
    }

    #[test]
    fn a_cloudtrail_record_is_never_processed_as_one(record in records(2), value in json()) {
        for record in record {
            let more = format!(r#"{{"requestContext":{value},"requestPayload":{value},"#);
            let odd = record.replacen('{', &more, 1);
            let alone = run(&odd).unwrap();
            prop_assert_eq!(alone.split(|byte| *byte == b'\n').count(), 2);
            let id = br#""event_id":"id-"#;
            prop_assert!(alone.windows(id.len()).any(|window| window == id));
        }
    }
}

#[test]
fn the_reason_states_what_is_wrong_with_the_event() {
    let expected = "requestPayload is neither a CloudWatch Logs subscription event nor a CloudTrail event of EventBridge";
    for event in [
        "null",
        "{}",
        r#"[{"data":"e30="}]"#,
        r#"{"Records":[]}"#,
        r#"{"detail-type":"Object Created","detail":{}}"#,
        r#"{"awslogs":null}"#,
    ] {
        assert_eq!(reason(&recorded(event)), expected, "{event}");
    }
    assert_eq!(
        reason(&recorded(r#"{"awslogs":{"data":"%"}}"#)),
        "awslogs.data is not base64"
    );
    let bomb = gzip(&vec![b' '; (64 << 20) + 1]);
    for data in [&b"\x1f\x8b\x08"[..], b"\xff", &bomb] {
        assert_eq!(
            reason(&recorded(&subscription(data))),
            "awslogs.data is not gzip of UTF-8 text of at most 64 MiB"
        );
    }
    for data in ["", "x", r#"{"messageType":"NEW"}"#] {
        assert_eq!(
            reason(&recorded(&subscription(data.as_bytes()))),
            "the event in requestPayload cannot be parsed"
        );
    }
    let nested = recorded(&recorded(&subscription(b"{}")));
    assert_eq!(reason(&nested), expected);
}

#[test]
fn a_control_message_is_not_an_event() {
    let probe = r#"{"messageType":"CONTROL_MESSAGE","logEvents":[{"id":"","timestamp":1,"message":"CWL CONTROL MESSAGE"}]}"#;
    assert_eq!(
        run(&recorded(&subscription(probe.as_bytes()))),
        Ok(Vec::new())
    );
}

#[test]
fn two_keys_make_a_record_and_neither_may_be_duplicated() {
    for text in [
        r#"{"requestPayload":{}}"#,
        r#"{"requestContext":{}}"#,
        r#"{"requestContext":{},"requestPayload":{},"requestPayload":{}}"#,
        r#"[{},{}]"#,
        r#"{"requestContext":{},"requestPayload":{}} {}"#,
    ] {
        assert!(!is_invocation_record(text), "{text}");
        assert!(
            matches!(run(text), Err(ParseError::UnknownFormat { .. })),
            "{text}"
        );
    }
}
