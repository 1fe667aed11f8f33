//! Event bus, rules, queue, `event-forwarder`, collector.

use scenarios::cloudtrail::record;
use serde_json::{Value, json};

use crate::{Fixture, until};

/// The rules for StopLogging and for EventBridge rules of the deployment.
const TRAIL_STOPS: &str = "ec19aafb-e5eb-4cd5-b554-23b8082adb79";
const OWN_RULE_OFF: &str = "7e5abf21-fc38-4a11-be2a-04ddb2e72ea2";

/// Puts events onto the bus, waits for the classified blinding events, and returns the ids that arrived.
pub(crate) fn carries(fixture: &Fixture, round: &str) -> Vec<String> {
    let id = |what: &str| format!("{round}-{what}");
    // The rules match neither: a source that anyone can claim, and an event that is not urgent.
    let claimed = event(&id("claimed"), "cloudtrail", "StopLogging", "main");
    put(fixture, "acme.cloudtrail", &claimed);
    put(
        fixture,
        "aws.ec2",
        &event(&id("can-wait"), "ec2", "DescribeInstances", "main"),
    );
    put(
        fixture,
        "aws.cloudtrail",
        &event(&id("stop"), "cloudtrail", "StopLogging", "main"),
    );
    put(
        fixture,
        "aws.events",
        &event(&id("own"), "events", "DisableRule", "sightline-fast-1"),
    );

    for (what, rule) in [("stop", TRAIL_STOPS), ("own", OWN_RULE_OFF)] {
        let arrived = until(&format!("the blinding event {what}"), || {
            let events = fixture.siem.events();
            events
                .into_iter()
                .find(|object| object["event"]["eventID"] == id(what))
        });
        let fields = &arrived["fields"];
        assert_eq!(arrived["source"], "eventbridge:111122223333:us-east-1");
        assert_eq!(fields["delivery_path"], "eventbridge");
        assert_eq!(
            (&fields["blinding"], &fields["severity"]),
            (&json!("success"), &json!("high"))
        );
        let holds = |field: &str, value: &str| {
            fields[field]
                .as_array()
                .is_some_and(|all| all.iter().any(|one| one == value))
        };
        assert!(
            holds("rules", rule) && holds("technique", "T1562.008"),
            "{fields}"
        );
    }
    vec![id("stop"), id("own")]
}

fn event(id: &str, service: &str, name: &str, subject: &str) -> Value {
    let mut event: Value = serde_json::from_str(&record(id, 700)).expect("a record");
    event["eventSource"] = format!("{service}.amazonaws.com").into();
    event["eventName"] = name.into();
    event["requestParameters"] = json!({ "name": subject });
    event
}

fn put(fixture: &Fixture, source: &str, detail: &Value) {
    let entry = json!({
        "Source": source, "DetailType": "AWS API Call via CloudTrail", "Detail": detail.to_string(),
    });
    let answer = fixture
        .aws
        .call("AWSEvents.PutEvents", &json!({ "Entries": [entry] }));
    assert_eq!(answer["FailedEntryCount"], 0, "{answer}");
}
