//! Replies that stay until somebody changes a setting: everything is left, nothing refused.

use delivery::Fault as Stopped;
use testkit::collector::{Fault, ReplyCode};

use crate::bench::{Bench, left, status};
use crate::common::objects;

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
