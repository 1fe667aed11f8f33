//! What requests with events and polls have in common.

use http_body_util::BodyExt as _;
use hyper::StatusCode;
use hyper::body::Incoming;
use hyper::http::request::Parts;

use super::body::{self, BodyError};
use super::faults::Faults;
use super::handling::{Deviations, Handling};
use super::reply::{Reply, ReplyCode};
use super::{authorization, shared::Shared};

/// The connection is dropped without a reply.
#[derive(Debug, thiserror::Error)]
#[error("connection dropped")]
pub(super) struct Dropped;

/// The deviations of the next request by the queue of faults.
///
/// # Errors
/// The reply without checks, or the end of the connection.
pub(super) async fn handling(
    shared: &Shared,
    faults: &Faults,
    mut body: Incoming,
) -> Result<(Deviations, Incoming), Result<Reply, Dropped>> {
    match Handling::of(faults.next()) {
        Handling::Normal(deviations) => Ok((deviations, body)),
        Handling::Drop => {
            let _first = body.frame().await;
            Err(Err(Dropped))
        }
        Handling::Restart => {
            shared.restart();
            Err(Err(Dropped))
        }
        Handling::Reply(reply) => {
            // Read to the end, so that the client receives the reply.
            let _discarded = body::read(body, shared.max_content_length).await;
            Err(Ok(reply))
        }
    }
}

/// The reply to a request whose body cannot be read.
pub(super) fn unreadable(error: BodyError) -> Result<Reply, Dropped> {
    match error {
        BodyError::TooLarge => Ok(Reply::Html(StatusCode::PAYLOAD_TOO_LARGE)),
        BodyError::Corrupt => Ok(Reply::At(ReplyCode::InvalidDataFormat, 0)),
        BodyError::Closed => Err(Dropped),
    }
}

/// The name of the request's channel on this backend.
pub(super) fn channel(backend: usize, parts: &Parts) -> Result<String, ReplyCode> {
    let channel = authorization::channel(&parts.headers, parts.uri.query())?;
    Ok(format!("{backend}/{channel}"))
}
