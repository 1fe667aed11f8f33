//! Objects without CloudTrail events, and log files that begin like them.

use runtime::object::ObjectOutcome;
use triggers::ObjectTask;

use crate::fixture::{Fixture, LONG, Parts, file, gzip, record};

#[tokio::test]
async fn digests_and_other_objects_are_skipped() {
    let digest = br#"{"awsAccountId":"111122223333","digestStartTime":"x","logFiles":[]}"#;
    let config = br#"{"fileVersion":"1.0","configurationItems":[]}"#;
    for (key, content) in [
        (
            "AWSLogs/1/CloudTrail-Digest/eu-west-1/x.json.gz",
            &digest[..],
        ),
        ("AWSLogs/1/CloudTrail/eu-west-1/x.json.gz", digest),
        ("AWSLogs/1/Config/eu-west-1/x.json.gz", config),
        (
            "elb/log.txt",
            b"http 2018-07-02T22:23:00.186641Z app/x 192.168.131.39:2817",
        ),
        ("picture.png", b"\x89PNG\r\n"),
        (
            "dead-letters/s3-forwarder/2026/01/01/00/hec-6-x.json.gz",
            br#"{"event":1}"#,
        ),
    ] {
        let mut fixture = Fixture::new(&[]).await;
        let task = ObjectTask::new("logs", key.into(), None);
        assert_eq!(
            fixture.forward(&task, Parts::of(content, 50), LONG).await,
            ObjectOutcome::NotCloudTrail,
            "{key}"
        );
        assert!(fixture.collector.events().is_empty() && fixture.reconciles());
    }
    let mut fixture = Fixture::new(&[]).await;
    let empty = ObjectTask::new("logs", "AWSLogs/1/CloudTrail/x.json".into(), None);
    assert_eq!(
        fixture
            .forward(&empty, Parts::of(b"{\"Records\":[]}", 50), LONG)
            .await,
        ObjectOutcome::Done
    );
    assert!(fixture.collector.events().is_empty());
}

#[tokio::test]
async fn unparsed_values_at_the_beginning_do_not_skip_an_object() {
    let good: Vec<String> = (0..5).map(record).collect();
    let lines = good.join("\n");
    let file = String::from_utf8(file(&good)).unwrap();
    for (key, content) in [
        (
            "archive/x.ndjson",
            [b"{\"a\":\"\xff\"}\n".as_slice(), lines.as_bytes()].concat(),
        ),
        (
            "AWSLogs/1/CloudTrail/x.json",
            format!("{{}}\n{file}").into_bytes(),
        ),
        ("archive/x.json", format!("[1,2]\n{lines}").into_bytes()),
    ] {
        let mut fixture = Fixture::new(&[]).await;
        let task = ObjectTask::new("logs", key.into(), None);
        assert_eq!(
            fixture.forward(&task, Parts::of(&content, 64), LONG).await,
            ObjectOutcome::Done,
            "{key}"
        );
        assert_eq!(fixture.arrived(), [0, 1, 2, 3, 4]);
        assert_eq!(
            fixture.collector.events().len(),
            6,
            "what could not be read has a stand-in"
        );
        assert!(fixture.reconciles());
    }
    let mut fixture = Fixture::new(&[]).await;
    let task = ObjectTask::new("logs", "archive/x.json.gz".into(), None);
    let cut = &gzip(lines.as_bytes())[..14];
    assert_eq!(
        fixture.forward(&task, Parts::of(cut, 5), LONG).await,
        ObjectOutcome::Done
    );
    assert_eq!(
        (
            fixture.collector.events().len(),
            fixture.metrics.counters.records_failed
        ),
        (1, 1)
    );
}
