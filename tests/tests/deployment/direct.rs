//! Log group, subscription, `subscription-forwarder`, collector; and for undelivered events: bucket, queue,
//! `s3-forwarder`, collector.

use std::time::{SystemTime, UNIX_EPOCH};

use scenarios::cloudtrail::{ADDRESS, PERSON, ids, record};
use serde_json::{Value, json};
use testkit::collector::Fault;

use crate::{Fixture, LOG_GROUP, until};

const LOG_STREAM: &str = "111122223333_CloudTrail_us-east-1";

const UNDELIVERED: &str = "sightline-undelivered-111122223333-us-east-1";

/// Number of invocations of Lambda for one event that fails.
const ATTEMPTS: usize = 3;

/// Writes events to the trail's log group, waits for them, and returns their ids.
pub(crate) fn carries(fixture: &Fixture, round: &str) -> Vec<String> {
    let stream = json!({ "logGroupName": LOG_GROUP, "logStreamName": LOG_STREAM });
    fixture.aws.call("Logs_20140328.CreateLogStream", &stream);
    let ids = ids(&format!("{round}-logs"), 40);
    write(fixture, &ids);
    arrive(fixture, &ids);
    assert!(fixture.aws.keys(UNDELIVERED).is_empty());
    ids
}

/// Asserts that events which the collector rejects in every attempt of Lambda arrive through the bucket of
/// undelivered events, once and masked.
pub(crate) fn delivers_rejected_events_later(fixture: &Fixture) {
    let before = fixture.siem.ids();
    let ids = ids("refused-logs", 5);
    // Every attempt ends with this error.
    let refused = Fault::Status {
        status: 403,
        retry_after: None,
    };
    fixture.siem.faults().extend(vec![refused; ATTEMPTS]);
    write(fixture, &ids);
    arrive(fixture, &ids);
    assert!(fixture.siem.faults().is_empty());

    let mut expected = [before, ids].concat();
    expected.sort();
    assert_eq!(fixture.siem.ids(), expected, "nothing twice, nothing else");
    for event in fixture.siem.events() {
        let text = event.to_string();
        assert!(!text.contains(PERSON) && !text.contains(ADDRESS), "{text}");
    }
    let keys = fixture.aws.keys(UNDELIVERED);
    let [key] = keys.as_slice() else {
        panic!("one record of a failed invocation: {keys:?}");
    };
    assert!(key.starts_with("aws/lambda/async/sightline-subscription-forwarder/"));
}

fn write(fixture: &Fixture, ids: &[String]) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = u64::try_from(now.expect("a time after 1970").as_millis()).expect("a time in range");
    let events: Vec<Value> = ids
        .iter()
        .map(|id| json!({ "timestamp": now, "message": record(id, 900) }))
        .collect();
    let input =
        json!({ "logGroupName": LOG_GROUP, "logStreamName": LOG_STREAM, "logEvents": events });
    fixture.aws.call("Logs_20140328.PutLogEvents", &input);
}

fn arrive(fixture: &Fixture, ids: &[String]) {
    let source = format!("cloudwatch:{LOG_GROUP}:{LOG_STREAM}");
    until("the events of the log group", || {
        let events = fixture.siem.events();
        let own = events.iter().filter(|object| {
            let id = object["event"]["eventID"].as_str();
            id.is_some_and(|id| ids.iter().any(|one| one == id))
        });
        let own: Vec<&Value> = own.collect();
        for object in &own {
            assert_eq!(object["source"], source);
            assert_eq!(object["fields"]["delivery_path"], "cloudwatch");
        }
        (own.len() >= ids.len()).then_some(())
    });
}
