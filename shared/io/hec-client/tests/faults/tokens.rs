//! A token that is rejected: read again once, then everything is left.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use hec::EventBatch;
use hec_client::{DeliveryError, DeliveryReport, HecClient, SecretFile, TokenCache};
use testkit::collector::{Collector, CollectorOptions, Fault, ReplyCode};

use crate::common::{TOKEN, objects, retry_policy, settings};
use crate::fixture::{Fixture, Tally};
use crate::stub::{Reply, Stub, soon};

/// A client that has its token from a file.
struct Rotating {
    collector: Collector,
    client: HecClient,
    file: PathBuf,
    _folder: tempfile::TempDir,
}

impl Rotating {
    async fn new(first: &str, pairs: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        std::fs::write(&file, first).unwrap();
        let collector = Collector::start(CollectorOptions::new(TOKEN))
            .await
            .unwrap();
        let token = TokenCache::load(SecretFile::new(&file)).await.unwrap();
        let client = HecClient::new(&settings(&collector.url(), pairs), token).unwrap();
        Self {
            collector,
            client: client.with_retry_policy(retry_policy()),
            file,
            _folder: folder,
        }
    }

    async fn send(&self, objects: &EventBatch) -> (Tally, DeliveryReport) {
        let until = Instant::now() + Duration::from_secs(30);
        let report = self.client.send(objects, until).await;
        let tally = Tally::of(objects, &report, &self.collector.events());
        (tally, report)
    }
}

/// The token of a client with a fixed one is rejected.
fn unauthorized(reply: &str) -> DeliveryError {
    DeliveryError::Unauthorized {
        reply: reply.to_owned(),
        token: "this process".to_owned(),
    }
}

fn left(requests: u64, retries: u64) -> Tally {
    Tally {
        left: 5,
        requests,
        retries,
        ..Tally::default()
    }
}

#[tokio::test]
async fn a_rotated_token_is_read_and_used() {
    let rotating = Rotating::new("old", &[]).await;
    std::fs::write(&rotating.file, format!(r#"{{"hec_token":"{TOKEN}"}}"#)).unwrap();
    let (tally, report) = rotating.send(&objects(5)).await;
    let expected = Tally {
        accepted: 5,
        requests: 2,
        retries: 1,
        events: 5,
        ..Tally::default()
    };
    assert_eq!((tally, report.error), (expected, None));
    assert_eq!(rotating.collector.stats().unauthorized, 1);

    // From now on the new one is used at once.
    let one = objects(1);
    let until = Instant::now() + Duration::from_secs(30);
    assert_eq!(rotating.client.send(&one, until).await.requests, 1);
    assert_eq!(rotating.collector.stats().unauthorized, 1);
}

#[tokio::test]
async fn requests_under_way_share_the_new_token() {
    let rotating = Rotating::new("old", &[("HEC_BATCH", "single")]).await;
    std::fs::write(&rotating.file, TOKEN).unwrap();
    let (tally, report) = rotating.send(&objects(20)).await;
    let rejected = rotating.collector.stats().unauthorized;
    assert!((1..=4).contains(&rejected), "{rejected}");
    let expected = Tally {
        accepted: 20,
        requests: 20 + rejected,
        retries: rejected,
        events: 20,
        ..Tally::default()
    };
    assert_eq!((tally, report.error), (expected, None));
}

#[tokio::test]
async fn a_token_that_stays_wrong_leaves_everything() {
    // What stands in the file at the second reading, and the requests until the end.
    let table = [
        (Some("wrong"), left(1, 0)),
        (Some(""), left(1, 0)),
        (Some("{}"), left(1, 0)),
        (None, left(1, 0)),
        (Some("wrong-too"), left(2, 1)),
    ];
    for (second, expected) in table {
        let rotating = Rotating::new("wrong", &[]).await;
        match second {
            Some(text) => std::fs::write(&rotating.file, text).unwrap(),
            None => std::fs::remove_file(&rotating.file).unwrap(),
        }
        let (tally, report) = rotating.send(&objects(5)).await;
        let fault = report.error.unwrap();
        assert_eq!(tally, expected, "{second:?}");
        let expected = DeliveryError::Unauthorized {
            reply: "HTTP 403, code 4".to_owned(),
            token: format!("the file {}", rotating.file.display()),
        };
        assert_eq!(fault, expected);
        assert!(fault.is_configuration());
        assert!(!fault.to_string().contains("wrong"), "{fault}");
    }
}

#[tokio::test]
async fn a_token_that_changes_at_every_reading_is_read_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "token-0").unwrap();
    let token = TokenCache::load(SecretFile::new(&file)).await.unwrap();
    let asked = AtomicUsize::new(0);
    let stub = Stub::start(move |_| {
        let next = asked.fetch_add(1, Relaxed) + 1;
        std::fs::write(&file, format!("token-{next}")).unwrap();
        Reply::new(403, r#"{"text":"Invalid token","code":4}"#)
    })
    .await;
    let client = HecClient::new(&settings(&stub.url(""), &[]), token).unwrap();
    let objects = objects(5);
    let report = client.send(&objects, soon()).await;
    assert_eq!(Tally::of(&objects, &report, &[]), left(2, 1));
    let seen = stub.seen();
    let tokens: Vec<_> = seen
        .iter()
        .map(|seen| seen.header("authorization"))
        .collect();
    assert_eq!(tokens, [Some("Splunk token-0"), Some("Splunk token-1")]);
}

#[tokio::test]
async fn every_kind_of_refusal_leaves_everything() {
    let bare = |status| Fault::Status {
        status,
        retry_after: None,
    };
    for (fault, note) in [
        (Fault::Reply(ReplyCode::TokenDisabled), "HTTP 403, code 1"),
        (Fault::Reply(ReplyCode::TokenRequired), "HTTP 401, code 2"),
        (
            Fault::Reply(ReplyCode::InvalidAuthorization),
            "HTTP 401, code 3",
        ),
        (bare(401), "HTTP 401 without a HEC reply"),
        (bare(403), "HTTP 403 without a HEC reply"),
    ] {
        let fixture = Fixture::new([fault.clone()]).await;
        let (tally, stopped) = fixture.send(&objects(5)).await;
        let why = Some(unauthorized(note));
        assert_eq!((tally, stopped), (left(1, 0), why), "{fault:?}");
    }
}

#[tokio::test]
async fn without_a_token_there_is_no_sink() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    let missing = TokenCache::load(SecretFile::new(&file))
        .await
        .err()
        .unwrap();
    assert!(missing.to_string().starts_with("cannot read the token in"));
    std::fs::write(&file, "two words").unwrap();
    let wrong = TokenCache::load(SecretFile::new(&file))
        .await
        .err()
        .unwrap();
    assert!(wrong.to_string().contains("holds no token"), "{wrong}");
    assert!(!wrong.to_string().contains("two words"), "{wrong}");
}
