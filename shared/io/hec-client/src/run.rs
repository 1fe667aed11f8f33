//! One round of sending: several requests at once, and when to stop.

mod judgement;
mod pause;
mod request;
mod waiting;

use std::ops::Range;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use futures_util::future::join_all;
use hec::EventBatch;
use tokio::sync::Notify;

use crate::client::HecClient;
use crate::report::{DeliveryError, DeliveryReport};
use judgement::{Judgement, Next};

/// Requests that are under way at the same time.
const PARALLEL: usize = 4;

/// What all requests of a round share.
pub(crate) struct Run<'s> {
    sink: &'s HecClient,
    objects: &'s EventBatch,
    until: Instant,
    judgement: Mutex<Judgement>,
    fault: Mutex<Option<DeliveryError>>,
    /// Tells of the fault.
    stopped: Notify,
    /// Tells that a request has ended.
    told: Notify,
    /// Before this, the collector does not want to be asked.
    not_before: Mutex<Option<Instant>>,
    requests: AtomicU64,
    retries: AtomicU64,
}

/// How a request ended for good.
enum Outcome {
    Accepted,
    Refused {
        object: usize,
        code: u32,
    },
    TooMuch,
    /// The first objects were accepted, but not by a reply that can be acknowledged.
    Split {
        accepted: usize,
    },
    /// 400 without a HEC code.
    Unexplained,
    /// The round is over.
    Stopped,
}

/// Sends all `objects`, which `batches` cut into requests, until shortly before `until`.
pub(crate) async fn round(
    sink: &HecClient,
    objects: &EventBatch,
    batches: Vec<Range<usize>>,
    until: Instant,
) -> DeliveryReport {
    let workers = batches.len().min(PARALLEL);
    let run = Run {
        sink,
        objects,
        until,
        judgement: Mutex::new(Judgement::new(
            batches,
            sink.probe.load(Relaxed),
            sink.protocol.has_acks(),
        )),
        fault: Mutex::default(),
        stopped: Notify::new(),
        told: Notify::new(),
        not_before: Mutex::default(),
        requests: AtomicU64::new(0),
        retries: AtomicU64::new(0),
    };
    {
        let mut work = pin!(join_all((0..workers).map(|_| run.work())));
        tokio::select! {
            // First, so that nothing is sent any more once it was requested.
            biased;
            () = sink.stop_requested() => {
                run.stop(DeliveryError::Stopped);
                work.await;
            }
            _ = &mut work => {}
        }
    }
    run.end()
}

impl Run<'_> {
    /// Asks one request after the other until nothing is to be asked any more.
    async fn work(&self) {
        while !self.is_stopped() {
            // Before the look at what is next, so that nothing is told unheard in between.
            let told = self.told.notified();
            let next = self.judgement().next();
            match next {
                Next::Ask(mut piece) => {
                    let outcome = tokio::select! {
                        outcome = self.request(&mut piece.range) => outcome,
                        () = self.stop_overdue() => Outcome::Stopped,
                    };
                    self.judgement().told(piece, &outcome);
                    self.told.notify_waiters();
                }
                Next::Wait => told.await,
                Next::Done => return,
                Next::Unexplained => {
                    self.stop(DeliveryError::BadRequestWithoutCode);
                }
            }
        }
    }

    /// Waits until a request under way is too late, because sending is to stop.
    async fn stop_overdue(&self) {
        self.sink.stop_requested().await;
        tokio::time::sleep(self.sink.retry_policy.stop).await;
    }

    /// What became of the objects.
    fn end(self) -> DeliveryReport {
        let is_stopped = self.is_stopped();
        let judgement = self.judgement.into_inner();
        let verdicts = judgement
            .unwrap_or_else(PoisonError::into_inner)
            .end(is_stopped);
        self.sink.probe.store(verdicts.probe, Relaxed);
        let fault = self.fault.into_inner();
        let mut fault = fault.unwrap_or_else(PoisonError::into_inner);
        if verdicts.is_unexplained {
            fault.get_or_insert(DeliveryError::BadRequestWithoutCode);
        }
        let left: usize = verdicts.left.iter().map(Range::len).sum();
        DeliveryReport {
            accepted: self.objects.len() - verdicts.refused.len() - left,
            rejected: verdicts.refused,
            undelivered: verdicts.left,
            error: fault,
            requests: self.requests.into_inner(),
            retries: self.retries.into_inner(),
        }
    }

    fn judgement(&self) -> MutexGuard<'_, Judgement> {
        self.judgement
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn is_stopped(&self) -> bool {
        self.fault
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some()
    }

    /// Ends the round; the first reason stands.
    fn stop(&self, fault: DeliveryError) -> Outcome {
        let mut known = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        known.get_or_insert(fault);
        self.stopped.notify_waiters();
        self.told.notify_waiters();
        Outcome::Stopped
    }
}
