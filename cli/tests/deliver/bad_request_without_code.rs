//! Stored events that a firewall in front of the collector rejects with a 400 without a HEC code.

use std::fs;

use serde_json::json;
use testkit::collector::CollectorOptions;

use crate::fixture::{Fixture, stderr};

/// A collector behind a firewall, and one stored file per element: a good or a bad event.
fn fixture(is_good: &[bool]) -> Fixture {
    let mut options = CollectorOptions::new("t0ken");
    options.firewall = Some("<script>".to_owned());
    let fixture = Fixture::with(options);
    for (number, is_good) in is_good.iter().enumerate() {
        let what = if *is_good { "good" } else { "<script>" };
        let event = json!({"event":{"eventID":format!("{number}"),"what":what}});
        fs::write(fixture.path(&format!("kept/{number}")), event.to_string()).unwrap();
    }
    fixture
}

#[test]
fn an_event_that_receives_a_400_does_not_block_other_files() {
    for (is_good, delivered, words) in [
        (&[true, false, true, true][..], 3, "3 removed, 1 kept"),
        (&[false, true, false, false, true], 2, "2 removed, 3 kept"),
    ] {
        let fixture = fixture(is_good);
        let output = fixture.run(&["replay", fixture.path("kept").to_str().unwrap()]);
        let stderr = stderr(&output);
        assert!(stderr.contains(words), "{stderr}");
        assert!(!output.status.success() && !stderr.contains("stopped"));
        assert_eq!(fixture.ids().len(), delivered);
        let bad: Vec<usize> = (0..is_good.len()).filter(|at| !is_good[*at]).collect();
        for number in bad {
            assert!(fixture.path(&format!("kept/{number}")).exists());
        }
    }
}

#[test]
fn three_consecutive_failures_stop_the_replay() {
    let fixture = fixture(&[true, false, false, false, true]);
    let output = fixture.run(&["replay", fixture.path("kept").to_str().unwrap()]);
    let stderr = stderr(&output);
    assert!(stderr.contains("1 removed, 3 kept"), "{stderr}");
    assert!(!output.status.success() && stderr.contains("stopped before the end"));
    assert_eq!(
        (fixture.ids(), fixture.kept().len()),
        (vec!["0".to_owned()], 4)
    );
}
