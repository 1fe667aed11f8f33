//! Polls for acknowledgments.

use hyper::body::Incoming;
use hyper::http::request::Parts;
use serde::Deserialize;

use super::exchange::{Dropped, channel, handling, unreadable};
use super::reply::Reply;
use super::shared::Shared;
use super::{ReplyCode, body};

#[derive(Deserialize)]
struct AckQuery {
    acks: Vec<u64>,
}

/// A poll for acknowledgments.
pub(super) async fn answer(
    shared: &Shared,
    backend: usize,
    parts: &Parts,
    body: Incoming,
) -> Result<Reply, Dropped> {
    shared.counters.ack_poll();
    if !shared.acks {
        return Ok(Reply::Code(ReplyCode::AckDisabled));
    }
    let (deviations, body) = match handling(shared, &shared.poll_faults, body).await {
        Ok(normal) => normal,
        Err(reply) => return reply,
    };
    tokio::time::sleep(deviations.delay).await;
    let channel = match channel(backend, parts) {
        Ok(channel) => channel,
        Err(code) => return Ok(Reply::Code(code)),
    };
    let body = match body::read(body, shared.max_content_length).await {
        Ok(body) => body,
        Err(error) => return unreadable(error),
    };
    if body.is_empty() {
        return Ok(Reply::Code(ReplyCode::NoData));
    }
    let Ok(query) = serde_json::from_slice::<AckQuery>(&body) else {
        return Ok(Reply::Code(ReplyCode::InvalidDataFormat));
    };
    shared.release();
    let memory = &shared.memory;
    let acks = memory.poll(&channel, &query.acks, shared.unknown_channel);
    if deviations.drop_reply {
        return Err(Dropped);
    }
    Ok(acks.map_or(Reply::Code(ReplyCode::InvalidChannel), Reply::Acks))
}
