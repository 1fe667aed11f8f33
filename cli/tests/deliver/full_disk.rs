//! A disk that takes no more: what is kept, and what the next run sends. A limit on the size of
//! files stands in for the disk: like a full one, it makes writing fail.

use std::fs;
use std::process::{Command, Output};

use serde_json::json;
use testkit::collector::Fault;

use crate::stage::{Stage, record, said};

/// Runs the program so that no file grows beyond so many `units` of 512 bytes (POSIX, `ulimit -f`;
/// some shells count in 1,024).
fn run_limited(stage: &Stage, units: usize, arguments: &[&str]) -> Output {
    let program = stage.command(arguments);
    let mut limited = Command::new("sh");
    limited
        // Ignored, the signal leaves it at an error, as on a full disk.
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

/// A kept file of 40 events, of which the collector accepts 20 before it is away.
fn stage() -> Stage {
    let stage = Stage::new();
    let lines = ids(40)
        .into_iter()
        .map(|id| json!({"event":{"eventID":id,"pad":"p".repeat(500)}}));
    let lines: Vec<String> = lines.map(|line| line.to_string()).collect();
    fs::write(stage.path("kept/letters"), lines.join("\n")).unwrap();
    let accepted = vec![Fault::Slow(std::time::Duration::ZERO); 2];
    stage.collector.faults().extend(accepted);
    stage
        .collector
        .faults()
        .extend(vec![Fault::BusyCode9; 1000]);
    stage
}

#[test]
fn a_replay_that_cannot_write_its_rest_repeats_nothing() {
    let stage = stage();
    let kept = stage.path("kept");
    let kept = kept.to_str().unwrap();
    let arguments = ["replay", kept, "--rate", "100", "--patience", "1"];
    let output = run_limited(&stage, 1, &arguments);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        text.contains("the remaining lines cannot be written"),
        "{text}"
    );
    assert_eq!(stage.ids(), ids(20));
    let names = |stage: &Stage| {
        let name = |path: std::path::PathBuf| path.file_name().unwrap().to_owned();
        let mut names: Vec<_> = stage.kept().into_iter().map(name).collect();
        names.sort();
        names
    };
    assert_eq!(names(&stage), ["letters", "letters.sightline-progress"]);

    let back = Stage::new();
    let dry = back.run(&["replay", kept, "--dry-run"]);
    assert!(said(&dry).contains("contain 20 events"), "{}", said(&dry));
    let output = back.run(&["replay", kept]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(back.ids(), &ids(40)[20..], "only what was left");
    assert!(stage.kept().is_empty());
}

#[test]
fn a_replay_that_can_note_nothing_sends_nothing() {
    let stage = stage();
    let kept = stage.path("kept");
    let before = fs::read(kept.join("letters")).unwrap();
    let output = run_limited(&stage, 0, &["replay", kept.to_str().unwrap()]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("nothing was sent"), "{text}");
    assert!(stage.ids().is_empty());
    assert_eq!(stage.kept(), [kept.join("letters")]);
    assert_eq!(fs::read(kept.join("letters")).unwrap(), before);
}

#[test]
fn dead_letters_that_cannot_be_kept_leave_nothing_behind() {
    let stage = Stage::new();
    let records: Vec<String> = ids(40).iter().map(|id| record(id)).collect();
    let input = stage.path("trail.ndjson");
    fs::write(&input, records.join("\n")).unwrap();
    stage
        .collector
        .faults()
        .extend(vec![Fault::BusyCode9; 1000]);
    let kept = stage.path("kept");
    let arguments = [
        "send",
        input.to_str().unwrap(),
        "--patience",
        "1",
        "--dead-letters",
        kept.to_str().unwrap(),
    ];
    let output = run_limited(&stage, 0, &arguments);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("cannot keep dead letters in"), "{text}");
    assert!(text.contains("dead letters 0 + not delivered 40"), "{text}");
    assert!(
        stage.kept().is_empty(),
        "no part of a file: {:?}",
        stage.kept()
    );
}
