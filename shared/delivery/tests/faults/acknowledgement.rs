//! Indexer acknowledgement: what is not acknowledged is left, though it may be indexed.

use std::time::{Duration, Instant};

use delivery::{Fault as Stopped, Patience};
use local::collector::{CollectorOptions, Fault, ReplyCode};

use crate::bench::{Bench, Tally};
use crate::common::{objects, patience, settings, sink};
use crate::stub::{Reply, Stub};

const ON: &[(&str, &str)] = &[("HEC_ACKS", "on"), ("HEC_PROFILE", "splunk")];

/// A collector with acknowledgement, and a sink that asks for it.
async fn bench(faults: impl IntoIterator<Item = Fault>) -> Bench {
    let change = |options: &mut CollectorOptions| {
        options.acks = true;
        options.faults.extend(faults);
    };
    Bench::with(change, ON).await
}

fn hasty(bench: Bench, milliseconds: u64) -> Bench {
    bench.patient(Patience {
        acknowledgement: Duration::from_millis(milliseconds),
        ..patience()
    })
}

#[tokio::test]
async fn what_is_acknowledged_is_accepted() {
    let bench = bench([Fault::SuccessAs(ReplyCode::AcksNearlyFull)]).await;
    let (tally, stopped) = bench.send(&objects(5)).await;
    let expected = Tally {
        accepted: 5,
        requests: 1,
        events: 5,
        ..Tally::default()
    };
    assert_eq!((tally, stopped), (expected, None));
    let stats = bench.collector.stats();
    assert_eq!((stats.acks, stats.ack_polls), (1, 1));
}

#[tokio::test]
async fn what_is_never_acknowledged_is_left_and_doubles_when_sent_again() {
    let bench = hasty(bench([Fault::NeverAck]).await, 1000);
    let (tally, stopped) = bench.send(&objects(5)).await;
    let mut expected = Tally {
        left: 5,
        requests: 1,
        events: 5,
        ..Tally::default()
    };
    assert_eq!(
        (&tally, stopped),
        (&expected, Some(Stopped::Unacknowledged))
    );
    assert!(!Stopped::Unacknowledged.is_configuration());
    assert!(bench.collector.stats().ack_polls > 1);

    let (tally, stopped) = bench.patient(patience()).send(&objects(5)).await;
    expected = Tally {
        accepted: 5,
        left: 0,
        events: 10,
        duplicates: 5,
        ..expected
    };
    assert_eq!((tally, stopped), (expected, None));
}

#[tokio::test]
async fn no_acknowledgement_is_waited_for_beyond_the_deadline() {
    let bench = hasty(bench([Fault::NeverAck]).await, 3_600_000);
    let time = Duration::from_secs(1);
    let (tally, stopped) = bench.send_within(&objects(5), time).await;
    assert_eq!((tally.left, tally.requests), (5, 1));
    assert_eq!(stopped, Some(Stopped::Unacknowledged));
}

#[tokio::test]
async fn a_question_without_answer_ends_with_the_deadline() {
    let stub = Stub::start(|seen| match seen.path.contains("/ack?") {
        true => Reply::never(),
        false => Reply::new(200, r#"{"code":0,"ackId":0}"#),
    })
    .await;
    let hours = Duration::from_secs(10_000);
    let sink = sink(&settings(&stub.url(""), ON)).with_patience(Patience {
        request: hours,
        acknowledgement: hours,
        ..patience()
    });
    let until = Instant::now() + Duration::from_secs(1);
    let sent = sink.send(&objects(5), until).await;
    assert_eq!((sent.accepted, sent.requests), (0, 1));
    assert_eq!(sent.fault, Some(Stopped::Unacknowledged));
}

#[tokio::test]
async fn a_batch_without_acknowledgement_does_not_take_others_with_it() {
    let change = |options: &mut CollectorOptions| {
        options.acks = true;
        options.faults.push(Fault::NeverAck);
    };
    let single = [ON, &[("HEC_BATCH", "single")]].concat();
    let bench = hasty(Bench::with(change, &single).await, 1500);
    // As many as are under way at the same time.
    let (tally, stopped) = bench.send(&objects(4)).await;
    let expected = Tally {
        accepted: 3,
        left: 1,
        requests: 4,
        events: 4,
        ..Tally::default()
    };
    assert_eq!((tally, stopped), (expected, Some(Stopped::Unacknowledged)));
}

#[tokio::test]
async fn faults_pass_with_acknowledgement_too() {
    let bench = bench([
        Fault::Reply(ReplyCode::AcksFull),
        Fault::BusyAt(2),
        Fault::InvalidAt(1),
    ])
    .await;
    let (tally, stopped) = bench.send(&objects(6)).await;
    let expected = Tally {
        accepted: 5,
        refused: vec![(3, "hec-6")],
        requests: 4,
        retries: 2,
        events: 5,
        ..Tally::default()
    };
    assert_eq!((tally, stopped), (expected, None));
}

#[tokio::test]
async fn acknowledgement_on_one_side_only_is_a_setting() {
    // here, there, what the fault says, objects that are indexed all the same
    let table = [
        ("on", false, "its reply has no ackId", 5),
        ("off", true, "HTTP 400, code 10", 0),
    ];
    for (here, there, note, events) in table {
        let change = |options: &mut CollectorOptions| options.acks = there;
        let bench = Bench::with(change, &[("HEC_ACKS", here)]).await;
        let (tally, stopped) = bench.send(&objects(5)).await;
        let expected = Tally {
            left: 5,
            requests: 1,
            events,
            ..Tally::default()
        };
        let fault = stopped.unwrap();
        assert_eq!(tally, expected);
        assert!(fault.is_configuration() && fault.to_string().contains(note));
    }
}
