//! S3 Batch Operations jobs and direct invocations, which send everything.

use scenarios::Outcome;
use serde_json::{Value, json};

use crate::{Fixture, KEY, SOON, fixture, ids, log_file};

/// What the CDK app sets next to a Firehose route; every record of [`log_file`] is far smaller.
const OVERSIZE_ONLY: (&str, &str) = ("ONLY_OVER_BYTES", "262144");

fn task(id: &str, key: &str) -> Value {
    json!({ "taskId": id, "s3Key": key, "s3VersionId": null, "s3Bucket": "logs" })
}

/// The key of [`KEY`]'s object as written in a manifest.
fn manifest_key() -> String {
    KEY.replace('+', "%2B").replace("%20", "+")
}

impl Fixture {
    /// Runs one invocation of a job, and returns each task's result code and string.
    fn run_job(&mut self, tasks: &[Value]) -> Vec<(String, String)> {
        let event = json!({
            "invocationSchemaVersion": "2.0", "invocationId": "i", "job": { "id": "j", "userArguments": {} },
            "tasks": tasks,
        });
        let answer = self.function.invoke(event.to_string(), SOON).response();
        let answer: Value = serde_json::from_slice(&answer).expect("JSON");
        assert_eq!(answer["invocationSchemaVersion"], "2.0");
        let text = |result: &Value, key: &str| result[key].as_str().expect("a string").to_owned();
        let results = answer["results"].as_array().expect("results").iter();
        results
            .map(|result| (text(result, "resultCode"), text(result, "resultString")))
            .collect()
    }
}

#[test]
fn a_job_sends_small_records_too_and_its_result_says_how_many() {
    let Some(mut fixture) = fixture(&[OVERSIZE_ONLY]) else {
        return;
    };
    fixture.emulator.put_object("logs", KEY, &log_file(0..120));
    let results = fixture.run_job(&[
        task("a", &manifest_key()),
        task("b", "AWSLogs/1/CloudTrail/missing.gz"),
    ]);
    let expected = "sent 120 events, 0 filtered, 0 quarantined";
    assert_eq!(results[0], ("Succeeded".into(), expected.into()));
    assert_eq!(results[1].0, "PermanentFailure");
    assert!(results[1].1.contains("NoSuchKey"), "{}", results[1].1);
    assert_eq!(fixture.siem.ids(), ids(0..120));
    let output = fixture.function.output();
    assert!(output.contains(expected), "{output}");
}

#[test]
fn the_result_of_a_task_counts_what_was_filtered_and_quarantined() {
    let Some(mut fixture) = fixture(&[OVERSIZE_ONLY, ("EVENT_NAMES", "StopLogging")]) else {
        return;
    };
    fixture.emulator.put_object("logs", KEY, &log_file(0..5));
    let results = fixture.run_job(&[task("a", &manifest_key())]);
    assert_eq!(results[0].1, "sent 0 events, 5 filtered, 0 quarantined");

    let Some(mut fixture) = super::fixture(&[OVERSIZE_ONLY]) else {
        return;
    };
    fixture.emulator.put_object("logs", KEY, &log_file(0..5));
    let fault = testkit::collector::Fault::InvalidAt(3);
    fixture.siem.faults().push(fault);
    let results = fixture.run_job(&[task("a", &manifest_key())]);
    assert_eq!(results[0].1, "sent 4 events, 0 filtered, 1 quarantined");
}

#[test]
fn a_notification_on_the_queue_sends_only_what_no_other_route_carries() {
    let Some(mut fixture) = fixture(&[OVERSIZE_ONLY]) else {
        return;
    };
    fixture.emulator.put_object("logs", KEY, &log_file(0..120));
    let (_, failed) = fixture.poll(1, SOON);
    assert!(failed.is_empty() && fixture.siem.ids().is_empty());
    let output = fixture.function.output();
    let expected = "sent 0 events, 120 filtered, 0 quarantined";
    assert!(output.contains(expected), "{output}");
}

#[test]
fn a_direct_invocation_sends_everything() {
    let Some(mut fixture) = fixture(&[OVERSIZE_ONLY]) else {
        return;
    };
    let key = "AWSLogs/1/CloudTrail/x.json.gz";
    fixture.emulator.put_object("logs", key, &log_file(0..120));
    let event = json!({ "bucket": "logs", "key": key, "next_record": 20 });
    let outcome = fixture.function.invoke(event.to_string(), SOON);
    assert!(matches!(outcome, Outcome::Response(_)), "{outcome:?}");
    assert_eq!(fixture.siem.ids(), ids(20..120));
}
