//! What requests with events and polls have in common.

use http_body_util::BodyExt as _;
use hyper::StatusCode;
use hyper::body::Incoming;
use hyper::http::request::Parts;

use super::body::{self, Unreadable};
use super::course::{Course, Deviations};
use super::faults::Faults;
use super::reply::{Reply, ReplyCode};
use super::{authorization, shared::Shared};

/// The connection is to be dropped without a reply.
#[derive(Debug, thiserror::Error)]
#[error("connection dropped")]
pub(super) struct Dropped;

/// How the next request in this queue deviates from the usual course, or what it gets instead.
pub(super) async fn course(
    shared: &Shared,
    faults: &Faults,
    mut body: Incoming,
) -> Result<(Deviations, Incoming), Result<Reply, Dropped>> {
    match Course::of(faults.next()) {
        Course::Usual(deviations) => Ok((deviations, body)),
        Course::Drop => {
            let _first = body.frame().await;
            Err(Err(Dropped))
        }
        Course::Restart => {
            shared.restart();
            Err(Err(Dropped))
        }
        Course::Instead(reply) => {
            // Read to the end, so that the client is listening when the reply comes.
            let _discarded = body::read(body, shared.max_content_length).await;
            Err(Ok(reply))
        }
    }
}

/// The reply to a request whose body cannot be read.
pub(super) fn unreadable(why: Unreadable) -> Result<Reply, Dropped> {
    match why {
        Unreadable::TooLarge => Ok(Reply::Html(StatusCode::PAYLOAD_TOO_LARGE)),
        Unreadable::Corrupt => Ok(Reply::At(ReplyCode::InvalidDataFormat, 0)),
        Unreadable::Gone => Err(Dropped),
    }
}

/// The name of the request's channel on this backend.
pub(super) fn channel(backend: usize, parts: &Parts) -> Result<String, ReplyCode> {
    let channel = authorization::channel(&parts.headers, parts.uri.query())?;
    Ok(format!("{backend}/{channel}"))
}
