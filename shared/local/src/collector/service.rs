//! One request, from its route to its reply.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use serde::Deserialize;

use super::body::{self, Unreadable};
use super::course::{Course, Deviations};
use super::objects::{Refusal, index_objects};
use super::reply::Reply;
use super::{ReplyCode, Shared, authorization};

/// The connection is to be dropped without a reply.
#[derive(Debug, thiserror::Error)]
#[error("connection dropped")]
pub(super) struct Dropped;

/// What a path asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Route {
    Event,
    Raw,
    Ack,
    Health,
}

fn route(path: &str) -> Option<Route> {
    Some(match path.strip_suffix('/').unwrap_or(path) {
        "/services/collector" | "/services/collector/event" | "/services/collector/event/1.0" => {
            Route::Event
        }
        "/services/collector/raw" | "/services/collector/raw/1.0" => Route::Raw,
        "/services/collector/ack" => Route::Ack,
        "/services/collector/health" | "/services/collector/health/1.0" => Route::Health,
        _ => return None,
    })
}

/// The response to one request.
///
/// # Errors
/// [`Dropped`] where a fault asks for it or the client has gone; hyper then closes the
/// connection.
pub(super) async fn answer(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Dropped> {
    let (parts, body) = request.into_parts();
    let reply = match (route(parts.uri.path()), &parts.method) {
        (None, _) => Reply::Bare(StatusCode::NOT_FOUND, None),
        (Some(Route::Health), &Method::GET) => Reply::Code(ReplyCode::Healthy),
        (Some(Route::Health), _) => Reply::Bare(StatusCode::METHOD_NOT_ALLOWED, None),
        (Some(route), &Method::POST) => {
            match authorization::authorize(&parts.headers, &shared.token) {
                Ok(()) if route == Route::Ack => acks(&shared, &parts, body).await?,
                Ok(()) => data(&shared, route, &parts, body).await?,
                Err(code) => {
                    shared.counters.unauthorized();
                    Reply::Code(code)
                }
            }
        }
        (Some(_), _) => Reply::Bare(StatusCode::METHOD_NOT_ALLOWED, None),
    };
    Ok(reply.into_response())
}

/// A request with events: faults first, then the checks in Splunk's order.
async fn data(
    shared: &Shared,
    route: Route,
    parts: &Parts,
    mut body: Incoming,
) -> Result<Reply, Dropped> {
    shared.counters.request();
    let usual = match Course::of(shared.faults.next()) {
        Course::Usual(deviations) => deviations,
        Course::Drop => {
            let _first = body.frame().await;
            return Err(Dropped);
        }
        Course::Instead(reply) => {
            // Read to the end, so that the client is listening when the reply comes.
            let _discarded = body::read(body, shared.max_content_length).await;
            return Ok(reply);
        }
    };
    tokio::time::sleep(usual.delay).await;
    let reply = match checked(shared, parts, body).await {
        Err(reply) => reply?,
        Ok((channel, content)) => index(shared, route, &content, usual.stop)
            .unwrap_or_else(|| accepted(shared, channel.as_deref(), &usual)),
    };
    if usual.drop_reply {
        Err(Dropped)
    } else {
        Ok(reply)
    }
}

/// The channel (with acknowledgement) and the inflated content, or the reply to a request
/// that has not got them.
async fn checked(
    shared: &Shared,
    parts: &Parts,
    body: Incoming,
) -> Result<(Option<String>, Bytes), Result<Reply, Dropped>> {
    let channel = match shared.acks {
        None => None,
        Some(_) => Some(
            authorization::channel(&parts.headers, parts.uri.query())
                .map_err(|code| Ok(Reply::Code(code)))?,
        ),
    };
    let gzip = body::is_gzip(&parts.headers)
        .ok_or(Ok(Reply::Bare(StatusCode::UNSUPPORTED_MEDIA_TYPE, None)))?;
    let limit = shared.max_content_length;
    let sent = body::read(body, limit).await.map_err(unreadable)?;
    let content = if gzip && !sent.is_empty() {
        body::inflate(&sent, limit).map_err(unreadable)?
    } else {
        sent.clone()
    };
    shared.counters.body(sent.len(), content.len());
    if shared.is_stopped_by_firewall(&content) {
        return Err(Ok(Reply::Bare(StatusCode::BAD_REQUEST, None)));
    }
    if content.trim_ascii().is_empty() {
        return Err(Ok(Reply::Code(ReplyCode::NoData)));
    }
    Ok((channel, content))
}

fn unreadable(why: Unreadable) -> Result<Reply, Dropped> {
    match why {
        Unreadable::TooLarge => Ok(Reply::Html(StatusCode::PAYLOAD_TOO_LARGE)),
        Unreadable::Corrupt => Ok(Reply::At(ReplyCode::InvalidDataFormat, 0)),
        Unreadable::Gone => Err(Dropped),
    }
}

/// Hands the content on; a reply where it was not accepted whole.
fn index(shared: &Shared, route: Route, content: &[u8], stop: Option<Refusal>) -> Option<Reply> {
    if route == Route::Raw {
        content
            .split(|byte| *byte == b'\n')
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
            .filter(|line| !line.is_empty())
            .for_each(|line| shared.index(line));
        return None;
    }
    match index_objects(content, stop, |object| shared.index(object)) {
        Ok(0) => Some(Reply::Code(ReplyCode::NoData)),
        Ok(_) => None,
        Err(Refusal { code, number }) => Some(Reply::At(code, number)),
    }
}

fn accepted(shared: &Shared, channel: Option<&str>, course: &Deviations) -> Reply {
    match (&shared.acks, channel) {
        (Some(acks), Some(channel)) => {
            shared.counters.ack();
            Reply::Accepted(course.success, acks.give(channel, !course.never_ack))
        }
        _ => Reply::Code(course.success),
    }
}

#[derive(Deserialize)]
struct AckQuery {
    acks: Vec<u64>,
}

/// A poll for acknowledgements.
async fn acks(shared: &Shared, parts: &Parts, body: Incoming) -> Result<Reply, Dropped> {
    shared.counters.ack_poll();
    let Some(acks) = &shared.acks else {
        return Ok(Reply::Code(ReplyCode::AckDisabled));
    };
    let channel = match authorization::channel(&parts.headers, parts.uri.query()) {
        Ok(channel) => channel,
        Err(code) => return Ok(Reply::Code(code)),
    };
    let body = match body::read(body, shared.max_content_length).await {
        Ok(body) => body,
        Err(why) => return unreadable(why),
    };
    if body.is_empty() {
        return Ok(Reply::Code(ReplyCode::NoData));
    }
    Ok(match serde_json::from_slice::<AckQuery>(&body) {
        Ok(query) => Reply::Acks(acks.poll(&channel, &query.acks)),
        Err(_) => Reply::Code(ReplyCode::InvalidDataFormat),
    })
}
