//! The events of the user's rules, as EventBridge patterns match them.
#![allow(
    clippy::unwrap_used,
    reason = "a rule that does not load fails the test"
)]

use detection::{RuleFile, Rules, UserEvents};
use serde_json::{Value, json};

const SOURCE: &str = "eventSource: cloudtrail.amazonaws.com";

/// The events of one rule with this detection section.
fn events(detection: &str) -> UserEvents {
    let detection = detection.replace('\n', "\n  ");
    let text = format!(
        "title: Mine\nid: 5f0c9d3e-7a51-4f6e-9a53-0f1d2c3b4a59\nlogsource:\n  product: aws\n  service: cloudtrail\ndetection:\n  {detection}\nlevel: low\n"
    );
    let name = "mine.yml".to_owned();
    let rules = Rules::new(None, &[RuleFile { name, text }]);
    rules
        .unwrap_or_else(|errors| panic!("{detection}: {errors:?}"))
        .user_events()
}

fn exact(name: &str) -> Value {
    json!({ "equals-ignore-case": name })
}

fn prefix(name: &str) -> Value {
    json!({ "prefix": exact(name) })
}

fn suffix(name: &str) -> Value {
    json!({ "suffix": exact(name) })
}

#[test]
fn names_of_one_selection() {
    for (name, expected) in [
        (
            "eventName: [StopLogging, DeleteTrail]",
            json!([exact("DeleteTrail"), exact("StopLogging")]),
        ),
        ("eventVersion|exists: true", json!("any")),
        (
            "eventName|startswith: [Delete, Stop]",
            json!([prefix("Delete"), prefix("Stop")]),
        ),
        ("eventName|endswith: Trail", json!([suffix("Trail")])),
        ("eventName|contains: trail", json!("any")),
        (
            "eventName|contains|cased: Trail",
            json!([{ "wildcard": "*Trail*" }]),
        ),
        ("eventName|re: ^Del", json!("any")),
        ("eventName|neq: StopLogging", json!("any")),
        ("eventName: '*'", json!("any")),
        (
            "eventName: ['Delete*', '*Trail', 'Stop?Logging']",
            json!([suffix("Trail"), prefix("Delete"), prefix("Stop")]),
        ),
        // A literal `*` occurs in no event name.
        ("eventName: ['Put\\*', StopLogging]", json!("any")),
    ] {
        let found = events(&format!("s:\n  {SOURCE}\n  {name}\ncondition: s"));
        assert_eq!(found.names["cloudtrail.amazonaws.com"], expected, "{name}");
        assert_eq!(found.sourceless, [""; 0], "{name}");
    }
}

#[test]
fn names_of_conditions() {
    let both = json!({ "cloudtrail.amazonaws.com": [exact("X"), exact("Y")] });
    let only_x = json!({ "cloudtrail.amazonaws.com": [exact("X")] });
    for (detection, expected) in [
        (
            format!("s:\n  {SOURCE}\nno:\n  eventName: LookupEvents\ncondition: s and not no"),
            json!({ "cloudtrail.amazonaws.com": "any" }),
        ),
        (
            format!(
                "a:\n  {SOURCE}\n  eventName: X\nb:\n  eventSource: iam.amazonaws.com\ncondition: 1 of *"
            ),
            json!({ "cloudtrail.amazonaws.com": [exact("X")], "iam.amazonaws.com": "any" }),
        ),
        (
            format!(
                "a:\n  {SOURCE}\nb:\n  eventName: X\nc:\n  eventName: Y\ncondition: a and (b or c)"
            ),
            both.clone(),
        ),
        (
            format!(
                "s_a:\n  {SOURCE}\ns_b:\n  eventName: X\nother:\n  userAgent: me\ncondition: all of s_* and other"
            ),
            only_x.clone(),
        ),
        (
            format!(
                "a:\n  {SOURCE}\n  eventName: X\nb:\n  eventName|startswith: X\ncondition: a and b"
            ),
            only_x.clone(),
        ),
        (
            format!(
                "s:\n  - {SOURCE}\n    eventName: X\n  - {SOURCE}\n    eventName: Y\ncondition: s"
            ),
            both.clone(),
        ),
        (
            format!(
                "a:\n  {SOURCE}\n  eventName: X\nb:\n  {SOURCE}\n  eventName: Y\ncondition:\n  - a\n  - b"
            ),
            both,
        ),
        (
            "s:\n  eventSource: CloudTrail.amazonaws.com\n  eventName: X\ncondition: s".to_owned(),
            only_x,
        ),
    ] {
        assert_eq!(
            Value::from(events(&detection).names),
            expected,
            "{detection}"
        );
    }
}

#[test]
fn rules_without_a_literal_source_are_named() {
    for detection in [
        "s:\n  eventName: DeleteTrail\ncondition: s",
        "s:\n  eventSource: '*'\ncondition: s",
        "s:\n  eventSource|endswith: .amazonaws.com\ncondition: s",
        "s:\n  userAgent: evil\ncondition: s",
        "keywords:\n  - evil\ncondition: keywords",
        &format!("s:\n  {SOURCE}\ncondition: not s"),
        &format!("s:\n  {SOURCE}\nt:\n  eventName: X\ncondition: s or t"),
    ] {
        assert_eq!(
            events(detection).sourceless,
            ["mine.yml (Mine)"],
            "{detection}"
        );
    }
}

#[test]
fn built_in_rules_are_not_those_of_the_user() {
    let events = Rules::new(None, &[]).unwrap().user_events();
    assert!(events.names.is_empty() && events.sourceless.is_empty());
    assert!(
        detection::built_in_events()["cloudtrail.amazonaws.com"]
            .as_array()
            .unwrap()
            .contains(&json!("StopLogging"))
    );
    assert!(
        detection::high_events()["lambda.amazonaws.com"]
            .as_array()
            .unwrap()
            .contains(&json!("UpdateFunctionCode20150331v2"))
    );
}
