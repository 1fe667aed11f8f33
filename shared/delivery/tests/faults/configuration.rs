//! Replies that stay until somebody changes a setting: everything is left, nothing refused.

use std::time::Duration;

use delivery::Fault as Stopped;
use local::collector::{CollectorOptions, Fault, ReplyCode};

use crate::bench::{Bench, Tally};
use crate::common::{objects, of, settings, sink};
use crate::stub::{Reply, Stub, soon};

fn status(status: u16) -> Fault {
    Fault::Status {
        status,
        retry_after: None,
    }
}

fn left(count: usize, requests: u64) -> Tally {
    Tally {
        left: count,
        requests,
        ..Tally::default()
    }
}

fn misconfigured(note: &str) -> Option<Stopped> {
    Some(Stopped::Misconfigured(note.to_owned()))
}

#[tokio::test]
async fn one_reply_is_enough() {
    for (fault, note) in [
        (Fault::WrongIndex, "HTTP 400, code 7"),
        (Fault::Reply(ReplyCode::IncorrectIndex), "HTTP 400, code 7"),
        (Fault::Reply(ReplyCode::InvalidChannel), "HTTP 400, code 11"),
        (status(404), "HTTP 404 without a HEC reply"),
        (status(302), "HTTP 302 without a HEC reply"),
        (status(415), "HTTP 415 without a HEC reply"),
    ] {
        let bench = Bench::new([fault.clone()]).await;
        let (tally, stopped) = bench.send(&objects(5)).await;
        assert_eq!(
            (tally, stopped),
            (left(5, 1), misconfigured(note)),
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn a_400_without_a_code_for_everything_refuses_nothing() {
    for (count, requests) in [(8, 3), (2, 3), (1, 1)] {
        let stop_all = |options: &mut CollectorOptions| {
            options.firewall = Some("event".to_owned());
        };
        let bench = Bench::with(stop_all, &[]).await;
        let (tally, stopped) = bench.send(&objects(count)).await;
        let expected = misconfigured("HTTP 400 without a HEC code");
        assert_eq!((tally, stopped), (left(count, requests), expected));
    }
}

#[tokio::test]
async fn a_400_without_a_code_for_one_object_refuses_that() {
    // The number of the object, and the requests that find it among eight.
    for (bad, requests) in [(0, 7), (3, 7), (4, 7), (7, 7)] {
        let (bench, objects) = firewall(&[bad], &[]).await;
        let (tally, stopped) = bench.send(&objects).await;
        let expected = Tally {
            accepted: 7,
            refused: vec![(bad, "http-400")],
            requests,
            events: 7,
            ..Tally::default()
        };
        assert_eq!((tally, stopped), (expected, None), "{bad}");
    }
}

#[tokio::test]
async fn bad_objects_in_both_halves_look_like_a_setting() {
    let (bench, objects) = firewall(&[1, 6], &[]).await;
    let (tally, stopped) = bench.send(&objects).await;
    let expected = misconfigured("HTTP 400 without a HEC code");
    assert_eq!((tally, stopped), (left(8, 3), expected));
}

#[tokio::test]
async fn a_400_for_everything_refuses_nothing_though_earlier_rounds_were_taken() {
    for batch in ["concatenated", "single"] {
        let bench = Bench::with(|_| {}, &[("HEC_BATCH", batch)]).await;
        let (tally, stopped) = bench.send(&objects(5)).await;
        assert_eq!((tally.accepted, stopped), (5, None));
        bench.collector.faults().extend(vec![status(400); 100]);
        let (tally, stopped) = bench.send(&objects(8)).await;
        assert_eq!(
            (tally.accepted, tally.left, tally.refused.len()),
            (0, 8, 0),
            "{batch}"
        );
        assert!(tally.requests <= 5, "{tally:?}");
        assert_eq!(stopped, misconfigured("HTTP 400 without a HEC code"));
    }
}

#[tokio::test]
async fn a_bad_object_alone_in_its_request_is_known_by_the_others() {
    for bad in 0..8 {
        let (bench, objects) = firewall(&[bad], &[("HEC_BATCH", "single")]).await;
        let (tally, stopped) = bench.send(&objects).await;
        let expected = Tally {
            accepted: 7,
            refused: vec![(bad, "http-400")],
            requests: 8,
            events: 7,
            ..Tally::default()
        };
        assert_eq!((tally, stopped), (expected, None), "{bad}");
    }
}

#[tokio::test]
async fn an_object_too_large_for_company_costs_only_itself() {
    let mut lines = vec![format!(r#"{{"event":"<script>{}"}}"#, "x".repeat(12_000))];
    lines.extend((0..9).map(|number| format!(r#"{{"event":{number}}}"#)));
    let stop = |options: &mut CollectorOptions| options.firewall = Some("<script>".to_owned());
    let bench = Bench::with(stop, &[("HEC_MAX_BYTES", "10000")]).await;
    let (tally, stopped) = bench.send(&of(lines)).await;
    assert_eq!((tally.accepted, stopped), (9, None));
    assert_eq!(tally.refused, [(0, "http-400")]);
}

#[tokio::test]
async fn what_is_taken_meanwhile_tells_that_halves_are_bad() {
    let late = |status, milliseconds| {
        let body = if status == 200 { r#"{"code":0}"# } else { "" };
        Reply::new(status, body).after(Duration::from_millis(milliseconds))
    };
    // One request of two bad objects, one of a good one. The good one is taken while the halves
    // of the others are under way.
    let stub = Stub::start(move |seen| match seen.plain().matches("bad").count() {
        0 => late(200, 150),
        1 => late(400, 300),
        _ => late(400, 0),
    });
    let stub = stub.await;
    let pairs = [("HEC_MAX_BYTES", "10000")];
    let sink = sink(&settings(&stub.url("/"), &pairs));
    let [bad, good] = ["bad", "good"].map(|what| format!(r#"{{"event":"{what}{:4000}"}}"#, ""));
    let objects = of([&bad, &bad, &good]);
    let sent = sink.send(&objects, soon()).await;
    let refused: Vec<usize> = sent.refused.iter().map(|refusal| refusal.object).collect();
    assert_eq!(
        (sent.accepted, &refused[..], sent.fault),
        (1, &[0, 1][..], None)
    );
}

/// Eight objects, of which the `bad` ones are stopped on their way.
async fn firewall(bad: &[usize], pairs: &[(&str, &str)]) -> (Bench, hec::Objects) {
    let event = |number| {
        if bad.contains(&number) {
            "<script>"
        } else {
            "good"
        }
    };
    let lines = (0..8).map(|number| format!(r#"{{"event":"{number} {}"}}"#, event(number)));
    let firewall = Some("<script>".to_owned());
    let bench = Bench::with(|options| options.firewall = firewall, pairs).await;
    (bench, of(lines))
}

#[tokio::test]
async fn a_half_that_is_stopped_tells_nothing_of_the_other() {
    let outage = Fault::Status {
        status: 503,
        retry_after: Some(3600),
    };
    let bench = Bench::new([status(400), status(400), outage]).await;
    let (tally, stopped) = bench.send(&objects(2)).await;
    let why = Stopped::Unavailable("HTTP 503 without a HEC reply".to_owned());
    assert_eq!((tally, stopped), (left(2, 3), Some(why)));
}

#[tokio::test]
async fn what_a_half_has_indexed_is_not_left() {
    let busy = Fault::BusyAt(1);
    let bench = Bench::new([status(400), status(400), busy, status(400)]).await;
    let (tally, stopped) = bench
        .send_within(&objects(4), Duration::from_secs(30))
        .await;
    let expected = Tally {
        accepted: 1,
        left: 3,
        requests: 4,
        retries: 1,
        events: 1,
        ..Tally::default()
    };
    let why = misconfigured("HTTP 400 without a HEC code");
    assert_eq!((tally, stopped), (expected, why));
}
