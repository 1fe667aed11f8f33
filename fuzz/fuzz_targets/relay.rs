//! Requests of Firehose to a relay: any HTTP request, any body, and a request with one record of these
//! bytes. What is relayed is one unchanged JSON object per line, or nothing at all.
#![no_main]

use firehose::http_endpoint::{EndpointError, EndpointRequest};
use libfuzzer_sys::fuzz_target;
use serde_json::json;
use serde_json::value::RawValue;
use triggers::HttpRequest;

const GOOD: &[u8] = b"{\"event\":1}\n{\"event\":{}}\n";

fn request(records: &[&[u8]]) -> EndpointRequest {
    let record = |data: &&[u8]| json!({ "data": base64_simd::STANDARD.encode_to_string(data) });
    let records: Vec<_> = records.iter().map(record).collect();
    let body = json!({ "requestId": "a", "timestamp": 1, "records": records }).to_string();
    EndpointRequest::parse(body.as_bytes()).expect("the request is valid")
}

/// Asserts that the body of an HTTP request is decoded unchanged.
fn assert_decoded(bytes: &[u8]) {
    let event = json!({
        "headers": {}, "isBase64Encoded": true,
        "body": base64_simd::STANDARD.encode_to_string(bytes),
        "requestContext": { "http": { "method": "POST" } },
    });
    let http = HttpRequest::parse(&event.to_string()).expect("the request is valid");
    assert_eq!(http.body().expect("the body is plain"), bytes);
}

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(http) = HttpRequest::parse(text)
    {
        let _any = http.body();
    }
    assert_decoded(bytes);
    if let Ok(request) = EndpointRequest::parse(bytes) {
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
        Err(error) => {
            let expected = EndpointError::Untransformed {
                failed: 1,
                records: 3,
                first: 1,
            };
            assert_eq!(error, expected);
        }
    }
});
