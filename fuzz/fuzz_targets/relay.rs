//! Firehose's deliveries: the call and its body, or records of one delivery of which one is of
//! these bytes. What is relayed is one JSON object a line, as it came, or nothing at all.
#![no_main]

use firehose_relay::{Refusal, Request};
use libfuzzer_sys::fuzz_target;
use serde_json::json;
use serde_json::value::RawValue;
use triggers::HttpRequest;

const GOOD: &[u8] = b"{\"event\":1}\n{\"event\":{}}\n";

fn request(records: &[&[u8]]) -> Request {
    let record = |data: &&[u8]| json!({ "data": base64_simd::STANDARD.encode_to_string(data) });
    let records: Vec<_> = records.iter().map(record).collect();
    let body = json!({ "requestId": "a", "timestamp": 1, "records": records }).to_string();
    Request::parse(body.as_bytes()).expect("the delivery is right")
}

/// A call with this body comes back as it was.
fn carried(bytes: &[u8]) {
    let event = json!({
        "headers": {}, "isBase64Encoded": true,
        "body": base64_simd::STANDARD.encode_to_string(bytes),
        "requestContext": { "http": { "method": "POST" } },
    });
    let call = HttpRequest::parse(&event.to_string()).expect("the call is right");
    assert_eq!(call.body().expect("it is plain"), bytes);
}

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(call) = HttpRequest::parse(text)
    {
        let _any = call.body();
    }
    carried(bytes);
    if let Ok(request) = Request::parse(bytes) {
        if let Ok(id) = request.id("") {
            assert!(!id.is_empty() && id.bytes().all(|b| b.is_ascii_graphic()));
        }
        let _any = request.objects();
    }
    match request(&[GOOD, bytes, GOOD]).objects() {
        Ok(objects) => {
            let lines = bytes.split(|&b| b == b'\n').map(<[u8]>::trim_ascii);
            let lines: Vec<&[u8]> = lines.filter(|line| !line.is_empty()).collect();
            assert_eq!(objects.len(), lines.len() + 4);
            for (at, line) in lines.into_iter().enumerate() {
                assert_eq!(objects.lines(at + 2..at + 3).trim_ascii_end(), line);
                serde_json::from_slice::<&RawValue>(line).expect("an object is JSON");
                assert!(line.starts_with(b"{"));
            }
        }
        Err(refusal) => {
            let expected = Refusal::Untransformed {
                failed: 1,
                records: 3,
                first: 1,
            };
            assert_eq!(refusal, expected);
        }
    }
});
