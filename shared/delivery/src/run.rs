//! One round of sending: requests, retries, halves.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use bytes::BytesMut;
use hec::{Objects, Verdict};
use reqwest::header::RETRY_AFTER;
use reqwest::{RequestBuilder, Response};
use serde::Deserialize;
use tracing::{debug, info, warn};

use crate::sink::{Fault, Refusal, Sink};

/// The most of a reply that is read; a HEC reply has some 50 bytes.
const MAX_REPLY: usize = 64 * 1024;

/// What all requests of a round share.
pub(crate) struct Run<'s> {
    sink: &'s Sink,
    objects: &'s Objects,
    until: Instant,
    fault: Mutex<Option<Fault>>,
    requests: AtomicU64,
    retries: AtomicU64,
}

/// What became of one batch.
#[derive(Default)]
pub(crate) struct Part {
    pub(crate) refused: Vec<Refusal>,
    pub(crate) left: Vec<Range<usize>>,
}

/// How a request ended for good.
enum Outcome {
    Accepted,
    Refused {
        object: usize,
        code: u32,
    },
    TooMuch,
    Unexplained,
    /// The round is over.
    Stopped,
}

/// Objects that are still to be sent, and whether it is known that one of them is bad.
struct Piece {
    range: Range<usize>,
    is_suspect: bool,
}

/// One reply, or why there is none.
struct Heard {
    verdict: Verdict,
    retry_after: Option<Duration>,
    /// For people: no content.
    note: String,
}

#[derive(Deserialize)]
struct AckReply {
    acks: std::collections::HashMap<String, bool>,
}

impl<'s> Run<'s> {
    pub(crate) fn new(sink: &'s Sink, objects: &'s Objects, until: Instant) -> Self {
        Self {
            sink,
            objects,
            until,
            fault: Mutex::default(),
            requests: AtomicU64::new(0),
            retries: AtomicU64::new(0),
        }
    }

    /// Why the round stopped, its requests and repeated requests.
    pub(crate) fn end(self) -> (Option<Fault>, u64, u64) {
        let fault = self
            .fault
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        (fault, self.requests.into_inner(), self.retries.into_inner())
    }

    /// Sends the objects in `range`, which fit one request.
    pub(crate) async fn batch(&self, range: Range<usize>) -> Part {
        let mut part = Part::default();
        let mut waiting = vec![Piece {
            range,
            is_suspect: false,
        }];
        while let Some(mut piece) = waiting.pop() {
            if piece.range.is_empty() {
                continue;
            }
            let outcome = self.request(&mut piece.range).await;
            if matches!(outcome, Outcome::Unexplained) && !piece.is_suspect {
                self.explain(piece.range, &mut waiting, &mut part).await;
            } else {
                self.settle(outcome, piece, &mut waiting, &mut part);
            }
        }
        part
    }

    /// Finds out whether a 400 without a code is about an object or about all requests: where
    /// both halves are answered so too, no request will ever be taken.
    async fn explain(&self, range: Range<usize>, waiting: &mut Vec<Piece>, part: &mut Part) {
        let mut halves = halves(&range);
        let mut outcomes = Vec::new();
        if range.len() > 1 {
            for half in &mut halves {
                outcomes.push(self.request(half).await);
            }
        }
        if outcomes
            .iter()
            .all(|outcome| matches!(outcome, Outcome::Unexplained))
        {
            self.stop(Fault::Misconfigured(
                "HTTP 400 without a HEC code".to_owned(),
            ));
            part.left.push(range);
            return;
        }
        for (outcome, range) in outcomes.into_iter().zip(halves) {
            let piece = Piece {
                range,
                is_suspect: true,
            };
            self.settle(outcome, piece, waiting, part);
        }
    }

    fn settle(&self, outcome: Outcome, piece: Piece, waiting: &mut Vec<Piece>, part: &mut Part) {
        let Piece { range, is_suspect } = piece;
        let mut refuse = |object, why| {
            warn!(why, "the collector refuses an event for good");
            part.refused.push(Refusal { object, why });
        };
        match outcome {
            Outcome::Accepted => {}
            Outcome::Stopped => part.left.push(range),
            Outcome::Refused { object, code } => {
                let object = range.start + object;
                refuse(object, word(code));
                waiting.push(Piece {
                    range: object + 1..range.end,
                    is_suspect,
                });
            }
            Outcome::TooMuch if range.len() == 1 => refuse(range.start, "too-large"),
            Outcome::Unexplained if range.len() == 1 => refuse(range.start, "http-400"),
            Outcome::TooMuch | Outcome::Unexplained => {
                let [first, second] = halves(&range);
                // The last one in is sent first.
                for range in [second, first] {
                    waiting.push(Piece { range, is_suspect });
                }
            }
        }
    }

    /// Sends the objects in `range` in one request, again and again while that may help. Objects
    /// that are indexed on the way leave the range.
    async fn request(&self, range: &mut Range<usize>) -> Outcome {
        let patience = self.sink.patience;
        let mut bound = patience.first_pause;
        let mut tries = 0_u64;
        loop {
            let Some(time) = self.time_left().filter(|_| !self.is_stopped()) else {
                return self.stop(Fault::Unavailable("no time is left".to_owned()));
            };
            tries += 1;
            self.requests.fetch_add(1, Relaxed);
            if tries > 1 {
                self.retries.fetch_add(1, Relaxed);
            }
            let token = self.sink.token.current().await;
            let body = self.sink.protocol.body(self.objects, range.clone());
            let request = self.sink.protocol.request(&self.sink.http, &token, body);
            let heard = self
                .hear(request, time.min(patience.request), range.len())
                .await;
            match heard.verdict {
                Verdict::Accepted { ack_id } => return self.accepted(range, ack_id, &token).await,
                Verdict::Refused { object, code } => return Outcome::Refused { object, code },
                Verdict::TooMuch => return Outcome::TooMuch,
                Verdict::Unexplained => return Outcome::Unexplained,
                Verdict::Misconfigured { .. } => {
                    return self.stop(Fault::Misconfigured(heard.note));
                }
                Verdict::Unauthorized => {
                    if !self.sink.token.reread(&token).await {
                        return self.stop(Fault::Unauthorized(heard.note));
                    }
                    info!("the token was read again");
                }
                Verdict::Busy { indexed } => {
                    range.start += indexed;
                    let pause = heard
                        .retry_after
                        .unwrap_or_else(|| bound.mul_f64(fastrand::f64()));
                    bound = (bound * 2).min(patience.longest_pause);
                    debug!(reason = heard.note, "the collector is asked again");
                    if self.time_left().is_none_or(|time| time <= pause) {
                        return self.stop(Fault::Unavailable(heard.note));
                    }
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }

    async fn accepted(
        &self,
        range: &Range<usize>,
        ack_id: Option<u64>,
        token: &crate::Token,
    ) -> Outcome {
        if let Some(acks) = self.sink.protocol.acks() {
            let Some(id) = ack_id else {
                let note = "its reply has no ackId, so that indexer acknowledgement is off there";
                return self.stop(Fault::Misconfigured(note.to_owned()));
            };
            let question = || acks.question(&self.sink.http, token, id);
            if !self.is_acknowledged(id, question).await {
                return self.stop(Fault::Unacknowledged);
            }
        }
        // Published Logs Insights queries look for these words.
        info!("sent {} events, HTTP 200", range.len());
        Outcome::Accepted
    }

    /// Asks until the id is reported as indexed, or for as long as patience and time last.
    async fn is_acknowledged(&self, id: u64, question: impl Fn() -> RequestBuilder) -> bool {
        let patience = self.sink.patience;
        let end = self.until.min(Instant::now() + patience.acknowledgement);
        let mut pause = Duration::from_millis(50);
        loop {
            // A question that fails says nothing of the objects.
            if let Ok(response) = question().timeout(patience.request).send().await
                && let Ok(body) = read(response).await
                && let Ok(reply) = serde_json::from_slice::<AckReply>(&body)
                && reply.acks.get(&id.to_string()) == Some(&true)
            {
                return true;
            }
            if Instant::now() + pause > end {
                return false;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(10));
        }
    }

    async fn hear(&self, request: RequestBuilder, time: Duration, objects: usize) -> Heard {
        let busy = |note: &str| Heard {
            verdict: Verdict::Busy { indexed: 0 },
            retry_after: None,
            note: note.to_owned(),
        };
        let response = match request.timeout(time).send().await {
            Ok(response) => response,
            Err(error) if error.is_timeout() => return busy("no reply in time"),
            Err(error) if error.is_connect() => return busy("no connection, or no trusted one"),
            Err(_) => return busy("the connection broke"),
        };
        let status = response.status().as_u16();
        let retry_after = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|v| pause_in(v.to_str().ok()?));
        let Ok(body) = read(response).await else {
            return busy("the connection broke");
        };
        let verdict = self.sink.protocol.verdict(status, &body, objects);
        Heard {
            verdict,
            retry_after,
            note: format!("HTTP {status}{}", code_in(&body)),
        }
    }

    fn time_left(&self) -> Option<Duration> {
        let left = self.until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    fn is_stopped(&self) -> bool {
        self.fault
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some()
    }

    /// Ends the round; the first reason stands.
    fn stop(&self, fault: Fault) -> Outcome {
        let mut known = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        known.get_or_insert(fault);
        Outcome::Stopped
    }
}

fn halves(range: &Range<usize>) -> [Range<usize>; 2] {
    let middle = range.start + range.len() / 2;
    [range.start..middle, middle..range.end]
}

fn word(code: u32) -> &'static str {
    match code {
        6 => "hec-6",
        12 => "hec-12",
        13 => "hec-13",
        15 => "hec-15",
        _ => "hec",
    }
}

/// `, code 7` of a HEC reply.
fn code_in(body: &[u8]) -> String {
    let reply: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let code = reply.as_ref().and_then(|reply| reply.get("code")?.as_u64());
    code.map_or_else(
        || " without a HEC reply".to_owned(),
        |code| format!(", code {code}"),
    )
}

/// What `Retry-After` says, in seconds or as a date (RFC 9110, section 10.2.3).
fn pause_in(value: &str) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}

/// The body of a reply as far as it is read.
async fn read(mut response: Response) -> reqwest::Result<BytesMut> {
    let mut body = BytesMut::new();
    while body.len() < MAX_REPLY
        && let Some(chunk) = response.chunk().await?
    {
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
