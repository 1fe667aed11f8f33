//! `sightline transform`.

use std::io::{Read, Write};
use std::process::Stdio;

use crate::{RECORD, gzip, run, run_with_input, sightline, text};

#[test]
fn transform_reads_every_input_format_from_files_and_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let log_file = format!(r#"{{"Records":[{RECORD},{RECORD}]}}"#);
    let files = [
        file("a.ndjson", format!("{RECORD}\n{RECORD}\n").as_bytes()),
        file("b.json", log_file.as_bytes()),
        file(
            "c.json.gz",
            &[gzip(log_file.as_bytes()), gzip(b"\n")].concat(),
        ),
    ];
    let output = run(&["transform", &files[0], &files[1], &files[2]]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(
        text(&output.stdout)
            .matches(&format!("\"event\":{RECORD}"))
            .count(),
        6
    );
    assert!(
        text(&output.stderr).contains("events in 6, out 6 (blinding 0), dropped 0"),
        "{}",
        text(&output.stderr)
    );
    let piped = run_with_input(&["transform"], &gzip(log_file.as_bytes()));
    assert_eq!(text(&piped.stdout).lines().count(), 2);
}

#[test]
fn an_unparsable_line_costs_no_other_and_changes_the_exit_code() {
    let input = format!("{RECORD}\n{{\"secret\":\n{RECORD}\nnonsense\n{RECORD}\n");
    let output = run_with_input(&["transform", "-"], input.as_bytes());
    assert_eq!(text(&output.stdout).lines().count(), 3);
    assert!(!output.status.success());
    let errors = text(&output.stderr);
    assert!(
        errors.contains("unparsable values 2") && !errors.contains("secret"),
        "{errors}"
    );
}

#[test]
fn a_truncated_file_yields_its_readable_records_and_fails() {
    let records: Vec<String> = (0..5000)
        .map(|n| RECORD.replace("1.10", &n.to_string()))
        .collect();
    let whole = gzip(format!("{{\"Records\":[{}]}}", records.join(",")).as_bytes());
    let output = run_with_input(&["transform"], &whole[..whole.len() / 2]);
    assert!(!output.status.success());
    assert!(text(&output.stdout).lines().count() > 1000);
}

#[test]
fn hmac_masking_requires_a_key_file() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key.json");
    std::fs::write(
        &key,
        r#"{"key_id":"k1","key":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}"#,
    )
    .unwrap();
    let masked = ["transform", "--mask-mode", "hmac", "--mask-scope", "keys"];
    let without = run_with_input(
        &[&masked[..], &["--mask-key-secret", "name"]].concat(),
        RECORD.as_bytes(),
    );
    assert!(!without.status.success() && without.stdout.is_empty());
    let with = run_with_input(
        &[&masked[..], &["--mask-key-file", key.to_str().unwrap()]].concat(),
        RECORD.as_bytes(),
    );
    assert!(
        text(&with.stdout).contains("\"userName\":\"pii-k1-"),
        "{}",
        text(&with.stderr)
    );
}

#[test]
fn firehose_events_are_answered() {
    let data = base64_simd::STANDARD.encode_to_string(gzip(RECORD.as_bytes()));
    let event = format!(
        r#"{{"records":[{{"recordId":"1","data":"{data}"}},{{"recordId":"2","data":"?"}}]}}"#
    );
    let output = run_with_input(&["transform", "--firehose"], event.as_bytes());
    let response: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(response["records"][0]["result"], "Ok");
    assert_eq!(response["records"][1]["result"], "ProcessingFailed");
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    let mut command = sightline(&["transform"]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let feeder = std::thread::spawn(move || {
        let lines = format!("{RECORD}\n").repeat(10_000);
        while stdin.write_all(lines.as_bytes()).is_ok() {}
    });
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 100]).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{}",
        text(&output.stderr)
    );
}

/// The peak memory of `transform` for a log file with this many records, in KiB.
#[cfg(target_os = "linux")]
fn peak_memory(records: usize) -> u64 {
    let mut command = sightline(&["transform"]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"{\"Records\":[").unwrap();
    let chunk = format!("{RECORD},").repeat(1000);
    for _ in 0..records / 1000 {
        stdin.write_all(chunk.as_bytes()).unwrap();
    }
    stdin.flush().unwrap();
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    drop(stdin);
    child.wait().unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn memory_does_not_grow_with_the_file() {
    let (small, large) = (peak_memory(10_000), peak_memory(600_000));
    assert!(
        large < small + 4096,
        "{small} KiB for 1 MB, {large} KiB for 53 MB"
    );
}
