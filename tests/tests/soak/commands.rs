//! `sightline send` and `sightline replay`.

use std::fs;

use scenarios::cloudtrail::record;
use scenarios::firehose::gzip;
use serde_json::{Value, json};

use crate::all;
use crate::run::{Run, Trouble, text};

const SIGHTLINE: &[&str] = &["sightline"];

/// Maximum number of runs until everything is delivered.
const MAX_RUNS: usize = 500;

/// Maximum number of events, of some 1,000 bytes each, in the four requests in flight.
const EVENTS_IN_FLIGHT: usize = 45;

#[test]
fn kills_of_send() {
    all("send, killed", Trouble::Kills, SIGHTLINE, send);
}

#[test]
fn restarts_under_send() {
    all(
        "send, collector restarts",
        Trouble::Restarts,
        SIGHTLINE,
        send,
    );
}

#[test]
fn kills_of_replay_of_files() {
    all(
        "replay of files, killed",
        Trouble::Kills,
        SIGHTLINE,
        replay_files,
    );
}

#[test]
fn restarts_under_replay_of_files() {
    let name = "replay of files, collector restarts";
    all(name, Trouble::Restarts, SIGHTLINE, replay_files);
}

#[test]
fn kills_of_replay_of_a_bucket() {
    let name = "replay of a bucket, killed";
    all(name, Trouble::Kills, SIGHTLINE, replay_bucket);
}

#[test]
fn kills_of_replay_of_a_queue() {
    let name = "replay of a queue, killed";
    all(name, Trouble::Kills, SIGHTLINE, replay_queue);
}

/// Seconds: few if lost requests must be repeated soon; more than a busy machine needs if every
/// request is accepted.
fn retry_budget(run: &Run) -> &'static str {
    match run.trouble {
        Trouble::Kills => "300",
        Trouble::Restarts => "1",
    }
}

fn ids(prefix: usize, count: usize) -> Vec<String> {
    (0..count)
        .map(|number| format!("{prefix}-{number:03}"))
        .collect()
}

/// Two log files of 150 events. A run that stops is continued as its output states, one that is killed
/// from the beginning.
fn send(run: &mut Run) {
    let mut files = Vec::new();
    for number in 0..2 {
        let ids = ids(number, 150);
        let records: Vec<String> = ids.iter().map(|id| record(id, 900)).collect();
        let file = format!("trail-{number}.json.gz");
        let content = format!("{{\"Records\":[{}]}}", records.join(","));
        fs::write(run.path(&file), gzip(content.as_bytes())).expect("a file");
        run.account.expect(&ids);
        files.push(file);
    }
    run.steps_of_run = 300;
    let mut rest = files;
    for _ in 0..MAX_RUNS {
        let mut arguments = vec!["send", "--patience", retry_budget(run)];
        arguments.extend(rest.iter().map(String::as_str));
        let (status, said) = run.sightline(&arguments);
        match status.code() {
            Some(0) => return,
            None => run.account.allow(1, |_| true),
            Some(_) => {
                assert!(run.trouble == Trouble::Restarts, "{said}");
                rest = continuation(&said);
            }
        }
    }
    panic!("not everything is sent after {MAX_RUNS} runs");
}

/// The arguments with which a stopped run is continued, according to its output.
fn continuation(said: &str) -> Vec<String> {
    let (_, rest) = said
        .split_once("continue with the same options and: ")
        .unwrap_or_else(|| panic!("{said}"));
    let rest = rest.lines().next().unwrap_or_default();
    rest.split(' ').map(str::to_owned).collect()
}

/// HEC objects with the events of these ids, one per line.
fn dead_letter(ids: &[String]) -> Vec<u8> {
    let line = |id: &String| {
        let event = json!({ "eventID": id, "padding": "p".repeat(900) });
        format!("{}\n", json!({ "time": 1, "event": event }))
    };
    gzip(ids.iter().map(line).collect::<String>().as_bytes())
}

fn replay_files(run: &mut Run) {
    let folder = run.path("kept");
    fs::create_dir(&folder).expect("a folder");
    for number in 0..3 {
        let ids = ids(number, 100);
        let file = folder.join(format!("{number}.json.gz"));
        fs::write(file, dead_letter(&ids)).expect("a file");
        run.account.expect(&ids);
    }
    run.steps_of_run = 300;
    // No kill allows a duplicate here.
    run.account.allow_in_all(0);
    let budget = retry_budget(run);
    repeat(
        run,
        &["replay", text(&folder), "--patience", budget],
        |run| {
            run.account.allow(1, |_| true);
            run.account.allow_in_all(EVENTS_IN_FLIGHT);
        },
    );
    let left: Vec<_> = fs::read_dir(&folder).expect("a folder").collect();
    assert!(left.is_empty(), "{left:?}");
}

fn replay_bucket(run: &mut Run) {
    for number in 0..3 {
        let ids = ids(number, 100);
        let key = format!("dead-letters/{number}.json.gz");
        run.cloud.put_object("kept", &key, dead_letter(&ids));
        run.account.expect(&ids);
    }
    run.steps_of_run = 320;
    run.account.allow_in_all(0);
    repeat(run, &["replay", "s3://kept/dead-letters/"], |run| {
        run.account.allow(1, |_| true);
        run.account.allow_in_all(100);
    });
    assert!(run.cloud.keys("kept").is_empty());
}

fn replay_queue(run: &mut Run) {
    for number in 0..12 {
        let ids = ids(number, 20);
        let key = format!("AWSLogs/111122223333/CloudTrail/us-east-1/{number:02}.json.gz");
        let records: Vec<String> = ids.iter().map(|id| record(id, 900)).collect();
        let file = format!("{{\"Records\":[{}]}}", records.join(","));
        run.cloud.put_object("logs", &key, gzip(file.as_bytes()));
        let notification: Value = json!({ "Records": [{
            "eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
            "s3": { "bucket": { "name": "logs" }, "object": { "key": key } },
        }]});
        run.cloud.send("dead", &notification.to_string());
        run.account.expect(&ids);
    }
    run.steps_of_run = 300;
    run.account.allow_in_all(0);
    let url = run.cloud.queue_url("dead");
    repeat(run, &["replay", &url], |run| {
        run.account.allow(1, |_| true);
        run.account.allow_in_all(20);
        // Ends the visibility timeouts of messages that the killed run had received.
        let _messages = run.cloud.make_visible("dead");
    });
    assert_eq!(run.cloud.make_visible("dead"), 0);
}

/// Runs the program until it has delivered everything; `killed` is called after each kill.
fn repeat(run: &mut Run, arguments: &[&str], killed: impl Fn(&mut Run)) {
    for _ in 0..MAX_RUNS {
        let (status, said) = run.sightline(arguments);
        match status.code() {
            Some(0) => return,
            None => killed(run),
            Some(_) => assert!(run.trouble == Trouble::Restarts, "{said}"),
        }
    }
    panic!("not everything is delivered after {MAX_RUNS} runs");
}
