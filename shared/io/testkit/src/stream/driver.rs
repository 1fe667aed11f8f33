//! The driver of a stream: buffer, invocations, delivery and flushes.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::buffer::{Buffer, Due, Record, now_ms};
use super::destination::{Destination, uuid};
use super::transform::{self, Outcome};
use super::{
    DestinationError, Failure, InvalidArgument, PutBatchReply, Quarantined, SERVICE_UNAVAILABLE,
    StreamOptions, StreamStats, put,
};

/// Maximum number of concurrent deliveries. They wait for acknowledgments and must not delay the
/// transformation.
const MAX_DELIVERIES: usize = 8;

/// The state that the handles and the driver of one stream share.
pub(super) struct Shared {
    options: StreamOptions,
    destination: Destination,
    state: Mutex<State>,
    /// Notified when a batch may be due.
    wake: Notify,
    flushing: AtomicUsize,
    /// Number of records that are not delivered, dropped or quarantined yet.
    unfinished: watch::Sender<u64>,
    transforms: Arc<Semaphore>,
    deliveries: Semaphore,
}

struct State {
    buffer: Buffer,
    calls: u64,
    next_record: u64,
    stats: StreamStats,
    quarantine: Vec<Quarantined>,
}

/// Counts a waiting flush for as long as it waits, even if it is cancelled.
struct Flushing<'a>(&'a AtomicUsize);

impl Drop for Flushing<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

impl Shared {
    pub(super) fn new(options: StreamOptions) -> Result<Self, DestinationError> {
        let destination = Destination::new(options.destination.clone(), options.retry)?;
        let buffer = Buffer::new(options.buffer_bytes, options.buffer_interval);
        Ok(Self {
            destination,
            state: Mutex::new(State {
                buffer,
                calls: 0,
                next_record: 0,
                stats: StreamStats::default(),
                quarantine: Vec::new(),
            }),
            wake: Notify::new(),
            flushing: AtomicUsize::new(0),
            unfinished: watch::Sender::new(0),
            transforms: Arc::new(Semaphore::new(options.concurrency.max(1))),
            deliveries: Semaphore::new(MAX_DELIVERIES),
            options,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn stats(&self) -> StreamStats {
        self.state().stats
    }

    pub(super) fn quarantined(&self) -> Vec<Quarantined> {
        self.state().quarantine.clone()
    }

    pub(super) fn put(&self, records: Vec<Vec<u8>>) -> Result<PutBatchReply, InvalidArgument> {
        put::check(&records)?;
        let (arrived, arrival_ms) = (Instant::now(), now_ms());
        let mut state = self.state();
        let call = state.calls;
        state.calls += 1;
        let mut reply = Vec::with_capacity(records.len());
        for (entry, data) in records.into_iter().enumerate() {
            if (self.options.put_fault.as_ref()).is_some_and(|rejects| rejects(call, entry)) {
                state.stats.rejected += 1;
                reply.push(Some(SERVICE_UNAVAILABLE));
                continue;
            }
            let id = format!("{arrival_ms:028}{:028}", state.next_record);
            state.next_record += 1;
            state.stats.put += 1;
            state.stats.bytes_in += data.len() as u64;
            state.buffer.push(Record {
                id,
                arrival_ms,
                arrived,
                data,
            });
            reply.push(None);
        }
        let accepted = reply.iter().filter(|code| code.is_none()).count() as u64;
        // Counted before the lock is released, because the driver finishes records afterwards.
        self.unfinished
            .send_modify(|unfinished| *unfinished += accepted);
        drop(state);
        self.wake.notify_one();
        Ok(PutBatchReply { records: reply })
    }

    pub(super) async fn flush(&self) {
        self.flushing.fetch_add(1, SeqCst);
        let _flushing = Flushing(&self.flushing);
        self.wake.notify_one();
        let mut unfinished = self.unfinished.subscribe();
        let finished = unfinished.wait_for(|unfinished| *unfinished == 0).await;
        finished.expect("the sender lives as long as self");
    }

    /// Returns when a batch is due.
    async fn due(&self) {
        loop {
            let due = self.state().buffer.due(self.flushing.load(SeqCst) > 0);
            match due {
                Due::Now => return,
                Due::Never => self.wake.notified().await,
                Due::At(at) => tokio::select! {
                    () = self.wake.notified() => {}
                    () = tokio::time::sleep_until(at) => {}
                },
            }
        }
    }

    fn count(&self, change: impl FnOnce(&mut StreamStats)) {
        change(&mut self.state().stats);
    }

    fn finish(&self, records: u64) {
        self.unfinished
            .send_modify(|unfinished| *unfinished -= records);
    }

    fn quarantine(&self, quarantined: Quarantined) {
        let mut state = self.state();
        match quarantined.failure {
            Failure::Processing => state.stats.processing_failed += 1,
            Failure::Splunk => state.stats.splunk_failed += 1,
        }
        state.quarantine.push(quarantined);
        drop(state);
        self.finish(1);
    }
}

/// Processes batches as they become due, until aborted.
pub(super) async fn drive(shared: Arc<Shared>) {
    let mut batches = JoinSet::new();
    loop {
        shared.due().await;
        let permit = Arc::clone(&shared.transforms).acquire_owned().await;
        let permit = permit.expect("the semaphore is never closed");
        let batch = shared.state().buffer.cut();
        while batches.try_join_next().is_some() {}
        batches.spawn(process(Arc::clone(&shared), batch, permit));
    }
}

/// Transforms and delivers one batch.
async fn process(shared: Arc<Shared>, batch: Vec<Record>, permit: OwnedSemaphorePermit) {
    let (outcomes, attempts) = transform(&shared, &batch).await;
    drop(permit);
    let mut transformed = Vec::with_capacity(batch.len());
    for (mut record, outcome) in batch.into_iter().zip(outcomes) {
        match outcome {
            Outcome::Ok(data) => {
                record.data = data;
                transformed.push(record);
            }
            Outcome::Dropped => {
                shared.count(|stats| stats.dropped += 1);
                shared.finish(1);
            }
            Outcome::Failed { code, message } => shared.quarantine(Quarantined::new(
                Failure::Processing,
                record,
                code,
                message,
                attempts,
            )),
        }
    }
    if !transformed.is_empty() {
        deliver(&shared, transformed).await;
    }
}

/// The outcome of each record, and the number of invocations.
async fn transform(shared: &Shared, batch: &[Record]) -> (Vec<Outcome>, u32) {
    let id = uuid();
    let event = transform::event(&id, &shared.options.stream_arn, batch);
    let mut attempts = 0;
    loop {
        attempts += 1;
        shared.count(|stats| stats.invocations += 1);
        match transform::invoke(&shared.options.transform, event.clone()).await {
            Ok(response) => return (transform::outcomes(batch, &response), attempts),
            Err(message) => {
                shared.count(|stats| stats.failed_invocations += 1);
                if attempts > shared.options.transform_retries {
                    let code = "Lambda.FunctionError";
                    let failed = Outcome::Failed { code, message };
                    return (vec![failed; batch.len()], attempts);
                }
            }
        }
    }
}

/// Posts the transformed records as one body, concatenated without a delimiter.
async fn deliver(shared: &Shared, records: Vec<Record>) {
    let data: Vec<&[u8]> = records.iter().map(|record| &*record.data).collect();
    let body = data.concat();
    let (bytes, count) = (body.len() as u64, records.len() as u64);
    let permit = shared.deliveries.acquire().await;
    let posted = || shared.count(|stats| stats.posts += 1);
    let result = shared.destination.deliver(Bytes::from(body), posted).await;
    drop(permit);
    match result {
        Ok(()) => {
            shared.count(|stats| {
                stats.delivered += count;
                stats.bytes_out += bytes;
            });
            shared.finish(count);
        }
        Err(failed) => {
            for record in records {
                shared.quarantine(Quarantined::new(
                    Failure::Splunk,
                    record,
                    failed.code,
                    failed.message.clone(),
                    failed.attempts,
                ));
            }
        }
    }
}
