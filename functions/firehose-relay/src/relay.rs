//! From a call of Firehose to its answer.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use hec::EventBatch;
use hec_client::DeliveryClient;
use runtime::InvocationMetrics;
use tracing::warn;
use triggers::HttpRequest;

use crate::access_keys::AccessKeys;
use crate::answer::{Answer, Refusal};
use crate::request::Request;
use crate::settled::Settled;

/// Relays deliveries to a collector.
pub struct Relay {
    keys: AccessKeys,
    client: DeliveryClient,
    settled: Mutex<Settled>,
}

impl Relay {
    /// Relays through `client` what comes with one of the access `keys`.
    pub fn new(keys: AccessKeys, client: DeliveryClient) -> Self {
        Self {
            keys,
            client,
            settled: Mutex::default(),
        }
    }

    /// The answer to `call`, found before `until`, and what was counted if it came from the
    /// delivery stream. One line in the log says why a call is refused.
    pub async fn answer(
        &self,
        call: &HttpRequest,
        until: Instant,
    ) -> (Answer, Option<InvocationMetrics>) {
        // A stranger's is not repeated.
        let given = call.header("x-amz-firehose-request-id");
        let is_id = given.len() <= 64
            && given
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let mut request_id = if is_id {
            given.to_owned()
        } else {
            String::new()
        };
        let mut metrics = InvocationMetrics::default();
        let outcome = self.relay(call, &mut request_id, until, &mut metrics).await;
        let refusal = outcome.err();
        if let Some(refusal) = &refusal {
            let (status, why) = (refusal.status(), refusal.to_string());
            warn!(request = request_id, status, why, "request is refused");
        }
        let is_ours = !refusal.as_ref().is_some_and(Refusal::is_of_a_stranger);
        let answer = Answer {
            request_id,
            refusal,
        };
        (answer, is_ours.then_some(metrics))
    }

    /// Delivers all that `call` holds. Its id is known as soon as its body is read.
    async fn relay(
        &self,
        call: &HttpRequest,
        id: &mut String,
        until: Instant,
        metrics: &mut InvocationMetrics,
    ) -> Result<(), Refusal> {
        if call.method() != "POST" {
            return Err(Refusal::Method);
        }
        let key = call.header("x-amz-firehose-access-key");
        if !self.keys.accept(key).await {
            return Err(Refusal::Key);
        }
        let request = call
            .body()
            .map_err(Refusal::from)
            .and_then(|body| Request::parse(&body));
        let request = request.inspect_err(|_| metrics.counters.records_failed += 1)?;
        *id = request.id(id)?;
        let objects = request.objects().inspect_err(|refusal| {
            if let Refusal::Untransformed { failed, .. } = refusal {
                metrics.counters.records_failed += *failed as u64;
            }
        })?;
        let outstanding = self.settled().outstanding(id, objects);
        let stream = call.header("x-amz-firehose-source-arn");
        self.deliver(&outstanding, stream, id, until, metrics).await
    }

    async fn deliver(
        &self,
        objects: &EventBatch,
        stream: &str,
        id: &str,
        until: Instant,
        metrics: &mut InvocationMetrics,
    ) -> Result<(), Refusal> {
        if objects.is_empty() {
            return Ok(());
        }
        metrics.counters.events_in += objects.len() as u64;
        metrics.counters.bytes_out += objects.bytes_len() as u64;
        let input = origin(stream, id);
        let report = runtime::deliver(&self.client, objects, &input, until, metrics).await;
        self.settled().remember(id, objects, &report);
        if report.undelivered.is_empty() {
            return Ok(());
        }
        Err(Refusal::Left {
            left: report.undelivered_count(),
            events: objects.len(),
            reason: report.reason(),
        })
    }

    fn settled(&self) -> MutexGuard<'_, Settled> {
        self.settled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where events come from, for the metadata of dead letters: `<stream's ARN> <request id>`.
fn origin(stream: &str, id: &str) -> String {
    // Metadata is a header: another character would keep the dead letter from being kept.
    let is_plain =
        (1..=512).contains(&stream.len()) && stream.bytes().all(|b| b.is_ascii_graphic());
    format!("{} {id}", if is_plain { stream } else { "firehose" })
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn an_origin_fits_a_header() {
        let arn = "arn:aws:firehose:us-east-1:111122223333:deliverystream/trail";
        assert_eq!(origin(arn, "a-1"), format!("{arn} a-1"));
        for odd in ["", "a\nb", "é", &"a".repeat(513)] {
            assert_eq!(origin(odd, "a-1"), "firehose a-1");
        }
    }
}
