//! Any reply of a collector: only a success that says so accepts, only a poll reply with this id as
//! `true` acknowledges, and the object that a verdict names was in the request.
#![no_main]

use hec::{AckStatus, ResponseClass};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|input: (u16, u8, &[u8])| {
    let (status, objects, body) = input;
    let objects = usize::from(objects).max(1);
    let verdict = ResponseClass::from_response(status, body, objects);
    match &verdict {
        ResponseClass::Accepted { .. } => {
            assert_eq!(status, 200);
            // The code decides, in whatever encoding the text beside it is.
            let body = String::from_utf8_lossy(body);
            let reply: Value = serde_json::from_str(&body).expect("a HEC reply is JSON");
            assert!([0, 24, 25].contains(&reply["code"].as_u64().expect("a code")));
        }
        ResponseClass::Rejected { object, code } => {
            assert!(*object < objects && [6, 12, 13, 15].contains(code));
        }
        ResponseClass::Busy { indexed } => assert!(*indexed < objects),
        // One object has no halves: it is too large, or refused.
        ResponseClass::Bisect => assert!(objects > 1 || status == 413),
        ResponseClass::BadRequestWithoutCode => assert_eq!(status, 400),
        ResponseClass::Unauthorized | ResponseClass::Misconfigured { .. } => {}
    }
    let id = objects as u64;
    let status_of_id = AckStatus::from_response(status, body, id);
    if status_of_id == AckStatus::Indexed {
        assert_eq!(status, 200);
        let body = String::from_utf8_lossy(body);
        let reply: Value = serde_json::from_str(&body).expect("a poll reply is JSON");
        assert_eq!(reply["acks"][id.to_string()], Value::Bool(true));
    }
    let spaced = [b" \r\n".as_slice(), body, b"\n"].concat();
    assert_eq!(AckStatus::from_response(status, &spaced, id), status_of_id);
    assert_eq!(
        ResponseClass::from_response(status, &spaced, objects),
        verdict
    );
});
