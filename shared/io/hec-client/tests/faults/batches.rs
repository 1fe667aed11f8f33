//! Several requests, and the forms of a request.

use hec::BatchFormat;
use testkit::collector::{CollectorOptions, Fault};

use crate::common::{client, objects, of, settings};
use crate::fixture::{Fixture, Tally};
use crate::stub::{Reply, Stub};

/// EventBatch of 999 bytes, ten of which fill a request.
fn wide(count: usize) -> hec::EventBatch {
    of((0..count).map(|number| format!(r#"{{"event":"{number:->986}"}}"#)))
}

const SMALL: (&str, &str) = ("HEC_MAX_BYTES", "10000");

#[tokio::test]
async fn requests_keep_to_their_size() {
    let largest = |options: &mut CollectorOptions| options.max_content_length = 10_000;
    for form in ["concatenated", "array"] {
        let fixture = Fixture::with(largest, &[SMALL, ("HEC_BATCH", form)]).await;
        let objects = wide(95);
        let (tally, stopped) = fixture.send(&objects).await;
        let batches = objects.batches(BatchFormat::Array, 10_000);
        let expected = Tally {
            accepted: 95,
            requests: batches.len() as u64,
            events: 95,
            ..Tally::default()
        };
        assert!(batches.len() > 9);
        assert_eq!((tally, stopped), (expected, None), "{form}");
    }
}

#[tokio::test]
async fn a_request_that_fails_takes_no_other_with_it() {
    // fault, rejected, left, requests, retries
    // Three requests of ten objects are under way when the first reply comes.
    let table = [
        (Fault::InvalidAt(4), 1, 0, 4, 0),
        (Fault::BusyCode9, 0, 0, 4, 1),
        (Fault::BusyAt(5), 0, 0, 4, 1),
        (Fault::TooLarge, 0, 0, 5, 0),
        (Fault::WrongIndex, 0, 10, 3, 0),
    ];
    for (fault, rejected, left, requests, retries) in table {
        let change = |options: &mut CollectorOptions| options.faults.push(fault.clone());
        let fixture = Fixture::with(change, &[SMALL]).await;
        let (tally, stopped) = fixture.send(&wide(30)).await;
        let accepted = 30 - rejected - left;
        assert_eq!(
            (tally.accepted, tally.rejected.len(), tally.left),
            (accepted, rejected, left),
            "{fault:?}"
        );
        assert_eq!(
            (tally.requests, tally.retries, tally.events),
            (requests, retries, accepted),
            "{fault:?}"
        );
        assert_eq!((tally.duplicates, stopped.is_some()), (0, left > 0));
    }
}

#[tokio::test]
async fn what_is_not_begun_when_the_round_stops_is_left() {
    let change = |options: &mut CollectorOptions| options.faults.push(Fault::WrongIndex);
    let fixture = Fixture::with(change, &[("HEC_BATCH", "single")]).await;
    let (tally, stopped) = fixture.send(&objects(200)).await;
    assert!(stopped.unwrap().is_configuration());
    assert_eq!(tally.accepted, tally.events);
    assert_eq!(tally.requests, tally.accepted as u64 + 1);
    assert_eq!(fixture.collector.stats().requests, tally.requests);
}

#[tokio::test]
async fn each_form_and_encoding_arrives() {
    let objects = objects(5);
    let lines = objects.bytes_len() as u64;
    // form, requests, bytes of the bodies as the collector reads them
    let forms = [
        ("concatenated", 1, lines),
        ("array", 1, lines + 1),
        ("single", 5, lines),
    ];
    for (form, requests, bytes) in forms {
        for (profile, is_gzip) in [("generic", false), ("huntress", false), ("splunk", true)] {
            let pairs = [("HEC_BATCH", form), ("HEC_PROFILE", profile)];
            let fixture = Fixture::with(|_| (), &pairs).await;
            let (tally, stopped) = fixture.send(&objects).await;
            let expected = Tally {
                accepted: 5,
                requests,
                events: 5,
                ..Tally::default()
            };
            assert_eq!((tally, stopped), (expected, None), "{form} {profile}");
            let stats = fixture.collector.stats();
            assert_eq!(stats.inflated_bytes, bytes, "{form} {profile}");
            assert_eq!(stats.bytes != stats.inflated_bytes, is_gzip, "{profile}");
        }
    }
}

/// Settings, and the body and encoding that they make.
type Form<'f> = (&'f [(&'f str, &'f str)], &'f str, Option<&'f str>);

#[tokio::test]
async fn a_request_looks_as_it_is_to() {
    let two = of([r#"{"event":1}"#, r#"{"event":2}"#]);
    let table: [Form<'_>; 3] = [
        (&[], "{\"event\":1}\n{\"event\":2}\n", None),
        (
            &[("HEC_BATCH", "array")],
            r#"[{"event":1},{"event":2}]"#,
            None,
        ),
        (
            &[("HEC_PROFILE", "splunk")],
            "{\"event\":1}\n{\"event\":2}\n",
            Some("gzip"),
        ),
    ];
    for (pairs, body, encoding) in table {
        let stub = Stub::start(|_| Reply::new(200, r#"{"text":"Success","code":0}"#)).await;
        let report = client(&settings(&stub.url(""), pairs))
            .send(&two, crate::stub::soon())
            .await;
        assert_eq!(report.accepted, 2);
        let seen = stub.seen();
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].plain(), body);
        assert_eq!(seen[0].header("content-encoding"), encoding);
        assert_eq!(seen[0].header("content-type"), Some("application/json"));
        let token = format!("Splunk {}", crate::common::TOKEN);
        assert_eq!(seen[0].header("authorization"), Some(token.as_str()));
    }
}

#[tokio::test]
async fn a_url_is_used_as_given_unless_its_path_is_empty() {
    let event = "/services/collector/event";
    for (given, events, acks) in [
        ("", event, "/services/collector/ack"),
        ("/", event, "/services/collector/ack"),
        (
            "/services/collector",
            "/services/collector",
            "/services/collector/ack",
        ),
        ("/hec", "/hec", "/services/collector/ack"),
        (
            "/siem/services/collector/event?region=eu",
            "/siem/services/collector/event?region=eu",
            "/siem/services/collector/ack",
        ),
    ] {
        let stub = Stub::start(|seen| {
            Reply::new(
                200,
                if seen.path.contains("/ack?") {
                    r#"{"acks":{"7":true}}"#
                } else {
                    r#"{"code":0,"ackId":7}"#
                },
            )
        })
        .await;
        let client = client(&settings(&stub.url(given), &[("HEC_ACKS", "on")]));
        let report = client.send(&objects(1), crate::stub::soon()).await;
        assert_eq!(report.accepted, 1, "{given}");
        let seen = stub.seen();
        let channel = seen[0].header("x-splunk-request-channel").unwrap();
        let question = format!("{acks}?channel={channel}");
        let paths: Vec<&str> = seen.iter().map(|seen| seen.path.as_str()).collect();
        assert_eq!(paths, [events, question.as_str()]);
        assert_eq!(seen[1].plain(), r#"{"acks":[7]}"#);
    }
}
