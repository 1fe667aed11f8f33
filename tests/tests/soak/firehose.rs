//! Functions behind Firehose: the transformation with its re-ingestion, and the relay.

use std::collections::VecDeque;
use std::time::Duration;

use scenarios::Outcome;
use scenarios::cloud::TOKEN;
use scenarios::cloudtrail::{ids_in, record};
use scenarios::firehose::{delivery, event, subscription, transformed};
use serde_json::{Value, json};

use crate::all;
use crate::run::{Run, Trouble};

/// Longer than any invocation takes.
const LONG: Duration = Duration::from_secs(60);

/// Maximum number of deliveries until a request is accepted.
const MAX_DELIVERIES: usize = 500;

#[test]
fn kills_of_firehose_transform() {
    all(
        "firehose-transform (re-ingestion), killed",
        Trouble::Kills,
        &["firehose-transform"],
        transform,
    );
}

#[test]
fn kills_of_firehose_relay() {
    all(
        "firehose-relay, killed",
        Trouble::Kills,
        &["firehose-relay"],
        relay,
    );
}

#[test]
fn restarts_under_firehose_relay() {
    all(
        "firehose-relay, collector restarts",
        Trouble::Restarts,
        &["firehose-relay"],
        relay,
    );
}

/// Six envelopes of twenty events, more than a response holds: the rest is re-ingested.
fn transform(run: &mut Run) {
    let ids: Vec<String> = (0..120)
        .map(|number| format!("event-{number:03}"))
        .collect();
    run.account.expect(&ids);
    let envelope = |ids: &[String]| {
        let records: Vec<String> = ids.iter().map(|id| record(id, 900)).collect();
        subscription(&records)
    };
    let first: Vec<Vec<u8>> = ids.chunks(20).map(envelope).collect();
    run.steps_of_run = 8;
    let settings = [("MAX_RESPONSE_BYTES", "60000")];
    let mut function = run.function("firehose-transform", &settings);
    let mut batches = VecDeque::from([first]);
    while let Some(batch) = batches.pop_front() {
        let outcome = function.invoke(event("trail", &batch), LONG);
        // Includes records that a killed invocation had put onto the stream.
        let again = run.cloud.take_stream();
        if !again.is_empty() {
            batches.push_back(again);
        }
        match outcome {
            Outcome::Response(answer) => {
                for (answer, input) in transformed(&answer).iter().zip(&batch) {
                    match answer.result.as_str() {
                        // Firehose stores the record under processing-failed/.
                        "ProcessingFailed" => run.account.keep(ids_of(input, &ids)),
                        _ => run.arrive(ids_in(&answer.data)),
                    }
                }
            }
            Outcome::Exited(None, _) => {
                run.kills += 1;
                let carried: Vec<String> = batch.iter().flat_map(|one| ids_of(one, &ids)).collect();
                run.account
                    .allow(1, |id| carried.iter().any(|one| one == id));
                function = run.function("firehose-transform", &settings);
                batches.push_front(batch);
            }
            other => panic!("{other:?}"),
        }
    }
}

/// The `ids` in a record of the stream.
fn ids_of(record: &[u8], ids: &[String]) -> Vec<String> {
    let mut text = Vec::new();
    let mut gzip = flate2::read::MultiGzDecoder::new(record);
    let text = match std::io::Read::read_to_end(&mut gzip, &mut text) {
        Ok(_) => String::from_utf8_lossy(&text),
        Err(_) => String::from_utf8_lossy(record),
    };
    let held = ids.iter().filter(|id| text.contains(id.as_str()));
    held.cloned().collect()
}

/// Four requests of thirty events, which Firehose repeats until they are accepted.
fn relay(run: &mut Run) {
    run.steps_of_run = 130;
    let deadline = match run.trouble {
        Trouble::Kills => LONG,
        // The relay reserves three seconds of an invocation for its response.
        Trouble::Restarts => Duration::from_millis(3800),
    };
    let mut function = run.function("firehose-relay", &[]);
    for request in 0..4 {
        let ids: Vec<String> = (0..30)
            .map(|number| format!("{request}-{number:02}"))
            .collect();
        run.account.expect(&ids);
        let objects = ids.iter().map(|id| {
            let event = json!({ "eventID": id, "padding": "p".repeat(900) });
            format!("{}\n", json!({ "time": 1, "event": event })).into_bytes()
        });
        let objects: Vec<Vec<u8>> = objects.collect();
        let mut is_accepted = false;
        for _ in 0..MAX_DELIVERIES {
            let call = delivery(TOKEN, &format!("request-{request}"), &objects);
            match function.invoke(call, deadline) {
                Outcome::Response(answer) => {
                    let answer: Value = serde_json::from_slice(&answer).expect("an answer");
                    is_accepted = answer["statusCode"] == 200;
                }
                ended if run.was_killed(&ended) => {
                    run.kills += 1;
                    let request = format!("{request}-");
                    run.account.allow(1, |id| id.starts_with(&request));
                    function = run.function("firehose-relay", &[]);
                }
                other => panic!("{other:?}"),
            }
            if is_accepted {
                break;
            }
        }
        assert!(
            is_accepted,
            "not accepted after {MAX_DELIVERIES} deliveries"
        );
    }
}
