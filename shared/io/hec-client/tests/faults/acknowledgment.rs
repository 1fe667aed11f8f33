//! Indexer acknowledgment: what is not acknowledged is report again, or left, though it may be
//! indexed.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use hec_client::{DeliveryError, HecClient, RetryPolicy, SecretFile, TokenCache};
use testkit::collector::{CollectorOptions, Fault, ReplyCode};

use crate::common::{TOKEN, client, objects, retry_policy, settings};
use crate::fixture::{Fixture, Tally};
use crate::stub::{Reply, Seen, Stub, soon};

const ON: &[(&str, &str)] = &[("HEC_ACKS", "on"), ("HEC_PROFILE", "splunk")];

/// A collector with acknowledgment, and a client that asks for it.
async fn fixture(faults: impl IntoIterator<Item = Fault>) -> Fixture {
    let change = |options: &mut CollectorOptions| {
        options.acks = true;
        options.faults.extend(faults);
    };
    Fixture::with(change, ON).await
}

fn hasty(fixture: Fixture, milliseconds: u64) -> Fixture {
    fixture.patient(RetryPolicy {
        acknowledgment: Duration::from_millis(milliseconds),
        ..retry_policy()
    })
}

#[tokio::test]
async fn what_is_acknowledged_is_accepted() {
    let fixture = fixture([Fault::SuccessAs(ReplyCode::AcksNearlyFull)]).await;
    let (tally, stopped) = fixture.send(&objects(5)).await;
    let expected = Tally {
        accepted: 5,
        requests: 1,
        events: 5,
        ..Tally::default()
    };
    assert_eq!((tally, stopped), (expected, None));
    let stats = fixture.collector.stats();
    assert_eq!((stats.acks, stats.ack_polls), (1, 1));
}

fn unacknowledged(reply: &str) -> Option<DeliveryError> {
    Some(DeliveryError::Unacknowledged(reply.to_owned()))
}

#[tokio::test]
async fn what_is_not_acknowledged_in_time_is_sent_again_on_another_channel() {
    let fixture = hasty(fixture([Fault::NeverAck]).await, 500);
    let (tally, stopped) = fixture.send(&objects(5)).await;
    let expected = Tally {
        accepted: 5,
        requests: 2,
        retries: 1,
        events: 10,
        duplicates: 5,
        ..Tally::default()
    };
    assert_eq!((tally, stopped), (expected, None));
    assert!(fixture.collector.stats().ack_polls > 2);
}

#[tokio::test]
async fn what_is_never_acknowledged_is_left() {
    let fixture = hasty(fixture([Fault::NeverAck, Fault::NeverAck]).await, 3_600_000);
    let time = Duration::from_secs(1);
    let (tally, stopped) = fixture.send_within(&objects(5), time).await;
    let mut expected = Tally {
        left: 5,
        requests: 1,
        events: 5,
        ..Tally::default()
    };
    assert_eq!(
        (&tally, &stopped),
        (&expected, &unacknowledged("not indexed yet"))
    );
    assert!(!stopped.unwrap().is_configuration());

    let fixture = hasty(fixture, 3_600_000);
    fixture
        .collector
        .faults()
        .push(Fault::SuccessAs(ReplyCode::Success));
    let (tally, _) = fixture.send_within(&objects(5), time).await;
    expected.events = 10;
    expected.duplicates = 5;
    assert_eq!(tally, expected);
}

#[tokio::test]
async fn every_request_has_a_channel_of_its_own() {
    let stub = Stub::start(|seen| match seen.path.contains("/ack?") {
        true => Reply::new(200, r#"{"acks":{"0":true}}"#),
        false => Reply::new(200, r#"{"code":0,"ackId":0}"#),
    })
    .await;
    let single = [ON, &[("HEC_BATCH", "single")]].concat();
    let client = client(&settings(&stub.url(""), &single));
    let report = client.send(&objects(20), soon()).await;
    assert_eq!(report.accepted, 20);
    let channel = |seen: &Seen| seen.header("x-splunk-request-channel").unwrap().to_owned();
    let (polls, requests): (Vec<Seen>, Vec<Seen>) =
        (stub.seen().into_iter()).partition(|seen| seen.path.contains("/ack?"));
    let channels: HashSet<String> = requests.iter().map(channel).collect();
    assert_eq!(channels.len(), 20);
    for poll in polls {
        let channel = channel(&poll);
        assert!(channels.contains(&channel));
        assert_eq!(
            poll.path,
            format!("/services/collector/ack?channel={channel}")
        );
    }
}

#[tokio::test]
async fn what_the_collector_does_not_know_is_sent_again_at_once() {
    for reply in [
        ReplyCode::ChannelMissing,
        ReplyCode::InvalidChannel,
        ReplyCode::AckDisabled,
    ] {
        let fixture = hasty(fixture([]).await, 3_600_000);
        fixture.collector.poll_faults().push(Fault::Reply(reply));
        let (tally, stopped) = fixture.send(&objects(5)).await;
        let expected = Tally {
            accepted: 5,
            requests: 2,
            retries: 1,
            events: 10,
            duplicates: 5,
            ..Tally::default()
        };
        assert_eq!((tally, stopped), (expected, None), "{reply:?}");
    }
}

/// Behind a load balancer that is not sticky every repetition may be a duplicate.
#[tokio::test]
async fn what_the_collector_never_knows_is_sent_again_three_times() {
    let fixture = hasty(fixture([]).await, 3_600_000);
    let unknown = vec![Fault::Reply(ReplyCode::InvalidChannel); 500];
    fixture.collector.poll_faults().extend(unknown);
    let (tally, stopped) = fixture
        .send_within(&objects(5), Duration::from_secs(2))
        .await;
    assert_eq!((tally.left, tally.requests), (5, 4));
    assert_eq!(stopped, unacknowledged("HTTP 400, code 11"));
}

#[tokio::test]
async fn polls_survive_what_passes() {
    let fixture = fixture([]).await;
    fixture.collector.poll_faults().extend([
        Fault::BusyCode9,
        Fault::HtmlOk,
        Fault::ResetMidBody,
        Fault::Status {
            status: 404,
            retry_after: None,
        },
        Fault::Slow(Duration::from_millis(50)),
    ]);
    let (tally, stopped) = fixture.send(&objects(5)).await;
    let expected = Tally {
        accepted: 5,
        requests: 1,
        events: 5,
        ..Tally::default()
    };
    assert_eq!((tally, stopped), (expected, None));
}

#[tokio::test]
async fn a_token_that_is_rotated_meanwhile_is_read_for_the_poll() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "old").unwrap();
    let token = TokenCache::load(SecretFile::new(&file)).await.unwrap();
    let stub = Stub::start(move |seen| {
        let is_old = seen.header("authorization") == Some("Splunk old");
        match (seen.path.contains("/ack?"), is_old) {
            (true, false) => Reply::new(200, r#"{"acks":{"0":true}}"#),
            (true, true) => {
                std::fs::write(&file, "new").unwrap();
                Reply::new(403, r#"{"code":4}"#)
            }
            (false, _) => Reply::new(200, r#"{"code":0,"ackId":0}"#),
        }
    })
    .await;
    let client = HecClient::new(&settings(&stub.url(""), ON), token).unwrap();
    let report = client.send(&objects(5), soon()).await;
    assert_eq!((report.accepted, report.requests), (5, 1));
}

#[tokio::test]
async fn no_acknowledgment_is_waited_for_beyond_the_deadline() {
    let fixture = hasty(fixture([Fault::NeverAck]).await, 3_600_000);
    let time = Duration::from_secs(1);
    let (tally, stopped) = fixture.send_within(&objects(5), time).await;
    assert_eq!((tally.left, tally.requests), (5, 1));
    assert_eq!(stopped, unacknowledged("not indexed yet"));
}

#[tokio::test]
async fn a_question_without_answer_ends_with_the_deadline() {
    let stub = Stub::start(|seen| match seen.path.contains("/ack?") {
        true => Reply::never(),
        false => Reply::new(200, r#"{"code":0,"ackId":0}"#),
    })
    .await;
    let hours = Duration::from_secs(10_000);
    let client = client(&settings(&stub.url(""), ON)).with_retry_policy(RetryPolicy {
        request: hours,
        acknowledgment: hours,
        ..retry_policy()
    });
    let until = Instant::now() + Duration::from_secs(1);
    let report = client.send(&objects(5), until).await;
    assert_eq!((report.accepted, report.requests), (0, 1));
    assert_eq!(report.error, unacknowledged("no reply in time"));
}

#[tokio::test]
async fn a_batch_without_acknowledgment_does_not_stop_others() {
    let single = [ON, &[("HEC_BATCH", "single")]].concat();
    let change = |options: &mut CollectorOptions| {
        options.acks = true;
        options.faults.push(Fault::NeverAck);
    };
    let fixture = hasty(Fixture::with(change, &single).await, 3_600_000);
    let time = Duration::from_secs(2);
    let (tally, stopped) = fixture.send_within(&objects(20), time).await;
    let expected = Tally {
        accepted: 19,
        left: 1,
        requests: 20,
        events: 20,
        ..Tally::default()
    };
    assert_eq!(
        (tally, stopped),
        (expected, unacknowledged("not indexed yet"))
    );
}

#[tokio::test]
async fn faults_pass_with_acknowledgment_too() {
    // EventBatch before a rejected one are acknowledged in a request of their own: 0 to 2 after the
    // second request, 0 and 1 after the third.
    let fixture = fixture([
        Fault::Reply(ReplyCode::AcksFull),
        Fault::InvalidAt(3),
        Fault::BusyAt(2),
    ])
    .await;
    let (tally, stopped) = fixture.send(&objects(6)).await;
    let expected = Tally {
        accepted: 5,
        rejected: vec![(3, "hec-6")],
        requests: 6,
        retries: 1,
        events: 10,
        duplicates: 5,
        ..Tally::default()
    };
    assert_eq!((tally, stopped), (expected, None));
}

#[tokio::test]
async fn acknowledgment_on_one_side_only_is_a_setting() {
    // here, there, what the fault says, objects that are indexed all the same
    let table = [
        ("on", false, "its reply has no ackId", 5),
        ("off", true, "HTTP 400, code 10", 0),
    ];
    for (here, there, note, events) in table {
        let change = |options: &mut CollectorOptions| options.acks = there;
        let fixture = Fixture::with(change, &[("HEC_ACKS", here)]).await;
        let (tally, stopped) = fixture.send(&objects(5)).await;
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

#[tokio::test]
async fn polls_that_reach_no_endpoint_are_a_setting_at_the_time_out() {
    for status in [404, 405] {
        let stub = Stub::start(move |seen| match seen.path.contains("/ack?") {
            true => Reply::new(status, "<html>"),
            false => Reply::new(200, r#"{"code":0,"ackId":0}"#),
        })
        .await;
        let settings = settings(&stub.url("/siem/services/collector/event"), ON);
        let client = client(&settings).with_retry_policy(RetryPolicy {
            acknowledgment: Duration::from_millis(300),
            ..retry_policy()
        });
        let until = Instant::now() + Duration::from_secs(20);
        let report = client.send(&objects(5), until).await;
        assert_eq!((report.accepted, report.requests), (0, 1));
        let path = "/siem/services/collector/ack".to_owned();
        let error = report.error.unwrap();
        assert_eq!(error, DeliveryError::NoAckEndpoint { status, path });
        assert!(error.is_configuration());
        let text = error.to_string();
        assert!(text.contains("/siem/services/collector/ack") && !text.contains(TOKEN));
    }
}

#[tokio::test]
async fn no_acknowledgment_is_waited_for_long_after_another_request_stopped_the_run() {
    let single = [ON, &[("HEC_BATCH", "single")]].concat();
    let change = |options: &mut CollectorOptions| {
        options.acks = true;
        let never = std::iter::repeat_n(Fault::NeverAck, 3);
        options.faults.extend(never.chain([Fault::WrongIndex]));
    };
    let hours = Duration::from_secs(10_000);
    let fixture = Fixture::with(change, &single).await.patient(RetryPolicy {
        acknowledgment: hours,
        stop: Duration::from_millis(50),
        ..retry_policy()
    });
    let (tally, stopped) = fixture.send_within(&objects(4), hours).await;
    assert_eq!((tally.accepted, tally.left, tally.requests), (0, 4, 4));
    assert!(matches!(stopped, Some(DeliveryError::Misconfigured(_))));
}
