//! The simulated deployment: a delivery stream, its transformation and its destination.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use pipeline::{Counters, Rules};
use runtime::transform::{DeliveryStream, PutError, Transformer};
use settings::{MaskKey, Settings};
use testkit::stream::{BufferingStream, SplunkDestination, StreamOptions, TransformFuture};
use testkit::trail::gzip;

use super::records::{self, DemoRecord};
use super::tracker::DeliveryTracker;

/// Log events per envelope, the order of magnitude of CloudTrail's batches in CloudWatch Logs.
const EVENTS_PER_ENVELOPE: usize = 50;

/// Envelopes per `PutRecordBatch` call.
const ENVELOPES_PER_PUT: usize = 10;

/// Records in flight at which the sender waits.
const MAX_IN_FLIGHT: usize = 400;

/// A stream, its transformation and its destination.
pub(crate) struct Simulation {
    pub(crate) stream: BufferingStream,
    counters: Arc<Mutex<Counters>>,
}

/// The stream as the target of re-ingestion by its own transformation.
struct ReingestionStream(Arc<OnceLock<BufferingStream>>);

impl DeliveryStream for ReingestionStream {
    async fn put_record_batch(
        &self,
        _name: &str,
        records: &[Vec<u8>],
    ) -> Result<Vec<usize>, PutError> {
        let stream = self
            .0
            .get()
            .expect("the stream invokes the transformation only after it has started");
        let reply = stream.put_record_batch(records.to_vec());
        let reply = reply.map_err(|error| PutError {
            reason: error.to_string(),
            is_transient: false,
        })?;
        let rejected = reply
            .records
            .iter()
            .enumerate()
            .filter(|(_, code)| code.is_some());
        Ok(rejected.map(|(index, _)| index).collect())
    }
}

impl Simulation {
    pub(crate) fn start(
        settings: Settings,
        key: Option<MaskKey>,
        rules: Rules,
        destination: SplunkDestination,
    ) -> Result<Self> {
        let transform = Arc::new(tokio::sync::Mutex::new(Transformer::new(
            settings,
            key.as_ref(),
            rules,
        )));
        let counters = Arc::new(Mutex::new(Counters::default()));
        let started = Arc::new(OnceLock::new());
        let invoke = {
            let (counters, started) = (Arc::clone(&counters), Arc::clone(&started));
            move |event: Vec<u8>| -> TransformFuture {
                let (transform, counters) = (Arc::clone(&transform), Arc::clone(&counters));
                let reingestion = ReingestionStream(Arc::clone(&started));
                Box::pin(async move {
                    let event = String::from_utf8(event).map_err(|error| error.to_string())?;
                    let deadline = Instant::now() + Duration::from_secs(60);
                    let finished = transform
                        .lock()
                        .await
                        .invoke(&event, &reingestion, deadline)
                        .await;
                    let finished = finished.map_err(|error| error.to_string())?;
                    *counters.lock().expect("no holder panics") += finished.counters;
                    Ok(finished.response)
                })
            }
        };
        let stream = BufferingStream::start(StreamOptions::new(Arc::new(invoke), destination))
            .context("cannot reach the collector")?;
        let _ = started.set(stream.clone());
        Ok(Self { stream, counters })
    }

    pub(crate) fn counters(&self) -> Counters {
        *self.counters.lock().expect("no holder panics")
    }
}

/// Puts all records onto the stream in CloudWatch Logs envelopes.
pub(crate) async fn send(
    records: Vec<DemoRecord>,
    stream: BufferingStream,
    tracker: Arc<DeliveryTracker>,
) -> Result<()> {
    for call in records.chunks(EVENTS_PER_ENVELOPE * ENVELOPES_PER_PUT) {
        let envelopes = call
            .chunks(EVENTS_PER_ENVELOPE)
            .map(|events| gzip(records::envelope(events).as_bytes()));
        let envelopes: Vec<Vec<u8>> = envelopes.collect();
        tracker.put(call);
        let reply = stream
            .put_record_batch(envelopes)
            .context("the stream rejected a call")?;
        anyhow::ensure!(reply.failed_put_count() == 0, "the stream rejected records");
        while in_flight(&stream) > MAX_IN_FLIGHT {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    Ok(())
}

fn in_flight(stream: &BufferingStream) -> usize {
    let stats = stream.stats();
    let done = stats.delivered + stats.dropped + stats.processing_failed + stats.splunk_failed;
    usize::try_from(stats.put.saturating_sub(done)).unwrap_or(usize::MAX)
}
