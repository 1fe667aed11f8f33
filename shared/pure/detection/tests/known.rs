//! The known event names, compared with everything else here that names events.
#![allow(clippy::unwrap_used, reason = "a test may stop at what is not there")]
#![allow(clippy::disallowed_methods, reason = "a test reads rules and records")]

#[expect(dead_code, reason = "the tests of rules use the rest")]
mod shown;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use detection::{curated, is_known_event};
use serde_json::Value;
use shown::{cases, root};

#[test]
fn the_events_of_the_curated_list_are_known() {
    let unknown = curated()
        .iter()
        .filter(|event| !is_known_event(Some(event.source), event.name));
    assert_eq!(
        unknown.collect::<Vec<_>>(),
        Vec::<&detection::CuratedEvent>::new()
    );
}

#[test]
fn the_events_that_rules_match_are_known() {
    let matching = cases()
        .into_iter()
        .filter(|case| matches!(&*case.expect, "success" | "attempt"));
    let events = matching.map(|case| event(&case.record));
    assert_eq!(unknown(events), BTreeSet::new());
}

#[test]
fn the_events_of_real_records_are_known() {
    let folder = std::env::var_os("SIGHTLINE_DATA").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| root().join("../shared/data/cloudtrail"));
    let Ok(files) = fs::read_dir(&folder) else {
        eprintln!("skipped: the shared data is not there");
        return;
    };
    let mut events = Vec::new();
    for file in files {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let records = text.lines().map(|line| serde_json::from_str(line).unwrap());
        // Insight records have no event source; their events have.
        let named = records.filter(|record: &Value| record["eventSource"].is_string());
        events.extend(named.map(|record| event(&record)));
    }
    assert!(events.len() > 3_000, "{}", events.len());
    assert_eq!(unknown(events), BTreeSet::new());
}

fn event(record: &Value) -> (String, String) {
    let text = |key: &str| record[key].as_str().unwrap().to_owned();
    (text("eventSource"), text("eventName"))
}

fn unknown(events: impl IntoIterator<Item = (String, String)>) -> BTreeSet<(String, String)> {
    let events = events.into_iter();
    events
        .filter(|(source, name)| !is_known_event(Some(source), name))
        .collect()
}
