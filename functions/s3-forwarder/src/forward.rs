//! One object: read as it arrives, cut into records, delivered.

mod values;

use std::time::Instant;

use cloudtrail::Splitter;
use delivery::Outbox;
use forwarding::{Encoder, Tally, deliver};
use pipeline::MAX_INFLATED_BYTES;
use tracing::info;

use crate::inflate::{Chunks, Inflater};
use crate::key::{Kind, kind};
use crate::reading::Reading;
use crate::task::Task;

/// Why an object is not read on.
const NEAR: &str = "the deadline is near";

/// How an object ended.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// All of its records are done with.
    Done,
    /// It holds no CloudTrail events.
    Foreign,
    /// This is still to be done; why.
    Left(Box<Task>, String),
}

/// Forwards objects.
pub struct Forward<'f> {
    /// Turns records into HEC objects.
    pub encoder: &'f mut Encoder,
    /// Delivers them.
    pub outbox: &'f Outbox,
    /// Counts them.
    pub tally: &'f mut Tally,
    /// Records of at most this many bytes are left to other routes.
    pub only_over_bytes: Option<usize>,
    /// Bytes of HEC objects that are delivered together.
    pub flush_bytes: usize,
    /// When to stop.
    pub until: Instant,
    /// Whether the object was kept after a failure.
    pub is_replay: bool,
}

impl Forward<'_> {
    /// Forwards the object of `task`, whose bytes are `body`, from its next record on. A record
    /// that cannot be read, and the end of an object that is cut short, are handed on as what
    /// stands for them.
    pub async fn object(&mut self, task: &Task, mut body: impl Chunks) -> End {
        let mut reading = Reading::new(task, self.is_replay);
        if kind(&task.key) == Kind::NoEvents {
            info!(object = reading.input, "it holds no events by its key");
            return End::Foreign;
        }
        info!("Processing: {}", reading.input);
        let mut splitter = Splitter::new(MAX_INFLATED_BYTES);
        let mut inflater = Inflater::new();
        let fault = loop {
            let arrived = tokio::time::timeout_at(self.until.into(), body.next()).await;
            let chunk = match arrived {
                Ok(_) if Instant::now() >= self.until => {
                    return self.stop(reading, NEAR.to_owned()).await;
                }
                Err(_) => return self.stop(reading, NEAR.to_owned()).await,
                Ok(Some(Ok(chunk))) => chunk,
                Ok(Some(Err(broken))) => return self.stop(reading, broken.to_string()).await,
                Ok(None) => {
                    let fault = inflater.finish(&mut splitter).err();
                    splitter.end();
                    break fault;
                }
            };
            let mut fault = None;
            for slice in Inflater::slices(&chunk) {
                fault = inflater.push(slice, &mut splitter).err();
                match self.values(&mut splitter, &mut reading).await {
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
        self.finish(reading, splitter, fault).await
    }

    /// Takes the values that are whole.
    async fn values(
        &mut self,
        splitter: &mut Splitter,
        reading: &mut Reading<'_>,
    ) -> Result<(), End> {
        loop {
            match splitter.next_cut() {
                Ok(Some(cut)) => self.cut(cut, reading),
                Ok(None) => return Ok(()),
                Err(too_long) => {
                    self.broken_end(splitter.rest(), &too_long.to_string(), reading);
                    return Err(self.stop_or(reading, End::Done).await);
                }
            }
            if reading.is_foreign_by_now() {
                reading.warn_of_foreign();
                return Err(End::Foreign);
            }
            if reading.pending.bytes_len() >= self.flush_bytes {
                self.flush(reading).await?;
                if Instant::now() >= self.until {
                    return Err(End::Left(Box::new(reading.rest()), NEAR.to_owned()));
                }
            }
        }
    }

    /// Delivers what is left when all bytes are there, or the gzip stream ends in `fault`.
    async fn finish(
        &mut self,
        mut reading: Reading<'_>,
        mut splitter: Splitter,
        fault: Option<std::io::Error>,
    ) -> End {
        if fault.is_none()
            && let Err(end) = self.values(&mut splitter, &mut reading).await
        {
            return end;
        }
        if fault.is_some() {
            let reason = "the object is cut short or corrupt";
            self.broken_end(splitter.rest(), reason, &mut reading);
        }
        if reading.is_foreign() {
            reading.warn_of_foreign();
            return End::Foreign;
        }
        self.stop_or(&mut reading, End::Done).await
    }

    /// Delivers what is pending, and ends so unless something is left.
    async fn stop_or(&mut self, reading: &mut Reading<'_>, end: End) -> End {
        match self.flush(reading).await {
            Ok(()) => end,
            Err(left) => left,
        }
    }

    /// Delivers what is pending, and leaves the rest for this `reason`.
    async fn stop(&mut self, mut reading: Reading<'_>, reason: String) -> End {
        let rest = End::Left(Box::new(reading.rest()), reason);
        self.stop_or(&mut reading, rest).await
    }

    /// Delivers what is pending; what is not delivered is left.
    async fn flush(&mut self, reading: &mut Reading<'_>) -> Result<(), End> {
        if reading.pending.is_empty() {
            return Ok(());
        }
        let delivered = deliver(
            self.outbox,
            &reading.pending,
            &reading.input,
            self.until,
            self.tally,
        )
        .await;
        match reading.settle(&delivered) {
            None => Ok(()),
            Some(rest) => {
                let reason = delivered.reason.unwrap_or_default();
                Err(End::Left(Box::new(rest), reason))
            }
        }
    }
}
