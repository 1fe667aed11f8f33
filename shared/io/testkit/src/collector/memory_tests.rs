//! Acknowledgments, events in memory, restarts and load balancing.

use std::time::Duration;

use super::tests::{CHANNEL, Client, TOKEN, send, start};
use super::*;

const EVENT: &str = "/services/collector";
const ACK: &str = "/services/collector/ack";
const POLL: &str = r#"{"acks":[0]}"#;
const NO: &str = r#"{"acks":{"0":false}}"#;
const YES: &str = r#"{"acks":{"0":true}}"#;

async fn with_acks(change: impl FnOnce(&mut CollectorOptions)) -> (Collector, Client) {
    start(|options| {
        options.acks = true;
        change(options);
    })
    .await
}

#[tokio::test]
async fn a_restart_counts_from_0_again_and_loses_events_in_memory() {
    let held = vec![Fault::IndexedAfter(None); 2];
    let (collector, client) = with_acks(|options| options.faults = held).await;
    for id in 0..2 {
        let seen = client.on_channel(EVENT, r#"{"event":"old"}"#).await;
        assert_eq!((seen.code(), &seen.json()["ackId"]), (0, &id.into()));
    }
    assert_eq!(client.on_channel(ACK, POLL).await.body, NO);
    collector.restart();
    let client = Client::of(&collector);
    assert_eq!(client.on_channel(ACK, POLL).await.body, NO);
    let seen = client.on_channel(EVENT, r#"{"event":"new"}"#).await;
    assert_eq!(seen.json()["ackId"], 0);
    assert_eq!(client.on_channel(ACK, POLL).await.body, YES);
    assert_eq!(collector.events(), [br#"{"event":"new"}"#]);
}

#[tokio::test]
async fn events_in_memory_are_indexed_and_acknowledged_in_time() {
    let held = vec![Fault::IndexedAfter(Some(Duration::ZERO))];
    let (collector, client) = with_acks(|options| options.faults = held).await;
    client.on_channel(EVENT, r#"{"event":1}"#).await;
    assert_eq!(client.on_channel(ACK, POLL).await.body, YES);
    collector.restart();
    assert_eq!(collector.events().len(), 1);
}

#[tokio::test]
async fn a_restart_drops_every_connection() {
    let (collector, client) = with_acks(|options| options.faults = vec![Fault::Restart]).await;
    let other = tokio::net::TcpStream::connect(collector.addr())
        .await
        .unwrap();
    let request = client.post(EVENT, r#"{"event":1}"#);
    let request = request.header("Authorization", format!("Splunk {TOKEN}"));
    assert!(request.send().await.is_err());
    other.readable().await.unwrap();
    assert_eq!(
        other.try_read(&mut [0]).unwrap(),
        0,
        "the other one is closed"
    );
    let client = Client::of(&collector);
    assert_eq!(client.on_channel(EVENT, r#"{"event":1}"#).await.code(), 0);
    assert_eq!(collector.events().len(), 1);
}

#[tokio::test]
async fn unknown_channels_are_rejected_by_option() {
    let (_collector, client) =
        with_acks(|options| options.unknown_channel = UnknownChannel::Rejected).await;
    assert_eq!(client.on_channel(ACK, POLL).await.code(), 11);
    client.on_channel(EVENT, r#"{"event":1}"#).await;
    assert_eq!(client.on_channel(ACK, POLL).await.body, YES);
}

#[tokio::test]
async fn polls_have_separate_faults() {
    let faults = vec![Fault::BusyCode9, Fault::ResetAfterIndexing];
    let (collector, client) = with_acks(|options| options.poll_faults = faults).await;
    client.on_channel(EVENT, r#"{"event":1}"#).await;
    assert_eq!(client.on_channel(ACK, POLL).await.code(), 9);
    let lost = client.post(ACK, POLL);
    let lost = lost.header("Authorization", format!("Splunk {TOKEN}"));
    let lost = lost.header("X-Splunk-Request-Channel", CHANNEL);
    assert!(lost.send().await.is_err());
    let seen = client.on_channel(ACK, POLL).await;
    assert_eq!(seen.body, NO, "true was said once, in the lost reply");
    assert!(collector.poll_faults().is_empty());
}

#[tokio::test]
async fn objects_before_a_busy_reply_can_be_lost() {
    let faults = vec![Fault::BusyAtInMemory(1)];
    let (collector, client) = with_acks(|options| options.faults = faults).await;
    let seen = client.on_channel(EVENT, r#"{"event":1}{"event":2}"#).await;
    assert_eq!((seen.code(), seen.number()), (9, Some(1)));
    assert_eq!(seen.json().get("ackId"), None);
    collector.restart();
    assert!(collector.events().is_empty());
}

#[tokio::test]
async fn a_cookie_selects_the_same_backend() {
    let (_collector, client) = with_acks(|options| options.backends = 2).await;
    let request = |path: &str, body: &'static str, cookie: Option<&str>| {
        let request = client.post(path, body);
        let request = request.header("Authorization", format!("Splunk {TOKEN}"));
        let request = request.header("X-Splunk-Request-Channel", CHANNEL);
        match cookie {
            Some(cookie) => request.header("Cookie", cookie),
            None => request,
        }
    };
    let reply = request(EVENT, r#"{"event":1}"#, None).send().await.unwrap();
    let cookie = reply.headers()["set-cookie"].to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    assert_eq!(send(request(ACK, POLL, None)).await.body, NO);
    for _ in 0..2 {
        // Any value selects it, not only the last one.
        assert_eq!(
            send(request(ACK, r#"{"acks":[7]}"#, Some(&cookie)))
                .await
                .status,
            200
        );
    }
    assert_eq!(send(request(ACK, POLL, Some(&cookie))).await.body, YES);
}

#[test]
fn a_seed_gives_the_same_incidents() {
    let slow = Duration::from_millis(100);
    let all: Vec<Incidents> = (0..50).map(|seed| Incidents::seeded(seed, slow)).collect();
    assert_eq!(all[7], Incidents::seeded(7, slow));
    assert_ne!(all[7], all[8]);
    let has_restart = |faults: &[Fault]| faults.contains(&Fault::Restart);
    assert!(all.iter().filter(|run| has_restart(&run.requests)).count() > 25);
    assert!(all.iter().filter(|run| has_restart(&run.polls)).count() > 25);
}
