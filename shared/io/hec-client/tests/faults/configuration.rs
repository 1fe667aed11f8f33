//! Replies that stay until a setting is changed: every event is undelivered, and none is rejected.

use hec_client::DeliveryError;
use testkit::collector::{Fault, ReplyCode};

use crate::common::objects;
use crate::fixture::{Fixture, left, status};

fn misconfigured(note: &str) -> Option<DeliveryError> {
    Some(DeliveryError::Misconfigured(note.to_owned()))
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
        let fixture = Fixture::new([fault.clone()]).await;
        let (tally, stopped) = fixture.send(&objects(5)).await;
        assert_eq!(
            (tally, stopped),
            (left(5, 1), misconfigured(note)),
            "{fault:?}"
        );
    }
}
