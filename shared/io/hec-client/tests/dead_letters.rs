//! Permanently rejected events: stored as dead letters, or undelivered if they cannot be stored.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use hec::EventBatch;
use hec_client::{
    DeadLetterFolder, DeadLetterStore, DeliveryClient, DeliveryError, DeliveryReport,
};
use testkit::collector::{CollectorOptions, Fault};

use common::{objects, of, pair};

const BLANK: &str = r#"{"event":"","n":1.10}"#;
const BLANK_TOO: &str = r#"{"event":"","source":"s3://b/k"}"#;
const NESTED: &str = r#"{"event":1,"fields":{"a":{"b":"\u00e9"}}}"#;

/// Three bad objects of two kinds among good ones.
fn mixed() -> EventBatch {
    of([
        r#"{"event":"a"}"#,
        BLANK,
        NESTED,
        r#"{"event":"b"}"#,
        BLANK_TOO,
    ])
}

/// Delivers to a collector, and returns the outcome of the objects and those that the collector has.
async fn deliver(
    store: Option<Box<dyn DeadLetterStore>>,
    objects: &EventBatch,
    change: impl FnOnce(&mut CollectorOptions),
) -> (DeliveryReport, usize) {
    let (collector, client) = pair(change, &[]).await;
    let client = DeliveryClient::new(client, store, "a-forwarder");
    let until = Instant::now() + Duration::from_secs(30);
    let report = client.deliver(objects, "s3://trail/key", until).await;
    assert_eq!(
        report.accepted + report.rejected.len() + report.undelivered_count(),
        objects.len()
    );
    assert_eq!(report.error.is_some(), report.undelivered_count() > 0);
    (report, collector.events().len())
}

fn undelivered(report: &DeliveryReport) -> Vec<usize> {
    report.undelivered.iter().cloned().flatten().collect()
}

fn folder_store(path: &Path) -> Option<Box<dyn DeadLetterStore>> {
    Some(Box::new(DeadLetterFolder::new(path)))
}

/// All files below `folder`, relative to it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

fn inflated(path: &Path) -> String {
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(path).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    text
}

#[tokio::test]
async fn refused_objects_are_kept_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder_store(folder.path());
    let (report, events) = deliver(store, &mixed(), |_| ()).await;
    assert_eq!((report.accepted, events), (2, 2));
    assert_eq!((report.rejected.len(), report.undelivered_count()), (3, 0));
    assert_eq!(report.error, None);

    // One for each reason, in the order of the objects.
    let files = files(folder.path());
    let contents: Vec<String> = files
        .iter()
        .map(|file| inflated(&folder.path().join(file)))
        .collect();
    assert_eq!(
        contents,
        [format!("{BLANK}\n{BLANK_TOO}\n"), format!("{NESTED}\n")]
    );
    for (file, reason) in files.iter().zip(["hec-13", "hec-15"]) {
        check_key(file.to_str().unwrap(), reason);
    }
}

/// `dead-letters/<function>/<year>/<month>/<day>/<hour>/<reason>-<uuid>.json.gz`
fn check_key(key: &str, reason: &str) {
    let parts: Vec<&str> = key.split('/').collect();
    let [root, function, year, month, day, hour, name] = parts[..] else {
        panic!("{key}");
    };
    assert_eq!((root, function), ("dead-letters", "a-forwarder"));
    for (number, digits) in [(year, 4), (month, 2), (day, 2), (hour, 2)] {
        assert_eq!(number.len(), digits, "{key}");
        assert!(number.bytes().all(|byte| byte.is_ascii_digit()), "{key}");
    }
    let uuid = name.strip_prefix(reason).and_then(|n| n.strip_prefix('-'));
    let uuid = uuid.and_then(|n| n.strip_suffix(".json.gz")).unwrap();
    let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
    assert_eq!(lengths, [8, 4, 4, 4, 12], "{key}");
    assert_eq!(uuid.as_bytes()[14], b'4', "{key}");
}

#[tokio::test]
async fn two_rounds_are_two_dead_letters() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let store = folder_store(folder.path());
        let (report, _) = deliver(store, &of([BLANK]), |_| ()).await;
        assert_eq!(report.rejected.len(), 1);
    }
    assert_eq!(files(folder.path()).len(), 2);
}

#[tokio::test]
async fn dead_letters_can_be_sent_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder_store(folder.path());
    let firewall = |options: &mut CollectorOptions| options.firewall = Some("<script>".to_owned());
    let bad = r#"{"event":"<script>"}"#;
    let lines = [r#"{"event":"a"}"#, bad, r#"{"event":"b"}"#];
    let (report, _) = deliver(store, &of(lines), firewall).await;
    assert_eq!((report.accepted, report.rejected.len()), (2, 1));

    let kept = inflated(&folder.path().join(&files(folder.path())[0]));
    let again = EventBatch::from_lines(kept.into_bytes());
    let (report, events) = deliver(None, &again, |_| ()).await;
    assert_eq!((report.accepted, events), (1, 1));
}

#[tokio::test]
async fn without_a_place_refused_objects_are_left() {
    let (report, events) = deliver(None, &mixed(), |_| ()).await;
    assert_eq!((report.accepted, events), (2, 2));
    assert_eq!(report.rejected.len(), 0);
    assert_eq!(undelivered(&report), [1, 2, 4]);
    assert!(report.is_undelivered(4) && !report.is_undelivered(3));
    assert!(report.reason().contains("set DLQ_BUCKET"));
}

#[tokio::test]
async fn where_a_folder_cannot_be_written_refused_objects_are_left() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a-file");
    std::fs::write(&file, "in the way").unwrap();
    let (report, _) = deliver(folder_store(&file), &mixed(), |_| ()).await;
    assert_eq!(undelivered(&report), [1, 2, 4]);
    let reason = report.reason();
    let start = format!("cannot keep dead letters in {}: ", file.display());
    assert!(
        reason.len() > start.len() && reason.starts_with(&start),
        "{reason}"
    );
}

#[tokio::test]
async fn what_is_left_and_what_is_refused_stay_apart() {
    let outage = Fault::Status {
        status: 503,
        retry_after: Some(3600),
    };
    for has_place in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let store = match has_place {
            true => folder_store(folder.path()),
            false => None,
        };
        let faults = [Fault::InvalidAt(1), outage.clone()];
        let change = |options: &mut CollectorOptions| options.faults.extend(faults);
        let (report, events) = deliver(store, &objects(5), change).await;
        assert_eq!((report.accepted, events), (1, 1));
        assert_eq!(report.rejected.len(), usize::from(has_place));
        let expected: &[usize] = if has_place { &[2, 3, 4] } else { &[1, 2, 3, 4] };
        assert_eq!(undelivered(&report), expected);
        assert_eq!(files(folder.path()).len(), usize::from(has_place));
        let reason = report.reason();
        assert!(reason.contains("HTTP 503"), "{reason}");
    }
}

#[tokio::test]
async fn what_is_left_can_be_kept_too() {
    let folder = tempfile::tempdir().unwrap();
    let faults = [Fault::BusyAt(2), Fault::WrongIndex];
    let change = |options: &mut CollectorOptions| options.faults.extend(faults);
    let (_collector, client) = pair(change, &[]).await;
    let store = folder_store(folder.path());
    let client = DeliveryClient::new(client, store, "a-forwarder");
    let until = Instant::now() + Duration::from_secs(30);
    let objects = objects(5);
    let report = client.deliver(&objects, "a message", until).await;
    assert_eq!(undelivered(&report), [2, 3, 4]);

    let location = client
        .store_undelivered(
            &objects,
            &report,
            "a message",
            Instant::now() + Duration::from_secs(5),
        )
        .await;
    let file = PathBuf::from(location.unwrap());
    let lines = String::from_utf8(objects.lines(2..5).to_vec()).unwrap();
    assert_eq!(inflated(&file), lines);
    let key = file.strip_prefix(folder.path()).unwrap();
    check_key(key.to_str().unwrap(), "undelivered");
}

#[tokio::test]
async fn a_wrong_setting_creates_no_dead_letter() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder_store(folder.path());
    let change = |options: &mut CollectorOptions| options.faults.push(Fault::WrongIndex);
    let (report, events) = deliver(store, &objects(5), change).await;
    assert_eq!((report.undelivered_count(), events), (5, 0));
    let error = report.error.unwrap();
    assert!(error.is_configuration() && error != DeliveryError::BadRequestWithoutCode);
    assert!(files(folder.path()).is_empty());
}

#[tokio::test]
async fn a_bad_request_without_code_is_reported_as_such() {
    let change = |options: &mut CollectorOptions| options.firewall = Some("event".to_owned());
    let (report, _) = deliver(None, &objects(1), change).await;
    assert_eq!((report.undelivered_count(), report.rejected.len()), (1, 0));
    assert_eq!(report.error, Some(DeliveryError::BadRequestWithoutCode));
}
