//! `sightline` as users run it.

#![allow(clippy::unwrap_used, reason = "a missing value fails the test")]

mod transform;

use std::io::Write;
use std::process::{Command, Output, Stdio};

/// The program with an empty environment.
fn sightline(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sightline"));
    command.env_clear().args(arguments).stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    sightline(arguments).output().unwrap()
}

fn run_with_input(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = sightline(arguments);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let feeder = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    let _ = feeder.join().unwrap();
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn workspace(path: &str) -> String {
    format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"))
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

const RECORD: &str =
    r#"{"eventVersion":"1.08","eventTime":"2023-10-27T14:33:20Z","userName":"asha","n":1.10}"#;

#[test]
fn the_demo_delivers_every_event_once_and_masks_it() {
    let output = run(&["demo", "--events", "1234"]);
    let shown = text(&output.stdout);
    assert!(output.status.success(), "{shown}{}", text(&output.stderr));
    assert!(
        shown.contains("All 1234 events arrived exactly once."),
        "{shown}"
    );
    assert!(shown.contains("pii-demo-"), "{shown}");
}

#[test]
fn the_demo_reads_files_and_counts_filtered_events() {
    let trail = workspace("fixtures/demo/trail.ndjson");
    let records = std::fs::read_to_string(&trail).unwrap();
    let name = records
        .split("\"eventName\":\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let output = run(&["demo", "--input", &trail, "--event-names", name]);
    let shown = text(&output.stdout);
    assert!(output.status.success(), "{shown}{}", text(&output.stderr));
    assert!(
        shown.contains("arrived exactly once; filters dropped"),
        "{shown}"
    );
}

#[test]
fn the_demo_fails_if_the_collector_is_unreachable() {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "http://{}/services/collector/event",
        socket.local_addr().unwrap()
    );
    drop(socket);
    let output = run(&["demo", "--events", "5", "--hec-url", &url, "--token", "t"]);
    assert!(!output.status.success());
    assert!(
        text(&output.stdout).contains("NOT every event arrived"),
        "{}",
        text(&output.stdout)
    );
}

#[test]
fn check_prints_resolved_settings_or_every_error() {
    let good = run(&["check", "--hec-index", "main"]);
    assert!(good.status.success());
    assert!(
        text(&good.stdout).contains("HEC_INDEX"),
        "{}",
        text(&good.stdout)
    );
    let mut bad = sightline(&["check", "--mask-mode", "md5"]);
    let bad = bad
        .env("EVENT_NAMES", "Create*")
        .env("MASK_FIELD", "x")
        .output()
        .unwrap();
    let errors = text(&bad.stdout);
    assert!(!bad.status.success());
    for name in ["MASK_MODE", "EVENT_NAMES", "MASK_FIELD"] {
        assert!(errors.contains(name), "{errors}");
    }
}

#[test]
fn the_readme_is_short() {
    let readme = std::fs::read_to_string(workspace("README.md")).unwrap();
    assert!(readme.lines().count() < 200);
}

const KEYS: &str = r#"{"key_id":"k2","key":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "previous":[{"key_id":"k1","key":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="}]}"#;

#[test]
fn tokens_equal_masked_values_for_every_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.json");
    std::fs::write(&path, KEYS).unwrap();
    let key = ["--mask-key-file", path.to_str().unwrap()];
    let output = run(&[&["token", "alice", "::ffff:203.0.113.9"][..], &key].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let printed = text(&output.stdout);
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines.len(), 4);
    // python3: hmac.new(bytes([7]*32), b"user\0alice", "sha256").hexdigest()[:32], and of the host
    assert_eq!(
        lines[1],
        "alice\tuser\tpii-k1-74b4a4cca96bfb55cc8033e978adfb0b"
    );
    assert_eq!(
        lines[3],
        "::ffff:203.0.113.9\tip\tpii-k1-cb3966b5b2a83b879853511e0411a44c"
    );
    let record = r#"{"eventVersion":"1.08","eventTime":"2023-10-27T14:33:20Z","userIdentity":{"userName":"alice"}}"#;
    let masked = run_with_input(
        &[&["transform", "--mask-mode", "hmac"][..], &key].concat(),
        record.as_bytes(),
    );
    let token = lines[0].rsplit('\t').next().unwrap();
    assert!(token.starts_with("pii-k2-") && text(&masked.stdout).contains(token));
    let from_lines = run_with_input(&[&["token"][..], &key].concat(), b"alice\n");
    assert_eq!(
        text(&from_lines.stdout),
        format!("{}\n{}\n", lines[0], lines[1])
    );
    assert!(!run(&["token", "alice"]).status.success());
}

#[test]
fn rules_are_listed_and_checked_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let rule = "title: Mine\nid: 5f0c9d3e-7a51-4f6e-9a53-0f1d2c3b4a59\nlogsource:\n  product: aws\n  service: cloudtrail\ndetection:\n  selection:\n    eventName: CreateUser\n  condition: selection\ntags: [attack.t1136.003]\nlevel: low\n";
    let path = folder.path().join("mine.yml");
    std::fs::write(&path, rule).unwrap();
    let rules = ["--rules-dir", folder.path().to_str().unwrap()];
    let listed = text(&run(&[&["rules"][..], &rules].concat()).stdout);
    let mine = listed
        .lines()
        .find(|line| line.contains("5f0c9d3e"))
        .unwrap();
    assert!(
        mine.contains("low") && mine.contains("T1136.003") && mine.contains("Mine"),
        "{mine}"
    );
    assert!(
        listed.contains("CloudTrail trail stopped or deleted"),
        "{listed}"
    );
    assert!(run(&[&["check"][..], &rules].concat()).status.success());
    let record =
        br#"{"eventVersion":"1.08","eventTime":"2023-10-27T14:33:20Z","eventName":"CreateUser"}"#;
    let annotated = text(&run_with_input(&[&["transform"][..], &rules].concat(), record).stdout);
    assert!(
        annotated.contains(r#""rules":["5f0c9d3e-7a51-4f6e-9a53-0f1d2c3b4a59"]"#),
        "{annotated}"
    );

    std::fs::write(&path, rule.replace("eventName:", "eventName|like:")).unwrap();
    let own = folder.path().join("own.json");
    std::fs::write(&own, r#"{"buckets":[]}"#).unwrap();
    let bad = run(&[&["check"][..], &rules].concat());
    assert!(!bad.status.success());
    assert!(text(&bad.stdout).contains("mine.yml:8: Unknown modifier 'like'; use contains"));
    let bad = run(&["check", "--own-resources", &format!("@{}", own.display())]);
    assert!(!bad.status.success());
    assert!(text(&bad.stdout).contains("own.json has an unknown key \"buckets\"; use log_buckets"));
    for command in ["transform", "rules", "demo"] {
        assert!(
            !run(&[&[command][..], &rules].concat()).status.success(),
            "{command}"
        );
    }
}

#[test]
fn errors_name_the_value_and_what_is_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("key"), r#"{"key_id":"k1","key":"c2hvcnQ="}"#).unwrap();
    let (absent, key) = (path("absent"), path("key"));
    let cases: [(&[&str], i32, &str); 6] = [
        (
            &["send", "--patience", "x"],
            2,
            "'x' for '--patience <SECONDS>': use a whole number",
        ),
        (
            &["transform", &absent],
            1,
            "absent: cannot be opened: No such file",
        ),
        (
            &["transform", "--firehose", &absent],
            1,
            "absent: cannot be opened: No such file",
        ),
        (
            &["transform", "--mask-mode", "md5"],
            1,
            "MASK_MODE: 'md5' is not valid; use off, sha256 or hmac",
        ),
        (
            &["token", "asha", "--mask-key-file", &key],
            1,
            "key is not a mask key: ",
        ),
        (
            &["demo", "--hec-url", "http://127.0.0.1:9"],
            1,
            "--hec-url requires --token-file FILE or --token TOKEN",
        ),
    ];
    for (arguments, code, expected) in cases {
        let output = run(arguments);
        let errors = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {errors}");
        assert!(errors.contains(expected), "{arguments:?}: {errors}");
    }
}
