//! One object: read as it arrives, cut into records, delivered.

use std::time::Instant;

use cloudtrail::{Cut, Splitter};
use delivery::Outbox;
use forwarding::{Encoder, Tally, deliver};
use pipeline::{MAX_INFLATED_BYTES, Unreadable};
use tracing::{info, warn};

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

    /// Takes one record, or a value that is to tell itself what it is.
    fn cut(&mut self, cut: Cut<'_>, reading: &mut Reading<'_>) {
        let Some(number) = reading.advance() else {
            return;
        };
        match cut {
            Cut::Value(value) => self.value(value, number, reading),
            Cut::Record(record) => {
                self.known(reading);
                if self.has_other_route(record) {
                    return self.leave_out();
                }
                let before = reading.pending.len();
                self.encoder
                    .add_record(record, &reading.file, &mut reading.pending, self.tally);
                reading.note(before, number);
            }
        }
    }

    fn value(&mut self, value: &[u8], number: u64, reading: &mut Reading<'_>) {
        let before = reading.pending.len();
        match self.read(value, reading) {
            Ok(()) => {
                reading.note(before, number);
                self.known(reading);
            }
            Err(reason) if reading.is_known => self.strange(value, &reason, number, reading),
            Err(reason) => reading.put_aside(number, value, reason),
        }
    }

    /// Adds what leaves of `value` to what is pending.
    fn read(&mut self, value: &[u8], reading: &mut Reading<'_>) -> Result<(), String> {
        let text = std::str::from_utf8(value)
            .map_err(|error| format!("not UTF-8 at byte {}", error.valid_up_to()))?;
        let (route, pending) = (&reading.route, &mut reading.pending);
        let limit = self.only_over_bytes;
        let added = self
            .encoder
            .add_over(limit, text, route, pending, self.tally);
        match added {
            Ok(_) | Err(Unreadable::Empty) => Ok(()),
            Err(unreadable) => Err(unreadable.to_string()),
        }
    }

    /// Hands on what stands for the values that could not be read before the object was known to
    /// be CloudTrail's.
    fn known(&mut self, reading: &mut Reading<'_>) {
        for strange in reading.become_known() {
            self.strange(&strange.value, &strange.reason, strange.number, reading);
        }
    }

    /// Hands on what stands for a value of an object that is CloudTrail's.
    fn strange(&mut self, value: &[u8], reason: &str, number: u64, reading: &mut Reading<'_>) {
        if self.has_other_route(value) {
            self.leave_out();
        } else {
            self.unreadable(value, reason, number, reading);
        }
    }

    /// Whether a record of CloudTrail's is left to other routes.
    fn has_other_route(&self, record: &[u8]) -> bool {
        let limit = self.only_over_bytes;
        limit.is_some_and(|limit| record.len() <= limit)
    }

    fn leave_out(&mut self) {
        self.tally.counters.events_in += 1;
        self.tally.counters.events_dropped += 1;
    }

    /// Hands on what stands for `bytes`, the record of this number.
    fn unreadable(&mut self, bytes: &[u8], reason: &str, number: u64, reading: &mut Reading<'_>) {
        warn!(
            object = reading.input,
            record = number,
            reason,
            "a record cannot be read"
        );
        let before = reading.pending.len();
        let (file, pending) = (&reading.file, &mut reading.pending);
        self.encoder
            .add_unreadable(bytes, reason, file, pending, self.tally);
        reading.note(before, number);
    }

    /// Hands on what stands for the end of an object, which is not what it was. Whoever's the
    /// object is, that has to show.
    fn broken_end(&mut self, bytes: &[u8], reason: &str, reading: &mut Reading<'_>) {
        self.known(reading);
        self.tally.counters.records_failed += 1;
        if let Some(number) = reading.advance() {
            self.unreadable(bytes, reason, number, reading);
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
