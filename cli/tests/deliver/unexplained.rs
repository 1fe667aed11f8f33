//! Kept events that something before the collector stops with a 400 that tells no reason.

use std::fs;

use serde_json::json;
use testkit::collector::CollectorOptions;

use crate::stage::{Stage, said};

/// A firewall, and one kept file for each of these, in this order: a good event or a bad one.
fn stage(is_good: &[bool]) -> Stage {
    let mut options = CollectorOptions::new("t0ken");
    options.firewall = Some("<script>".to_owned());
    let stage = Stage::with(options);
    for (number, is_good) in is_good.iter().enumerate() {
        let what = if *is_good { "good" } else { "<script>" };
        let event = json!({"event":{"eventID":format!("{number}"),"what":what}});
        fs::write(stage.path(&format!("kept/{number}")), event.to_string()).unwrap();
    }
    stage
}

#[test]
fn one_event_that_nobody_takes_holds_up_no_other_file() {
    for (is_good, delivered, words) in [
        (&[true, false, true, true][..], 3, "3 removed, 1 kept"),
        (&[false, true, false, false, true], 2, "2 removed, 3 kept"),
    ] {
        let stage = stage(is_good);
        let output = stage.run(&["replay", stage.path("kept").to_str().unwrap()]);
        let said = said(&output);
        assert!(said.contains(words), "{said}");
        assert!(!output.status.success() && !said.contains("stopped"));
        assert_eq!(stage.ids().len(), delivered);
        let bad: Vec<usize> = (0..is_good.len()).filter(|at| !is_good[*at]).collect();
        for number in bad {
            assert!(stage.path(&format!("kept/{number}")).exists());
        }
    }
}

#[test]
fn three_files_that_nobody_takes_are_about_all() {
    let stage = stage(&[true, false, false, false, true]);
    let output = stage.run(&["replay", stage.path("kept").to_str().unwrap()]);
    let said = said(&output);
    assert!(said.contains("1 removed, 3 kept"), "{said}");
    assert!(!output.status.success() && said.contains("stopped before the end"));
    assert_eq!((stage.ids(), stage.kept().len()), (vec!["0".to_owned()], 4));
}
