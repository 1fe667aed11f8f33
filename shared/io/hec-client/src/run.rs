//! One delivery run: several requests at once, until every event is accepted or rejected, or the
//! run stops.

mod request;
mod scheduler;
mod state;

use std::ops::Range;
use std::time::Instant;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use hec::EventBatch;
use tokio::sync::watch;

use crate::collector::Collector;
use crate::report::{DeliveryError, DeliveryReport};
use request::send;
use scheduler::BatchScheduler;
use state::RunState;

/// Concurrent requests.
const MAX_CONCURRENT_REQUESTS: usize = 4;

/// Sends all `events`, divided into requests by `batches`, until shortly before `until` or until
/// `stop` turns true.
pub(crate) async fn run(
    collector: &Collector,
    events: &EventBatch,
    batches: Vec<Range<usize>>,
    until: Instant,
    stop: Option<watch::Receiver<bool>>,
) -> DeliveryReport {
    let state = RunState::new(collector, events, until, stop);
    let mut scheduler = BatchScheduler::new(batches, collector.protocol.has_acks());
    let mut under_way = FuturesUnordered::new();
    loop {
        while under_way.len() < MAX_CONCURRENT_REQUESTS
            && !state.is_stopped()
            && let Some(range) = scheduler.next()
        {
            under_way.push(send(&state, range));
        }
        tokio::select! {
            // First, so that no request is started after the stop.
            biased;
            () = state.stop_requested(), if !state.is_stopped() => {
                state.stop(DeliveryError::Stopped);
            }
            sent = under_way.next() => {
                let Some(sent) = sent else { break };
                scheduler.record(sent);
                if scheduler.is_out_of_budget() {
                    state.stop(DeliveryError::BadRequestWithoutCode);
                }
            }
        }
    }
    drop(under_way);
    report(events.len(), state, scheduler)
}

fn report(events: usize, state: RunState<'_>, scheduler: BatchScheduler) -> DeliveryReport {
    let verdict = scheduler.finish(state.is_stopped());
    let (requests, retries) = state.requests();
    let mut error = state.into_error();
    if verdict.has_suspects {
        error.get_or_insert(DeliveryError::BadRequestWithoutCode);
    }
    let undelivered: usize = verdict.undelivered.iter().map(Range::len).sum();
    DeliveryReport {
        accepted: events - verdict.rejected.len() - undelivered,
        rejected: verdict.rejected,
        undelivered: verdict.undelivered,
        error,
        requests,
        retries,
    }
}
