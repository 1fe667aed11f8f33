//! Records too large for a response are re-ingested, within the limits of the stream and the function's time,
//! and all of their events are delivered.

mod strict;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use scenarios::cloudtrail::{ids, ids_in, record};
use scenarios::firehose::{Transformed, event, subscription, transformed};
use scenarios::logs::counted;
use scenarios::loopback::{Server, status};
use scenarios::{Emulator, Function, artifacts};
use serde_json::{Value, json};

use crate::strict::Strict;

const SOON: Duration = Duration::from_secs(60);

/// The response limit of Lambda, less what the runtime client may add.
const RESPONSE_BYTES: usize = 6_000_000;

fn start(binary: &Path, firehose: &str, settings: &[(&str, &str)]) -> Function {
    let mut all = vec![("AWS_ENDPOINT_URL_FIREHOSE", firehose)];
    all.extend(settings);
    Function::start(binary, &all)
}

/// Envelopes of `events` events each, about a kilobyte per event.
fn envelopes(ids: &[String], events: usize) -> Vec<Vec<u8>> {
    let envelope = |ids: &[String]| {
        let messages: Vec<String> = ids.iter().map(|id| record(id, 1000)).collect();
        subscription(&messages)
    };
    ids.chunks(events).map(envelope).collect()
}

fn sent(records: &[Transformed]) -> Vec<String> {
    records
        .iter()
        .flat_map(|record| ids_in(&record.data))
        .collect()
}

fn sorted(ids: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut ids: Vec<String> = ids.into_iter().collect();
    ids.sort();
    ids
}

#[test]
fn events_that_overflow_a_response_are_in_a_later_one() {
    let (Some(binary), Some(emulator)) =
        (artifacts::binary("firehose-transform"), Emulator::start())
    else {
        return;
    };
    let all = ids("event", 8000);
    let mut function = start(&binary, &emulator.url(), &[]);
    let mut records = envelopes(&all, 400);
    let mut out = Vec::new();
    let mut reingested = 0;
    for round in ["trail-0", "trail-1", "trail-2", "trail-3"] {
        emulator.create_delivery_stream(round);
        let response = function.invoke(event(round, &records), SOON).response();
        assert!(response.len() <= RESPONSE_BYTES);
        let answer = transformed(&response);
        assert!(
            answer
                .iter()
                .all(|record| record.result != "ProcessingFailed")
        );
        out.extend(sent(&answer));
        records = emulator.delivered(round);
        reingested += records.len();
        if records.is_empty() {
            break;
        }
    }
    assert!(reingested > 0, "the scenario must overflow");
    assert_eq!(sorted(out), sorted(all), "every event once");

    let output = function.output();
    let [read, handed_on, again] =
        ["EventsIn", "EventsOut", "EventsReingested"].map(|name| counted(&output, name));
    assert_eq!(read, handed_on + again);
    assert_eq!(handed_on, 8000);
}

#[test]
fn a_record_fails_after_three_hops() {
    let (Some(binary), Some(emulator)) =
        (artifacts::binary("firehose-transform"), Emulator::start())
    else {
        return;
    };
    let all = ids("event", 100);
    let mut function = start(&binary, &emulator.url(), &[("MAX_RESPONSE_BYTES", "10000")]);
    let mut records = envelopes(&all, 100);
    let mut out = BTreeSet::new();
    for hop in 0..=3 {
        let stream = format!("hop-{hop}");
        emulator.create_delivery_stream(&stream);
        let answer = transformed(&function.invoke(event(&stream, &records), SOON).response());
        out.extend(sent(&answer));
        let failed = answer
            .iter()
            .filter(|record| record.result == "ProcessingFailed")
            .count();
        assert_eq!(failed > 0, hop == 3, "hop {hop}: {failed} failed");
        records = emulator.delivered(&stream);
    }
    assert!(records.is_empty(), "nothing goes round a fourth time");

    let output = function.output();
    let quarantined = counted(&output, "EventsQuarantined");
    assert_eq!(
        out.len() as u64 + quarantined,
        100,
        "sent or kept, none lost"
    );
}

#[test]
fn records_that_cannot_be_reingested_fail_and_are_never_dropped() {
    let (Some(binary), Some(emulator)) =
        (artifacts::binary("firehose-transform"), Emulator::start())
    else {
        return;
    };
    let all = ids("event", 60);
    let small = [("MAX_RESPONSE_BYTES", "20000")];

    // No such stream: the service rejects the call permanently.
    let mut function = start(&binary, &emulator.url(), &small);
    let absent = function
        .invoke(event("absent", &envelopes(&all, 10)), SOON)
        .response();
    assert_kept(&transformed(&absent), &all);

    // A Kinesis stream feeds the stream: the service would reject the call, so that none is made.
    emulator.create_delivery_stream("fed");
    let mut fed: Value = serde_json::from_slice(&event("fed", &envelopes(&all, 10))).unwrap();
    fed["sourceKinesisStreamArn"] = json!("arn:aws:kinesis:us-east-1:111122223333:stream/source");
    let fed = function.invoke(fed.to_string(), SOON).response();
    assert_kept(&transformed(&fed), &all);
    assert!(emulator.delivered("fed").is_empty());
}

/// Asserts that each record of ten events is returned completely or fails completely, and that some fail.
fn assert_kept(answer: &[Transformed], all: &[String]) {
    let failed = answer
        .iter()
        .filter(|record| record.result == "ProcessingFailed")
        .count();
    assert!(failed > 0, "the scenario must overflow");
    assert!(answer.iter().all(|record| record.result != "Dropped"));
    assert_eq!(sent(answer).len() + 10 * failed, all.len());
}

#[test]
fn calls_stay_within_both_limits_and_only_rejected_records_are_put_again() {
    let Some(binary) = artifacts::binary("firehose-transform") else {
        return;
    };
    let strict = Arc::new(Mutex::new(Strict::rejecting(2)));
    let state = Arc::clone(&strict);
    let firehose = Server::start(move |request| state.lock().unwrap().put(&request));
    // More than 500 chunks with more than 4 MiB.
    let all = ids("event", 6000);
    let mut function = start(&binary, &firehose.url(), &[("MAX_RECORD_BYTES", "9000")]);
    let answer = transformed(
        &function
            .invoke(event("trail", &envelopes(&all, 200)), SOON)
            .response(),
    );
    assert!(
        answer
            .iter()
            .all(|record| record.result != "ProcessingFailed")
    );

    let taken = strict.lock().unwrap().take();
    assert!(taken.len() > 500);
    let mut out = sent(&answer);
    for pieces in taken.chunks(400) {
        let answer = transformed(&function.invoke(event("trail", pieces), SOON).response());
        assert!(answer.iter().all(|record| record.data.len() <= 9000));
        out.extend(sent(&answer));
    }
    assert_eq!(sorted(out), sorted(all), "every event once");
}

#[test]
fn a_stream_that_does_not_respond_does_not_exceed_the_deadline() {
    let Some(binary) = artifacts::binary("firehose-transform") else {
        return;
    };
    let silent = Server::start(|_| {
        std::thread::sleep(Duration::from_secs(30));
        status(500, "{}")
    });
    let all = ids("event", 60);
    let mut function = start(&binary, &silent.url(), &[("MAX_RESPONSE_BYTES", "20000")]);
    let begin = Instant::now();
    let deadline = Duration::from_secs(5);
    let answer = transformed(
        &function
            .invoke(event("trail", &envelopes(&all, 10)), deadline)
            .response(),
    );
    assert!(begin.elapsed() < deadline);
    assert_kept(&answer, &all);
}
