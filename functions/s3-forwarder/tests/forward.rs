//! One object, from its bytes to a collector, faults included: the sum is always the input.
#![allow(clippy::unwrap_used, reason = "a test may stop at what is not there")]

use std::io::Write as _;
use std::time::{Duration, Instant};

use bytes::Bytes;
use delivery::{DeadLetters, Outbox, Patience, Sink, Token, TokenCache};
use flate2::Compression;
use flate2::write::GzEncoder;
use forwarding::{Encoder, Tally};
use local::collector::{Collector, CollectorOptions, Fault};
use pipeline::{Lane, Rules};
use s3_forwarder::{Broken, Chunks, End, Forward, Task};
use settings::{RawSettings, Settings};

const KEY: &str = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/01/01/file.json.gz";

/// Bytes in chunks of any size, which may break off.
struct Parts {
    parts: std::vec::IntoIter<Vec<u8>>,
    breaks: bool,
}

impl Parts {
    fn of(bytes: &[u8], size: usize) -> Self {
        let parts: Vec<Vec<u8>> = bytes.chunks(size).map(<[u8]>::to_vec).collect();
        Self {
            parts: parts.into_iter(),
            breaks: false,
        }
    }
}

impl Chunks for Parts {
    async fn next(&mut self) -> Option<Result<Bytes, Broken>> {
        match self.parts.next() {
            Some(part) => Some(Ok(part.into())),
            None => self.breaks.then(|| Err(Broken("reset".into()))),
        }
    }
}

fn record(number: usize) -> String {
    format!(
        r#"{{"eventVersion":"1.09","eventTime":"2026-01-01T00:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","eventID":"{number}","userIdentity":{{"type":"IAMUser","userName":"asha.rao"}},"requestParameters":{{"a":"{}"}}}}"#,
        "x".repeat(number % 700)
    )
}

fn file(records: &[String]) -> Vec<u8> {
    format!("{{\"Records\":[{}]}}", records.join(",")).into_bytes()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

struct Rig {
    collector: Collector,
    encoder: Encoder,
    outbox: Outbox,
    tally: Tally,
    settings: Settings,
}

impl Rig {
    async fn new(more: &[(&str, &str)]) -> Self {
        let collector = Collector::start(CollectorOptions::new("t")).await.unwrap();
        let mut raw: RawSettings = more.iter().copied().collect();
        raw.set("HEC_URL", collector.url());
        raw.set("HEC_MAX_BYTES", "20000");
        let settings = settings::resolve(&raw).unwrap();
        let token = TokenCache::fixed(Token::parse(b"t", "x").unwrap());
        let patience = Patience {
            first_pause: Duration::from_millis(1),
            longest_pause: Duration::from_millis(5),
            ..Patience::default()
        };
        let sink = Sink::new(&settings.delivery, token)
            .unwrap()
            .with_patience(patience);
        Self {
            collector,
            encoder: Encoder::new(Lane::new(&settings, None, Rules::none())),
            outbox: Outbox::new(sink, DeadLetters::None, "test"),
            tally: Tally::default(),
            settings,
        }
    }

    async fn forward(&mut self, task: &Task, parts: Parts, time: Duration) -> End {
        let mut forward = Forward {
            encoder: &mut self.encoder,
            outbox: &self.outbox,
            tally: &mut self.tally,
            only_over_bytes: self.settings.delivery.only_over_bytes,
            flush_bytes: 60_000,
            until: Instant::now() + time,
            is_replay: false,
        };
        forward.object(task, parts).await
    }

    /// The ids of the events at the collector, in order of their numbers.
    fn arrived(&self) -> Vec<usize> {
        let id = |object: &Vec<u8>| {
            let object: serde_json::Value = serde_json::from_slice(object).unwrap();
            object["event"]["eventID"]
                .as_str()
                .and_then(|id| id.parse().ok())
        };
        let mut all: Vec<usize> = self.collector.events().iter().filter_map(id).collect();
        all.sort_unstable();
        all
    }

    fn reconciles(&self) -> bool {
        self.tally.counters.reconcile()
    }
}

fn task() -> Task {
    Task::new("logs", KEY.into(), None)
}

const LONG: Duration = Duration::from_secs(30);

#[tokio::test]
async fn every_record_arrives_once_however_the_bytes_do() {
    let records: Vec<String> = (0..500).map(record).collect();
    for bytes in [
        gzip(&file(&records)),
        file(&records),
        [gzip(&file(&records[..200])), gzip(&file(&records[200..]))].concat(),
    ] {
        for size in [7, 1000, 1_000_000] {
            let mut rig = Rig::new(&[]).await;
            assert_eq!(
                rig.forward(&task(), Parts::of(&bytes, size), LONG).await,
                End::Done
            );
            assert_eq!(rig.arrived(), (0..500).collect::<Vec<_>>());
            assert!(rig.reconciles());
        }
    }
}

#[tokio::test]
async fn the_source_is_the_object_and_nothing_is_altered() {
    let mut rig = Rig::new(&[]).await;
    let odd = r#"{"eventVersion":"1.09","eventTime":"2026-01-01T00:00:00Z","n":12345678901234567890123,"f":1.10,"s":"\u0041"}"#;
    rig.forward(&task(), Parts::of(&file(&[odd.to_owned()]), 99), LONG)
        .await;
    let event = String::from_utf8(rig.collector.events().remove(0)).unwrap();
    assert!(
        event.contains(odd) && event.contains(&format!("\"source\":\"s3://logs/{KEY}\"")),
        "{event}"
    );
    assert!(event.contains("\"delivery_path\":\"s3\""), "{event}");
}

#[tokio::test]
async fn one_bad_record_costs_no_other() {
    let mut rig = Rig::new(&[]).await;
    let mut records: Vec<String> = (0..5).map(record).collect();
    records.insert(2, r#"{"eventVersion":"1.09",,"x":[1]}"#.to_owned());
    assert_eq!(
        rig.forward(&task(), Parts::of(&file(&records), 64), LONG)
            .await,
        End::Done
    );
    assert_eq!(rig.arrived(), [0, 1, 2, 3, 4]);
    let counters = rig.tally.counters;
    assert_eq!(
        (counters.events_in, counters.events_out),
        (6, 6),
        "what stands for it is an event"
    );
    let stands = rig
        .collector
        .events()
        .iter()
        .filter(|object| String::from_utf8_lossy(object).contains("parse_error"))
        .count();
    assert_eq!(stands, 1);
}

#[tokio::test]
async fn an_object_cut_short_gives_what_it_has() {
    let records: Vec<String> = (0..300).map(record).collect();
    let whole = gzip(&file(&records));
    for bytes in [
        &whole[..whole.len() / 2],
        &whole[..whole.len() - 4],
        &file(&records)[..5000],
    ] {
        let mut rig = Rig::new(&[]).await;
        assert_eq!(
            rig.forward(&task(), Parts::of(bytes, 512), LONG).await,
            End::Done
        );
        let arrived = rig.arrived();
        assert_eq!(arrived, (0..arrived.len()).collect::<Vec<_>>());
        assert!(!arrived.is_empty() && rig.reconciles());
        let told = rig
            .collector
            .events()
            .iter()
            .any(|object| String::from_utf8_lossy(object).contains("parse_error"));
        assert!(told || arrived.len() == 300);
    }
}

#[tokio::test]
async fn what_broke_off_on_its_way_is_continued() {
    let records: Vec<String> = (0..400).map(record).collect();
    let bytes = gzip(&file(&records));
    let mut rig = Rig::new(&[]).await;
    let mut half = Parts::of(&bytes[..bytes.len() / 2], 512);
    half.breaks = true;
    let End::Left(rest, reason) = rig.forward(&task(), half, LONG).await else {
        panic!("it is not whole");
    };
    assert!(reason.contains("broke off"), "{reason}");
    assert_eq!(rig.arrived().len() as u64, rest.next_record);
    assert_eq!(
        rig.forward(&rest, Parts::of(&bytes, 512), LONG).await,
        End::Done
    );
    assert_eq!(
        rig.arrived(),
        (0..400).collect::<Vec<_>>(),
        "nothing twice, nothing lost"
    );
}

#[tokio::test]
async fn a_collector_that_goes_away_costs_nothing() {
    let records: Vec<String> = (0..400).map(record).collect();
    let bytes = gzip(&file(&records));
    let mut rig = Rig::new(&[]).await;
    rig.collector
        .faults()
        .extend([Fault::Slow(Duration::ZERO), Fault::Slow(Duration::ZERO)]);
    rig.collector
        .faults()
        .extend(vec![Fault::BusyCode9; 10_000]);
    let End::Left(rest, _) = rig
        .forward(&task(), Parts::of(&bytes, 4096), Duration::from_millis(400))
        .await
    else {
        panic!("the collector is busy");
    };
    let before = rig.arrived();
    assert!(!before.is_empty() && before.len() < 400);
    assert!(rig.reconciles());
    assert_eq!(rig.tally.counters.events_out as usize, before.len());
    // The collector is back.
    let mut back = Rig::new(&[]).await;
    assert_eq!(
        back.forward(&rest, Parts::of(&bytes, 4096), LONG).await,
        End::Done
    );
    let mut all = [before, back.arrived()].concat();
    all.sort_unstable();
    assert_eq!(
        all,
        (0..400).collect::<Vec<_>>(),
        "nothing twice, nothing lost"
    );
}

#[tokio::test]
async fn digests_and_foreign_objects_are_told_apart() {
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
        let mut rig = Rig::new(&[]).await;
        let task = Task::new("logs", key.into(), None);
        assert_eq!(
            rig.forward(&task, Parts::of(content, 50), LONG).await,
            End::Foreign,
            "{key}"
        );
        assert!(rig.collector.events().is_empty() && rig.reconciles());
    }
    let mut rig = Rig::new(&[]).await;
    let empty = Task::new("logs", "AWSLogs/1/CloudTrail/x.json".into(), None);
    assert_eq!(
        rig.forward(&empty, Parts::of(b"{\"Records\":[]}", 50), LONG)
            .await,
        End::Done
    );
    assert!(rig.collector.events().is_empty());
}

#[tokio::test]
async fn a_strange_beginning_does_not_make_an_object_foreign() {
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
        let mut rig = Rig::new(&[]).await;
        let task = Task::new("logs", key.into(), None);
        assert_eq!(
            rig.forward(&task, Parts::of(&content, 64), LONG).await,
            End::Done,
            "{key}"
        );
        assert_eq!(rig.arrived(), [0, 1, 2, 3, 4]);
        assert_eq!(
            rig.collector.events().len(),
            6,
            "what could not be read has a stand-in"
        );
        assert!(rig.reconciles());
    }
    let mut rig = Rig::new(&[]).await;
    let task = Task::new("logs", "archive/x.json.gz".into(), None);
    let cut = &gzip(lines.as_bytes())[..14];
    assert_eq!(rig.forward(&task, Parts::of(cut, 5), LONG).await, End::Done);
    assert_eq!(
        (
            rig.collector.events().len(),
            rig.tally.counters.records_failed
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn only_large_records_are_sent_where_the_others_have_a_route() {
    let mut rig = Rig::new(&[("ONLY_OVER_BYTES", "600")]).await;
    let records: Vec<String> = (0..700).map(record).collect();
    rig.forward(&task(), Parts::of(&gzip(&file(&records)), 4096), LONG)
        .await;
    let expected: Vec<usize> = (0..700).filter(|n| records[*n].len() > 600).collect();
    assert_eq!(rig.arrived(), expected);
    assert_eq!(
        rig.tally.counters.events_dropped as usize,
        700 - expected.len()
    );
}

#[tokio::test]
async fn a_deadline_stops_between_requests_and_the_rest_is_continued() {
    let records: Vec<String> = (0..2000).map(record).collect();
    let bytes = gzip(&file(&records));
    let mut rig = Rig::new(&[]).await;
    rig.collector
        .faults()
        .extend(vec![Fault::Slow(Duration::from_millis(30)); 40]);
    let mut task = task();
    let mut rounds = 0;
    while let End::Left(rest, _) = rig
        .forward(&task, Parts::of(&bytes, 4096), Duration::from_millis(120))
        .await
    {
        task = *rest;
        rounds += 1;
    }
    let arrived = rig.arrived();
    let distinct: std::collections::BTreeSet<usize> = arrived.iter().copied().collect();
    assert_eq!(distinct.len(), 2000, "nothing lost");
    assert!(rounds > 0);
    // A request that is cut off at the deadline may have been heard: those alone come twice.
    assert!(
        arrived.len() - distinct.len() <= rounds * 4 * 40,
        "{} twice",
        arrived.len() - distinct.len()
    );
}
