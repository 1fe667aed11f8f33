//! Load balancers that are sticky by cookie.

use std::time::{Duration, Instant};

use testkit::collector::{CollectorOptions, UnknownChannel};

use crate::common::{objects, pair};

/// Each request may go to another server; its polls have to follow it.
#[tokio::test]
async fn polls_follow_the_cookies_of_their_own_request() {
    let change = |options: &mut CollectorOptions| {
        options.acks = true;
        options.backends = 3;
        options.unknown_channel = UnknownChannel::Rejected;
    };
    let single = [("HEC_ACKS", "on"), ("HEC_BATCH", "single")];
    let (collector, client) = pair(change, &single).await;
    let until = Instant::now() + Duration::from_secs(30);
    let report = client.send(&objects(20), until).await;
    assert_eq!(
        (report.accepted, report.requests, report.retries),
        (20, 20, 0)
    );
    assert_eq!(collector.events().len(), 20);
    // No poll was report to another server.
    assert_eq!(collector.stats().ack_polls, 20);
}
