//! Bucket, notification, queue, `s3-forwarder`, collector.

use scenarios::cloudtrail::{ADDRESS, PERSON, record};
use scenarios::firehose::gzip;
use scenarios::function::{ACCOUNT, REGION};
use serde_json::Value;

use crate::{BUCKET, Fixture, until};

/// CloudTrail sends larger events to no other route.
const GAP: usize = 262_144;

/// Puts a log file into the trail's bucket, waits for its large record only, and returns the ids that arrived.
pub(crate) fn carries(fixture: &Fixture, round: &str) -> Vec<String> {
    let large = format!("{round}-large");
    let written = record(&large, GAP + 1);
    let small = record(&format!("{round}-small"), 900);
    let key = format!("AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/2026/01/01/{round}.json.gz");
    let file = gzip(format!(r#"{{"Records":[{small},{written}]}}"#).as_bytes());
    fixture.aws.put_object(BUCKET, &key, &file);

    let arrived = until("the large record of the log file", || {
        let events = fixture.siem.events();
        events
            .into_iter()
            .find(|object| object["event"]["eventID"] == large)
    });
    assert_eq!(arrived["source"], format!("s3://{BUCKET}/{key}"));
    assert_eq!(arrived["fields"]["delivery_path"], "s3");
    assert_eq!(arrived["fields"]["event_id"], large);
    let written: Value = serde_json::from_str(&written).expect("a record");
    assert_eq!(unmasked(arrived["event"].clone()), written);
    vec![large]
}

/// The event with person and address instead of their pseudonyms.
fn unmasked(mut event: Value) -> Value {
    for (pointer, plain) in [
        ("/sourceIPAddress", ADDRESS),
        ("/userIdentity/userName", PERSON),
    ] {
        let place = event.pointer_mut(pointer).expect("a masked value");
        assert!(
            place
                .as_str()
                .is_some_and(|token| token.starts_with("pii-k1-")),
            "{place}"
        );
        *place = plain.into();
    }
    event
}
