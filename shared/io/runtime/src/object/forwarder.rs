//! One object, from its bytes to the collector.

use std::time::Instant;

use cloudtrail::Splitter;
use hec_client::DeliveryClient;
use pipeline::MAX_INFLATED_BYTES;
use tracing::{info, warn};
use triggers::ObjectTask;

use super::inflate::{ByteChunks, Inflater};
use super::kind::{ObjectKind, kind};
use super::progress::ObjectProgress;
use crate::encoder::{Encoder, deliver};
use crate::invocation_metrics::InvocationMetrics;

/// Why reading stops before the end of an object.
const DEADLINE_NEAR: &str = "the deadline is near";

/// The outcome of forwarding an object.
#[derive(Debug, PartialEq, Eq)]
pub enum ObjectOutcome {
    /// Every record is delivered, filtered or quarantined.
    Done,
    /// It holds no CloudTrail events.
    NotCloudTrail,
    /// This remains to be forwarded, for this reason.
    Remaining(Box<ObjectTask>, String),
    /// It holds the only copy of events, which cannot be forwarded for this reason: it is Lambda's
    /// record of a failed invocation, and the event in it is corrupt or not from CloudTrail.
    Failed(String),
}

/// Forwards objects.
pub struct ObjectForwarder<'f> {
    /// Turns records into HEC objects.
    pub encoder: &'f mut Encoder,
    /// Delivers them.
    pub client: &'f DeliveryClient,
    /// Counts them.
    pub metrics: &'f mut InvocationMetrics,
    /// Records of at most this many bytes are filtered, since another route carries them. `None`
    /// for jobs, direct invocations and replays, which send everything.
    pub only_over_bytes: Option<usize>,
    /// Bytes of HEC objects that are delivered together.
    pub flush_bytes: usize,
    /// When to stop.
    pub until: Instant,
    /// Whether the object was stored after a failure and is replayed.
    pub is_replay: bool,
}

impl ObjectForwarder<'_> {
    /// Forwards the object of `task`, whose bytes are `body`, from its next record on. A record
    /// that cannot be parsed is forwarded as a fallback event, and so is the end of a truncated
    /// object.
    pub async fn forward(&mut self, task: &ObjectTask, mut body: impl ByteChunks) -> ObjectOutcome {
        let mut progress = ObjectProgress::new(task, self.is_replay);
        if kind(&task.key) == ObjectKind::NoEvents {
            info!(
                object = progress.input,
                "skipped: objects with such a key hold no events"
            );
            return ObjectOutcome::NotCloudTrail;
        }
        // Published Logs Insights queries look for these words.
        info!("Processing: {}", progress.input);
        let mut splitter = Splitter::new(MAX_INFLATED_BYTES);
        let mut inflater = Inflater::new();
        let fault = loop {
            let arrived = tokio::time::timeout_at(self.until.into(), body.next()).await;
            let chunk = match arrived {
                Ok(_) if Instant::now() >= self.until => {
                    return self.stop(progress, DEADLINE_NEAR.to_owned()).await;
                }
                Err(_) => return self.stop(progress, DEADLINE_NEAR.to_owned()).await,
                Ok(Some(Ok(chunk))) => chunk,
                Ok(Some(Err(error))) => return self.stop(progress, error.to_string()).await,
                Ok(None) => {
                    let fault = inflater.finish(&mut splitter).err();
                    splitter.end();
                    break fault;
                }
            };
            let mut fault = None;
            for slice in Inflater::slices(&chunk) {
                fault = inflater.push(slice, &mut splitter).err();
                match self.values(&mut splitter, &mut progress).await {
                    Ok(()) => {}
                    Err(end) => return end,
                }
                if fault.is_some() {
                    break;
                }
            }
            if fault.is_some() {
                break fault;
            }
        };
        self.finish(progress, splitter, fault).await
    }

    /// Forwards the values that have arrived completely.
    async fn values(
        &mut self,
        splitter: &mut Splitter,
        progress: &mut ObjectProgress<'_>,
    ) -> Result<(), ObjectOutcome> {
        loop {
            match splitter.next_item() {
                Ok(Some(item)) => {
                    if let Err(reason) = self.forward_item(item, progress) {
                        self.metrics.counters.records_failed += 1;
                        return Err(self
                            .flush_then(progress, ObjectOutcome::Failed(reason))
                            .await);
                    }
                }
                Ok(None) => return Ok(()),
                Err(too_long) => {
                    self.truncated_end(splitter.rest(), &too_long.to_string(), progress);
                    return Err(self.flush_then(progress, ObjectOutcome::Done).await);
                }
            }
            if progress.exceeds_unparsed_limit() {
                return Err(self.not_cloudtrail(progress));
            }
            if progress.pending.bytes_len() >= self.flush_bytes {
                self.flush(progress).await?;
                if Instant::now() >= self.until {
                    let remaining = Box::new(progress.remaining());
                    return Err(ObjectOutcome::Remaining(
                        remaining,
                        DEADLINE_NEAR.to_owned(),
                    ));
                }
            }
        }
    }

    /// Delivers what is pending after all bytes have arrived, or after the gzip stream ended in
    /// `fault`.
    async fn finish(
        &mut self,
        mut progress: ObjectProgress<'_>,
        mut splitter: Splitter,
        fault: Option<std::io::Error>,
    ) -> ObjectOutcome {
        if fault.is_none()
            && let Err(end) = self.values(&mut splitter, &mut progress).await
        {
            return end;
        }
        if fault.is_some() {
            let reason = "the object is truncated or corrupt";
            self.truncated_end(splitter.rest(), reason, &mut progress);
        }
        if progress.unparsed_reason().is_some() || is_empty_record(&progress) {
            return self.not_cloudtrail(&progress);
        }
        self.flush_then(&mut progress, ObjectOutcome::Done).await
    }

    /// The end of an object that holds no CloudTrail events.
    fn not_cloudtrail(&mut self, progress: &ObjectProgress<'_>) -> ObjectOutcome {
        let reason = progress.unparsed_reason().unwrap_or("the object is empty");
        if kind(&progress.task.key) == ObjectKind::FailedInvocation {
            // No other copy of its event exists.
            self.metrics.counters.records_failed += 1;
            return ObjectOutcome::Failed(format!(
                "not Lambda's record of an invocation: {reason}"
            ));
        }
        warn!(
            object = progress.input,
            reason, "skipped: the content is not a CloudTrail log file"
        );
        ObjectOutcome::NotCloudTrail
    }

    /// Delivers what is pending, and returns `end` if all of it is delivered.
    async fn flush_then(
        &mut self,
        progress: &mut ObjectProgress<'_>,
        end: ObjectOutcome,
    ) -> ObjectOutcome {
        match self.flush(progress).await {
            Ok(()) => end,
            Err(remaining) => remaining,
        }
    }

    /// Delivers what is pending. The rest of the object remains, for this `reason`.
    async fn stop(&mut self, mut progress: ObjectProgress<'_>, reason: String) -> ObjectOutcome {
        let remaining = ObjectOutcome::Remaining(Box::new(progress.remaining()), reason);
        self.flush_then(&mut progress, remaining).await
    }

    /// Delivers what is pending.
    ///
    /// # Errors
    /// Some of it is not delivered.
    async fn flush(&mut self, progress: &mut ObjectProgress<'_>) -> Result<(), ObjectOutcome> {
        if progress.pending.is_empty() {
            return Ok(());
        }
        let report = deliver(
            self.client,
            &progress.pending,
            &progress.input,
            self.until,
            self.metrics,
        )
        .await;
        match progress.finish_delivery(&report) {
            None => Ok(()),
            Some(remaining) => {
                let reason = report.reason();
                Err(ObjectOutcome::Remaining(Box::new(remaining), reason))
            }
        }
    }
}

/// Whether the object has the key of a record of a failed invocation, and is empty.
fn is_empty_record(progress: &ObjectProgress<'_>) -> bool {
    progress.number == 0 && kind(&progress.task.key) == ObjectKind::FailedInvocation
}
