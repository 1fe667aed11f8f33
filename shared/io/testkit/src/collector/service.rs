//! Requests and their replies.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};

use super::body;
use super::exchange::{Dropped, channel, handling, unreadable};
use super::handling::Deviations;
use super::memory::Fate;
use super::objects::{RejectedObject, index_objects};
use super::reply::Reply;
use super::shared::Shared;
use super::{ReplyCode, authorization, poll};

/// The endpoint of a path.
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
/// [`Dropped`] by a fault or if the client closed the connection; hyper then closes it.
pub(super) async fn answer(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Dropped> {
    let (parts, body) = request.into_parts();
    let backend = shared.backends.of(&parts.headers);
    let reply = match (route(parts.uri.path()), &parts.method) {
        (None, _) => Reply::Bare(StatusCode::NOT_FOUND, None),
        (Some(Route::Health), &Method::GET) => Reply::Code(ReplyCode::Healthy),
        (Some(Route::Health), _) => Reply::Bare(StatusCode::METHOD_NOT_ALLOWED, None),
        (Some(route), &Method::POST) => {
            match authorization::authorize(&parts.headers, &shared.token) {
                Ok(()) if route == Route::Ack => {
                    poll::answer(&shared, backend, &parts, body).await?
                }
                Ok(()) => data(&shared, route, backend, &parts, body).await?,
                Err(code) => {
                    shared.counters.unauthorized();
                    Reply::Code(code)
                }
            }
        }
        (Some(_), _) => Reply::Bare(StatusCode::METHOD_NOT_ALLOWED, None),
    };
    let mut response = reply.into_response();
    shared.backends.stick(backend, response.headers_mut());
    Ok(response)
}

/// A request with events: faults first, then the checks in Splunk's order.
async fn data(
    shared: &Shared,
    route: Route,
    backend: usize,
    parts: &Parts,
    body: Incoming,
) -> Result<Reply, Dropped> {
    shared.counters.request();
    let (deviations, body) = match handling(shared, &shared.faults, body).await {
        Ok(normal) => normal,
        Err(reply) => return reply,
    };
    tokio::time::sleep(deviations.delay).await;
    let reply = match checked(shared, backend, parts, body).await {
        Err(reply) => reply?,
        Ok((channel, content)) => accept(shared, route, &content, channel.as_deref(), &deviations),
    };
    if deviations.drop_reply {
        Err(Dropped)
    } else {
        Ok(reply)
    }
}

/// The channel (with acknowledgment) and the inflated content, or the reply to a request
/// without them.
async fn checked(
    shared: &Shared,
    backend: usize,
    parts: &Parts,
    body: Incoming,
) -> Result<(Option<String>, Bytes), Result<Reply, Dropped>> {
    let channel = if shared.acks {
        Some(channel(backend, parts).map_err(|code| Ok(Reply::Code(code)))?)
    } else {
        None
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
    if shared.is_blocked_by_firewall(&content) {
        return Err(Ok(Reply::Bare(StatusCode::BAD_REQUEST, None)));
    }
    if content.trim_ascii().is_empty() {
        return Err(Ok(Reply::Code(ReplyCode::NoData)));
    }
    Ok((channel, content))
}

/// Indexes or holds the objects up to the first bad one, and returns the reply.
fn accept(
    shared: &Shared,
    route: Route,
    content: &[u8],
    channel: Option<&str>,
    deviations: &Deviations,
) -> Reply {
    let mut held = Vec::new();
    let rejected = each_object(route, content, deviations.stop, |object| {
        match deviations.fate {
            Fate::Indexed { .. } => shared.index(object),
            Fate::Held(_) => held.push(object.to_vec()),
        }
    });
    // Objects before a bad one are accepted, but a rejected request has no acknowledgment.
    let channel = channel.filter(|_| rejected.is_none());
    let id = match deviations.fate {
        Fate::Held(time) => shared.memory.hold(held, channel, time),
        Fate::Indexed { acknowledged } => {
            channel.map(|channel| shared.memory.acknowledge(channel, acknowledged))
        }
    };
    if id.is_some() {
        shared.counters.ack();
    }
    let success = id.map_or(Reply::Code(deviations.success), |id| {
        Reply::Accepted(deviations.success, id)
    });
    rejected.unwrap_or(success)
}

/// Calls `accept` for each object before the first bad one. Returns the reply if there is a bad one or
/// no object.
fn each_object(
    route: Route,
    content: &[u8],
    stop: Option<RejectedObject>,
    mut accept: impl FnMut(&[u8]),
) -> Option<Reply> {
    if route == Route::Raw {
        content
            .split(|byte| *byte == b'\n')
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
            .filter(|line| !line.is_empty())
            .for_each(accept);
        return None;
    }
    match index_objects(content, stop, &mut accept) {
        Ok(0) => Some(Reply::Code(ReplyCode::NoData)),
        Ok(_) => None,
        Err(RejectedObject { code, number }) => Some(Reply::At(code, number)),
    }
}
