//! Waiting for the indexers.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use reqwest::{Client, RequestBuilder};
use serde::Deserialize;

use crate::hear::read;
use crate::protocol::Acks;
use crate::sink::Patience;
use crate::token::Token;

/// The longest time between two questions.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
struct Reply {
    acks: HashMap<String, bool>,
}

/// Whether the request with this `id` is reported as indexed, asked for as long as patience lasts
/// and not beyond `until`.
pub(crate) async fn is_indexed(
    (acks, id): (&Acks, u64),
    (http, token): (&Client, &Token),
    patience: &Patience,
    until: Instant,
) -> bool {
    let end = until.min(Instant::now() + patience.acknowledgement);
    let mut pause = Duration::from_millis(50);
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let question = acks.question(http, token, id);
        if is_true(question.timeout(left.min(patience.request)), id).await {
            return true;
        }
        if Instant::now() + pause > end {
            return false;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Whether the answer is yes. A question that fails says nothing of the objects.
async fn is_true(question: RequestBuilder, id: u64) -> bool {
    let Ok(response) = question.send().await else {
        return false;
    };
    let Ok(body) = read(response).await else {
        return false;
    };
    let reply: Option<Reply> = serde_json::from_slice(&body).ok();
    reply.is_some_and(|reply| reply.acks.get(&id.to_string()) == Some(&true))
}
