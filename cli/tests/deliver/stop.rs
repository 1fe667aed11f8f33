//! Runs that end before all is sent: what they say, and that the next run continues there.

use std::fs;
use std::io::Write as _;
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use testkit::collector::Fault;

use crate::stage::{Stage, record, said};

/// Requests of so few bytes that a file of 300 records needs a dozen.
const SMALL: &[&str] = &["--hec-max-bytes", "10000"];

fn ids(records: usize) -> Vec<String> {
    (0..records).map(|id| format!("{id:03}")).collect()
}

/// A file of this name with the records of these ids.
fn file(stage: &Stage, name: &str, ids: &[String]) -> String {
    let path = stage.path(name);
    let records: Vec<String> = ids.iter().map(|id| record(id)).collect();
    fs::write(&path, records.join("\n")).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The arguments that a stopped run asks to continue with.
fn rest(output: &Output) -> Vec<String> {
    let said = said(output);
    let (_, rest) = said
        .split_once("continue with the same options and: ")
        .unwrap_or_else(|| panic!("{said}"));
    let rest = rest.lines().next().unwrap();
    rest.split(' ').map(str::to_owned).collect()
}

/// Runs `sightline send` with these arguments and small requests.
fn send<S: AsRef<str>>(stage: &Stage, arguments: &[S]) -> Output {
    let arguments = arguments.iter().map(AsRef::as_ref);
    let all: Vec<&str> = std::iter::once("send")
        .chain(arguments)
        .chain(SMALL.iter().copied())
        .collect();
    stage.run(&all)
}

/// The counters of the summary: events, delivered, dead letters, not delivered.
fn counters(said: &str) -> [usize; 4] {
    let line = said
        .lines()
        .find(|line| line.starts_with("events "))
        .unwrap();
    let number = |name: &str| {
        let (_, rest) = line.split_once(name).unwrap();
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap()
    };
    ["events ", "= delivered ", "dead letters ", "not delivered "].map(number)
}

/// Waits until the collector has an event.
fn wait_for_event(stage: &Stage) {
    let end = Instant::now() + Duration::from_secs(60);
    while stage.ids().is_empty() {
        assert!(Instant::now() < end, "nothing arrives");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn signal(child: &Child, name: &str) {
    let status = std::process::Command::new("kill")
        .args([name, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
fn a_collector_that_stays_away_ends_the_run_and_the_next_one_continues() {
    let stage = Stage::new();
    let all = ids(600);
    let files = [
        file(&stage, "a.ndjson", &all[..300]),
        file(&stage, "b.ndjson", &all[300..]),
    ];
    let accepted = vec![Fault::Slow(Duration::ZERO); 5];
    stage.collector.faults().extend(accepted);
    stage
        .collector
        .faults()
        .extend(vec![Fault::BusyCode9; 1000]);
    let output = send(&stage, &[&files[0], &files[1], "--patience", "1"]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    let first = text.lines().next().unwrap();
    assert!(
        first.contains("HTTP 503, code 9"),
        "the cause first: {text}"
    );
    let [events, delivered, kept, left] = counters(&text);
    assert_eq!((events, kept), (delivered + left, 0), "{text}");
    assert!(
        events < 300,
        "it stops, and does not wait for each part of the rest: {text}"
    );
    assert_eq!(stage.ids().len(), delivered);

    let back = Stage::new();
    let again = send(&back, &rest(&output));
    assert!(again.status.success(), "{}", said(&again));
    let mut arrived = [stage.ids(), back.ids()].concat();
    arrived.sort();
    let repeated = arrived.len() - all.len();
    arrived.dedup();
    assert_eq!(arrived, all);
    assert_eq!(text.contains("this repeats"), repeated > 0, "{text}");
    if repeated > 0 {
        assert!(
            text.contains(&format!("this repeats {repeated} delivered events")),
            "{text}"
        );
    }
}

#[test]
fn with_a_place_for_them_events_are_kept_once_and_nothing_is_repeated() {
    let stage = Stage::new();
    let all = ids(300);
    let input = file(&stage, "a.ndjson", &all);
    stage
        .collector
        .faults()
        .extend(vec![Fault::BusyCode9; 1000]);
    let kept = stage.path("kept");
    let kept = kept.to_str().unwrap();
    let output = send(&stage, &[&input, "--patience", "1", "--dead-letters", kept]);
    let text = said(&output);
    let [events, _, dead, left] = counters(&text);
    assert_eq!((events, left), (dead, 0), "{text}");
    assert!(
        dead < 300 && text.contains(&format!("sightline replay {kept}")),
        "{text}"
    );

    let back = Stage::new();
    assert!(send(&back, &rest(&output)).status.success());
    assert!(back.run(&["replay", kept]).status.success());
    assert_eq!(back.ids(), all);
    assert!(stage.kept().is_empty());
}

#[test]
fn a_signal_ends_a_run_that_sends_and_the_next_one_repeats_nothing() {
    for (name, code) in [("-INT", 130), ("-TERM", 143)] {
        let stage = Stage::new();
        let all = ids(600);
        let input = file(&stage, "a.ndjson", &all);
        let slow = Fault::Slow(Duration::from_millis(300));
        stage.collector.faults().extend(vec![slow; 8]);
        let mut command = stage.command(&["send", &input]);
        let child = command.args(SMALL).stderr(Stdio::piped()).spawn().unwrap();
        wait_for_event(&stage);
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        let text = said(&output);
        assert_eq!(output.status.code(), Some(code), "{text}");
        assert!(text.starts_with("sightline: stopped by"), "{text}");
        let [events, delivered, _, left] = counters(&text);
        assert_eq!(events, delivered + left, "{text}");
        assert_eq!(
            stage.ids().len(),
            delivered,
            "what was under way is counted: {text}"
        );
        assert!(delivered < 600, "{text}");

        let again = send(&stage, &rest(&output));
        assert!(again.status.success(), "{}", said(&again));
        assert_eq!(stage.ids(), all, "each event once");
    }
}

#[test]
fn a_signal_ends_the_wait_for_input() {
    let stage = Stage::new();
    let all = ids(300);
    let mut command = stage.command(&["send", "-"]);
    command.args(SMALL);
    let mut child = command
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Open until the end: after these records nothing comes, and the input does not end either.
    let mut stdin = child.stdin.take().unwrap();
    let records: Vec<String> = all.iter().map(|id| record(id)).collect();
    stdin.write_all(records.join("\n").as_bytes()).unwrap();
    wait_for_event(&stage);
    signal(&child, "-INT");
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(130), "{text}");
    let [events, delivered, _, left] = counters(&text);
    assert_eq!(events, delivered + left, "{text}");
    let continued = [
        "--skip-records".to_owned(),
        delivered.to_string(),
        "-".to_owned(),
    ];
    assert_eq!(rest(&output), continued, "{text}");
}

#[test]
fn a_signal_ends_a_replay_and_the_next_one_repeats_nothing() {
    let stage = Stage::new();
    let all = ids(600);
    for (name, ids) in [("kept/a", &all[..400]), ("kept/b", &all[400..])] {
        let lines = ids
            .iter()
            .map(|id| json!({"event":{"eventID":id,"pad":"p".repeat(100)}}));
        let lines: Vec<String> = lines.map(|line| line.to_string()).collect();
        fs::write(stage.path(name), lines.join("\n")).unwrap();
    }
    let slow = Fault::Slow(Duration::from_millis(300));
    stage.collector.faults().extend(vec![slow; 8]);
    let kept = stage.path("kept");
    let kept = kept.to_str().unwrap();
    let mut command = stage.command(&["replay", kept]);
    let child = command.args(SMALL).stderr(Stdio::piped()).spawn().unwrap();
    wait_for_event(&stage);
    signal(&child, "-INT");
    let output = child.wait_with_output().unwrap();
    let text = said(&output);
    assert_eq!(output.status.code(), Some(130), "{text}");
    let [events, delivered, _, left] = counters(&text);
    assert_eq!(events, delivered + left, "{text}");
    assert!(delivered < 600, "{text}");

    let again = stage.run(&["replay", kept]);
    assert!(again.status.success(), "{}", said(&again));
    assert_eq!(stage.ids(), all, "each event once");
    assert!(
        stage.kept().is_empty(),
        "no file is left, and no note about one"
    );
}

#[test]
fn records_that_are_not_there_cannot_be_skipped() {
    let stage = Stage::new();
    let input = file(&stage, "a.ndjson", &ids(3));
    let output = send(&stage, &["--skip-records", "5", &input]);
    assert!(!output.status.success());
    assert!(
        said(&output).contains("2 fewer records than --skip-records skips"),
        "{}",
        said(&output)
    );
}

#[test]
fn a_signal_ends_the_wait_for_a_collector_that_is_away() {
    let stage = Stage::new();
    let input = file(&stage, "a.ndjson", &ids(30));
    // For as long as the retry budget lasts, which the test does not wait for.
    stage
        .collector
        .faults()
        .extend(vec![Fault::BusyCode9; 100_000]);
    let mut command = stage.command(&["send", &input, "--patience", "36000"]);
    let child = command.stderr(Stdio::piped()).spawn().unwrap();
    let end = Instant::now() + Duration::from_secs(60);
    while stage.collector.stats().requests == 0 {
        assert!(Instant::now() < end, "nothing arrives");
        std::thread::sleep(Duration::from_millis(5));
    }
    signal(&child, "-INT");
    let output = child.wait_with_output().unwrap();
    let text = said(&output);
    assert_eq!(output.status.code(), Some(130), "{text}");
    assert_eq!(counters(&text), [30, 0, 0, 30], "{text}");
    assert_eq!(rest(&output), [input], "{text}");
}
