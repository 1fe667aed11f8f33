//! The function between its stream and its destination, and what feeds it.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use firehose_transform::{DeliveryStream, PutError, Transform};
use pipeline::{Counters, Rules};
use settings::{MaskKey, Settings};
use testkit::stream::{BufferingStream, SplunkDestination, StreamOptions, TransformFuture};
use testkit::trail::gzip;

use super::ledger::Ledger;
use super::records::{self, DemoRecord};

/// Log events in one envelope: CloudTrail writes to CloudWatch Logs in batches of this order.
const EVENTS_PER_ENVELOPE: usize = 50;

/// Envelopes in one call.
const ENVELOPES_PER_PUT: usize = 10;

/// Records on the stream beyond which the sender waits.
const MOST_UNDER_WAY: usize = 400;

/// A stream, its transformation and its destination.
pub(crate) struct Lane {
    pub(crate) stream: BufferingStream,
    counters: Arc<Mutex<Counters>>,
}

/// The stream as its own transformation puts records back onto it.
struct OwnStream(Arc<OnceLock<BufferingStream>>);

impl DeliveryStream for OwnStream {
    async fn put_record_batch(
        &self,
        _name: &str,
        records: &[Vec<u8>],
    ) -> Result<Vec<usize>, PutError> {
        let stream = self
            .0
            .get()
            .expect("the stream invokes only once it stands");
        let reply = stream.put_record_batch(records.to_vec());
        let reply = reply.map_err(|error| PutError {
            reason: error.to_string(),
            is_transient: false,
        })?;
        let refused = reply
            .records
            .iter()
            .enumerate()
            .filter(|(_, code)| code.is_some());
        Ok(refused.map(|(place, _)| place).collect())
    }
}

impl Lane {
    pub(crate) fn start(
        settings: Settings,
        key: Option<MaskKey>,
        rules: Rules,
        destination: SplunkDestination,
    ) -> Result<Self> {
        let transform = Arc::new(tokio::sync::Mutex::new(Transform::new(
            settings,
            key.as_ref(),
            rules,
        )));
        let counters = Arc::new(Mutex::new(Counters::default()));
        let own = Arc::new(OnceLock::new());
        let invoke = {
            let (counters, own) = (Arc::clone(&counters), Arc::clone(&own));
            move |event: Vec<u8>| -> TransformFuture {
                let (transform, counters) = (Arc::clone(&transform), Arc::clone(&counters));
                let own = OwnStream(Arc::clone(&own));
                Box::pin(async move {
                    let event = String::from_utf8(event).map_err(|error| error.to_string())?;
                    let deadline = Instant::now() + Duration::from_secs(60);
                    let finished = transform.lock().await.invoke(&event, &own, deadline).await;
                    let finished = finished.map_err(|error| error.to_string())?;
                    *counters.lock().expect("no holder panics") += finished.counters;
                    Ok(finished.response)
                })
            }
        };
        let stream = BufferingStream::start(StreamOptions::new(Arc::new(invoke), destination))
            .context("cannot reach the collector")?;
        let _ = own.set(stream.clone());
        Ok(Self { stream, counters })
    }

    pub(crate) fn counters(&self) -> Counters {
        *self.counters.lock().expect("no holder panics")
    }
}

/// Puts all records onto the stream, in envelopes as CloudWatch Logs makes them.
pub(crate) async fn send(
    records: Vec<DemoRecord>,
    stream: BufferingStream,
    ledger: Arc<Ledger>,
) -> Result<()> {
    for call in records.chunks(EVENTS_PER_ENVELOPE * ENVELOPES_PER_PUT) {
        let envelopes = call
            .chunks(EVENTS_PER_ENVELOPE)
            .map(|events| gzip(records::envelope(events).as_bytes()));
        let envelopes: Vec<Vec<u8>> = envelopes.collect();
        ledger.put(call);
        let reply = stream
            .put_record_batch(envelopes)
            .context("the stream refused a call")?;
        anyhow::ensure!(reply.failed_put_count() == 0, "the stream refused records");
        while under_way(&stream) > MOST_UNDER_WAY {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    Ok(())
}

fn under_way(stream: &BufferingStream) -> usize {
    let stats = stream.stats();
    let done = stats.delivered + stats.dropped + stats.processing_failed + stats.splunk_failed;
    usize::try_from(stats.put.saturating_sub(done)).unwrap_or(usize::MAX)
}
