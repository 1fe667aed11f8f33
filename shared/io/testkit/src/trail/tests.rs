use std::collections::HashSet;

use serde_json::Value;

use super::{Trail, gzip};

fn events(seed: u64, count: usize) -> Vec<String> {
    let mut trail = Trail::new(seed);
    (0..count).map(|_| trail.next_event()).collect()
}

#[test]
fn records_are_valid_and_have_unique_ids() {
    let mut ids = HashSet::new();
    for event in events(1, 5000) {
        let event: Value = serde_json::from_str(&event).unwrap();
        for key in [
            "eventVersion",
            "eventTime",
            "eventSource",
            "eventName",
            "awsRegion",
            "sourceIPAddress",
        ] {
            assert!(event[key].is_string(), "{key}");
        }
        assert!(event["userIdentity"].is_object());
        assert!(ids.insert(event["eventID"].as_str().unwrap().to_owned()));
    }
}

#[test]
fn the_same_seed_gives_the_same_trail() {
    assert_eq!(events(3, 50), events(3, 50));
    assert_ne!(events(3, 50), events(4, 50));
}

#[test]
fn records_are_as_large_as_real_ones() {
    let sizes: Vec<usize> = events(1, 5000).iter().map(String::len).collect();
    let mean = sizes.iter().sum::<usize>() / sizes.len();
    assert!((1300..2100).contains(&mean), "{mean}");
    let range = (*sizes.iter().min().unwrap(), *sizes.iter().max().unwrap());
    assert!(range.0 > 500 && range.1 < 6500, "{range:?}");
}

#[test]
fn envelopes_compress_like_real_ones() {
    let envelope = Trail::new(1).next_envelope(50);
    let parsed: Value = serde_json::from_str(&envelope).unwrap();
    assert_eq!(parsed["logEvents"].as_array().unwrap().len(), 50);
    let ratio = envelope.len() as f64 / gzip(envelope.as_bytes()).len() as f64;
    assert!((4.5..9.0).contains(&ratio), "{ratio}");
}
