//! A full disk: what is stored, and what the next run sends. A limit on the file size simulates it.

use std::fs;
use std::process::{Command, Output};

use serde_json::json;
use testkit::collector::Fault;

use crate::fixture::{Fixture, record, stderr};

/// Runs the program with a file size limit of `units` times 512 bytes (POSIX, `ulimit -f`; some
/// shells use units of 1,024).
fn run_limited(fixture: &Fixture, units: usize, arguments: &[&str]) -> Output {
    let program = fixture.command(arguments);
    let mut limited = Command::new("sh");
    limited
        // If the signal is ignored, writing fails as on a full disk.
        .args(["-c", r#"trap "" XFSZ; ulimit -f "$0"; exec "$@""#])
        .arg(units.to_string())
        .arg(program.get_program())
        .args(program.get_args())
        .env_clear();
    let variables = program.get_envs();
    limited.envs(variables.filter_map(|(name, value)| Some((name, value?))));
    limited.output().unwrap()
}

fn ids(count: usize) -> Vec<String> {
    (0..count).map(|id| format!("{id:02}")).collect()
}

/// A stored file of 40 events, of which the collector accepts 20 before it becomes unavailable.
fn fixture() -> Fixture {
    let fixture = Fixture::new();
    let lines = ids(40)
        .into_iter()
        .map(|id| json!({"event":{"eventID":id,"pad":"p".repeat(500)}}));
    let lines: Vec<String> = lines.map(|line| line.to_string()).collect();
    fs::write(fixture.path("kept/letters"), lines.join("\n")).unwrap();
    let accepted = vec![Fault::Slow(std::time::Duration::ZERO); 2];
    fixture.collector.faults().extend(accepted);
    fixture
        .collector
        .faults()
        .extend(vec![Fault::BusyCode9; 1000]);
    fixture
}

#[test]
fn a_replay_that_cannot_rewrite_a_file_repeats_nothing() {
    let fixture = fixture();
    let kept = fixture.path("kept");
    let kept = kept.to_str().unwrap();
    let arguments = ["replay", kept, "--rate", "100", "--patience", "1"];
    let output = run_limited(&fixture, 1, &arguments);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        text.contains("the remaining lines cannot be written"),
        "{text}"
    );
    assert_eq!(fixture.ids(), ids(20));
    let names = |fixture: &Fixture| {
        let name = |path: std::path::PathBuf| path.file_name().unwrap().to_owned();
        let mut names: Vec<_> = fixture.kept().into_iter().map(name).collect();
        names.sort();
        names
    };
    assert_eq!(names(&fixture), ["letters", "letters.sightline-progress"]);

    let back = Fixture::new();
    let dry = back.run(&["replay", kept, "--dry-run"]);
    assert!(
        stderr(&dry).contains("contain 20 events"),
        "{}",
        stderr(&dry)
    );
    let output = back.run(&["replay", kept]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(back.ids(), &ids(40)[20..], "only the undelivered lines");
    assert!(fixture.kept().is_empty());
}

#[test]
fn a_replay_without_a_progress_file_sends_nothing() {
    let fixture = fixture();
    let kept = fixture.path("kept");
    let before = fs::read(kept.join("letters")).unwrap();
    let output = run_limited(&fixture, 0, &["replay", kept.to_str().unwrap()]);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("nothing was sent"), "{text}");
    assert!(fixture.ids().is_empty());
    assert_eq!(fixture.kept(), [kept.join("letters")]);
    assert_eq!(fs::read(kept.join("letters")).unwrap(), before);
}

#[test]
fn dead_letters_that_cannot_be_stored_leave_no_partial_file() {
    let fixture = Fixture::new();
    let records: Vec<String> = ids(40).iter().map(|id| record(id)).collect();
    let input = fixture.path("trail.ndjson");
    fs::write(&input, records.join("\n")).unwrap();
    fixture
        .collector
        .faults()
        .extend(vec![Fault::BusyCode9; 1000]);
    let kept = fixture.path("kept");
    let arguments = [
        "send",
        input.to_str().unwrap(),
        "--patience",
        "1",
        "--dead-letters",
        kept.to_str().unwrap(),
    ];
    let output = run_limited(&fixture, 0, &arguments);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("cannot keep dead letters in"), "{text}");
    assert!(text.contains("dead letters 0 + not delivered 40"), "{text}");
    assert!(
        fixture.kept().is_empty(),
        "no partial file: {:?}",
        fixture.kept()
    );
}
