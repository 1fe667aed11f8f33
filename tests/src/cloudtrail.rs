//! CloudTrail records that name a person.

use serde_json::{Value, json};

/// The person in every [`record`] and nowhere else.
pub const PERSON: &str = "anaya.example";

/// The address in every [`record`] and nowhere else.
pub const ADDRESS: &str = "203.0.113.77";

/// The text of a management event with this id, done by [`PERSON`] from [`ADDRESS`], about this many bytes long.
#[must_use]
pub fn record(id: &str, bytes: usize) -> String {
    let record = |padding: usize| {
        json!({
            "eventVersion": "1.08",
            "eventTime": "2023-10-27T14:30:00Z",
            "eventID": id,
            "eventSource": "ec2.amazonaws.com",
            "eventName": "DescribeInstances",
            "awsRegion": "us-east-1",
            "recipientAccountId": "111122223333",
            "sourceIPAddress": ADDRESS,
            "userIdentity": { "type": "IAMUser", "userName": PERSON },
            "requestParameters": { "padding": "p".repeat(padding) },
        })
        .to_string()
    };
    let bare = record(0).len();
    record(bytes.saturating_sub(bare))
}

/// The ids `prefix-0` to `prefix-(count-1)`.
#[must_use]
pub fn ids(prefix: &str, count: usize) -> Vec<String> {
    (0..count)
        .map(|number| format!("{prefix}-{number}"))
        .collect()
}

/// The ids of the events in these HEC objects, in their order.
///
/// # Panics
/// If a line is not a HEC object with a CloudTrail record as its event.
#[must_use]
pub fn ids_in(objects: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(objects).expect("HEC objects are UTF-8");
    assert!(
        text.is_empty() || text.ends_with('\n'),
        "the last object ends in a newline too"
    );
    text.lines()
        .map(|line| {
            let object: Value = serde_json::from_str(line).expect("one HEC object per line");
            object["event"]["eventID"]
                .as_str()
                .expect("a CloudTrail record")
                .to_owned()
        })
        .collect()
}
