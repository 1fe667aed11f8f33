//! Runs that stop early: their output, and how the next run continues.

use std::fs;
use std::io::Write as _;
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use testkit::collector::Fault;

use crate::fixture::{Fixture, record, stderr};

/// Small requests, so that a file of 300 records needs about twelve.
const SMALL: &[&str] = &["--hec-max-bytes", "10000"];

fn ids(records: usize) -> Vec<String> {
    (0..records).map(|id| format!("{id:03}")).collect()
}

/// Writes a file with records of these ids.
fn file(fixture: &Fixture, name: &str, ids: &[String]) -> String {
    let path = fixture.path(name);
    let records: Vec<String> = ids.iter().map(|id| record(id)).collect();
    fs::write(&path, records.join("\n")).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The arguments that a stopped run prints to continue it.
fn continuation(output: &Output) -> Vec<String> {
    let stderr = stderr(output);
    let (_, rest) = stderr
        .split_once("continue with the same options and: ")
        .unwrap_or_else(|| panic!("{stderr}"));
    let rest = rest.lines().next().unwrap();
    rest.split(' ').map(str::to_owned).collect()
}

/// Runs `sightline send` with these arguments and small requests.
fn send<S: AsRef<str>>(fixture: &Fixture, arguments: &[S]) -> Output {
    let arguments = arguments.iter().map(AsRef::as_ref);
    let all: Vec<&str> = std::iter::once("send")
        .chain(arguments)
        .chain(SMALL.iter().copied())
        .collect();
    fixture.run(&all)
}

/// The counters of the summary: events, delivered, dead letters, not delivered.
fn counters(stderr: &str) -> [usize; 4] {
    let line = stderr
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

/// Waits until the collector has received an event.
fn wait_for_event(fixture: &Fixture) {
    let end = Instant::now() + Duration::from_secs(60);
    while fixture.ids().is_empty() {
        assert!(Instant::now() < end, "no event arrived");
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
fn an_unavailable_collector_stops_the_run_and_the_next_run_continues() {
    let fixture = Fixture::new();
    let all = ids(600);
    let files = [
        file(&fixture, "a.ndjson", &all[..300]),
        file(&fixture, "b.ndjson", &all[300..]),
    ];
    let accepted = vec![Fault::Slow(Duration::ZERO); 5];
    fixture.collector.faults().extend(accepted);
    fixture
        .collector
        .faults()
        .extend(vec![Fault::BusyCode9; 1000]);
    let output = send(&fixture, &[&files[0], &files[1], "--patience", "1"]);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    let first = text.lines().next().unwrap();
    assert!(
        first.contains("HTTP 503, code 9"),
        "the cause is first: {text}"
    );
    let [events, delivered, kept, undelivered] = counters(&text);
    assert_eq!((events, kept), (delivered + undelivered, 0), "{text}");
    assert!(
        events < 300,
        "the run stops, and does not retry each remaining part: {text}"
    );
    assert_eq!(fixture.ids().len(), delivered);

    let back = Fixture::new();
    let again = send(&back, &continuation(&output));
    assert!(again.status.success(), "{}", stderr(&again));
    let mut arrived = [fixture.ids(), back.ids()].concat();
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
fn with_a_dead_letter_folder_nothing_is_repeated() {
    let fixture = Fixture::new();
    let all = ids(300);
    let input = file(&fixture, "a.ndjson", &all);
    fixture
        .collector
        .faults()
        .extend(vec![Fault::BusyCode9; 1000]);
    let kept = fixture.path("kept");
    let kept = kept.to_str().unwrap();
    let output = send(
        &fixture,
        &[&input, "--patience", "1", "--dead-letters", kept],
    );
    let text = stderr(&output);
    let [events, _, dead, undelivered] = counters(&text);
    assert_eq!((events, undelivered), (dead, 0), "{text}");
    assert!(
        dead < 300 && text.contains(&format!("sightline replay {kept}")),
        "{text}"
    );

    let back = Fixture::new();
    assert!(send(&back, &continuation(&output)).status.success());
    assert!(back.run(&["replay", kept]).status.success());
    assert_eq!(back.ids(), all);
    assert!(fixture.kept().is_empty());
}

#[test]
fn a_signal_stops_send_and_the_next_run_repeats_nothing() {
    for (name, code) in [("-INT", 130), ("-TERM", 143)] {
        let fixture = Fixture::new();
        let all = ids(600);
        let input = file(&fixture, "a.ndjson", &all);
        let slow = Fault::Slow(Duration::from_millis(300));
        fixture.collector.faults().extend(vec![slow; 8]);
        let mut command = fixture.command(&["send", &input]);
        let child = command.args(SMALL).stderr(Stdio::piped()).spawn().unwrap();
        wait_for_event(&fixture);
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{text}");
        assert!(text.starts_with("sightline: stopped by"), "{text}");
        let [events, delivered, _, undelivered] = counters(&text);
        assert_eq!(events, delivered + undelivered, "{text}");
        assert_eq!(
            fixture.ids().len(),
            delivered,
            "requests in flight are counted: {text}"
        );
        assert!(delivered < 600, "{text}");

        let again = send(&fixture, &continuation(&output));
        assert!(again.status.success(), "{}", stderr(&again));
        assert_eq!(fixture.ids(), all, "each event once");
    }
}

#[test]
fn a_signal_ends_the_wait_for_input() {
    let fixture = Fixture::new();
    let all = ids(300);
    let mut command = fixture.command(&["send", "-"]);
    command.args(SMALL);
    let mut child = command
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It stays open: no input follows these records, and the input does not end either.
    let mut stdin = child.stdin.take().unwrap();
    let records: Vec<String> = all.iter().map(|id| record(id)).collect();
    stdin.write_all(records.join("\n").as_bytes()).unwrap();
    wait_for_event(&fixture);
    signal(&child, "-INT");
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(130), "{text}");
    let [events, delivered, _, undelivered] = counters(&text);
    assert_eq!(events, delivered + undelivered, "{text}");
    let continued = [
        "--skip-records".to_owned(),
        delivered.to_string(),
        "-".to_owned(),
    ];
    assert_eq!(continuation(&output), continued, "{text}");
}

#[test]
fn a_signal_stops_replay_and_the_next_run_repeats_nothing() {
    let fixture = Fixture::new();
    let all = ids(600);
    for (name, ids) in [("kept/a", &all[..400]), ("kept/b", &all[400..])] {
        let lines = ids
            .iter()
            .map(|id| json!({"event":{"eventID":id,"pad":"p".repeat(100)}}));
        let lines: Vec<String> = lines.map(|line| line.to_string()).collect();
        fs::write(fixture.path(name), lines.join("\n")).unwrap();
    }
    let slow = Fault::Slow(Duration::from_millis(300));
    fixture.collector.faults().extend(vec![slow; 8]);
    let kept = fixture.path("kept");
    let kept = kept.to_str().unwrap();
    let mut command = fixture.command(&["replay", kept]);
    let child = command.args(SMALL).stderr(Stdio::piped()).spawn().unwrap();
    wait_for_event(&fixture);
    signal(&child, "-INT");
    let output = child.wait_with_output().unwrap();
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(130), "{text}");
    let [events, delivered, _, undelivered] = counters(&text);
    assert_eq!(events, delivered + undelivered, "{text}");
    assert!(delivered < 600, "{text}");

    let again = fixture.run(&["replay", kept]);
    assert!(again.status.success(), "{}", stderr(&again));
    assert_eq!(fixture.ids(), all, "each event once");
    assert!(
        fixture.kept().is_empty(),
        "no stored file and no progress file"
    );
}

#[test]
fn skipping_more_records_than_exist_fails() {
    let fixture = Fixture::new();
    let input = file(&fixture, "a.ndjson", &ids(3));
    let output = send(&fixture, &["--skip-records", "5", &input]);
    assert!(!output.status.success());
    assert!(
        stderr(&output).contains("2 fewer records than --skip-records skips"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_signal_ends_the_retries() {
    let fixture = Fixture::new();
    let input = file(&fixture, "a.ndjson", &ids(30));
    // Busy for longer than the test runs.
    fixture
        .collector
        .faults()
        .extend(vec![Fault::BusyCode9; 100_000]);
    let mut command = fixture.command(&["send", &input, "--patience", "36000"]);
    let child = command.stderr(Stdio::piped()).spawn().unwrap();
    let end = Instant::now() + Duration::from_secs(60);
    while fixture.collector.stats().requests == 0 {
        assert!(Instant::now() < end, "no event arrived");
        std::thread::sleep(Duration::from_millis(5));
    }
    signal(&child, "-INT");
    let output = child.wait_with_output().unwrap();
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(130), "{text}");
    assert_eq!(counters(&text), [30, 0, 0, 30], "{text}");
    assert_eq!(continuation(&output), [input], "{text}");
}
