//! Indexer acknowledgment as measured with Vector; Fluent Bit has none.

use serde_json::{Value, json};

use crate::requests::Fixture;

const CHANNEL: &str = "00000000-0000-4000-8000-0000000000aa";
const OTHER: &str = "00000000-0000-4000-8000-0000000000bb";

async fn reply(fixture: &Fixture, path: &str, channel: &str, body: &'static str) -> Value {
    let request = fixture.post(path, body);
    let request = request.header("X-Splunk-Request-Channel", channel);
    let reply = request.send().await.unwrap().bytes().await.unwrap();
    serde_json::from_slice(&reply).unwrap()
}

#[tokio::test]
async fn ids_count_from_0_per_channel_and_are_true_once() {
    let fixture = Fixture::start(true).await;
    for (channel, id) in [(CHANNEL, 0), (CHANNEL, 1), (OTHER, 0)] {
        let reply = reply(&fixture, "/event", channel, r#"{"event":1}"#).await;
        assert_eq!((&reply["code"], &reply["ackId"]), (&json!(0), &json!(id)));
    }
    // An id that was not returned is not indexed.
    let poll = r#"{"acks":[0,1,99]}"#;
    for (channel, expected) in [
        (CHANNEL, [true, true, false]),
        (CHANNEL, [false, false, false]),
        (OTHER, [true, false, false]),
    ] {
        let reply = reply(&fixture, "/ack", channel, poll).await;
        let acks = ["0", "1", "99"].map(|id| reply["acks"][id].as_bool().unwrap());
        assert_eq!(acks, expected);
    }
}

#[tokio::test]
async fn a_channel_is_a_guid() {
    // Vector accepts any text; Splunk documents code 11 for other values than a GUID.
    let fixture = Fixture::start(true).await;
    let reply = reply(&fixture, "/event", "not-a-guid", r#"{"event":1}"#).await;
    assert_eq!(reply["code"], 11);
    assert!(fixture.collector.events().is_empty());
}
