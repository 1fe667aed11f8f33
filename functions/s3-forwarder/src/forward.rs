//! One object: read as it arrives, cut into records, delivered.

use std::future::Future;
use std::time::Instant;

use bytes::Bytes;
use cloudtrail::{Cut, DeliveryPath, Splitter};
use delivery::Outbox;
use forwarding::{Encoder, Tally, deliver};
use hec::Objects;
use pipeline::{LogFile, MAX_INFLATED_BYTES, Route, Unreadable};
use thiserror::Error;
use tracing::{info, warn};

use crate::inflate::Inflater;
use crate::key::{Kind, kind};
use crate::task::Task;

/// Bytes of such values.
const MOST_STRANGE_BYTES: usize = 4_000_000;

/// Why an object is not read on.
const NEAR: &str = "the deadline is near";

/// Values that cannot be read after which an object is nobody's that we know.
const MOST_STRANGE: usize = 1000;

/// The bytes of an object as they arrive.
pub trait Chunks {
    /// The next bytes, or `None` at the end.
    fn next(&mut self) -> impl Future<Output = Option<Result<Bytes, Broken>>>;
}

/// The object broke off on its way; what came before is as it was.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the object broke off on its way: {0}")]
pub struct Broken(pub String);

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

/// Where an object stands.
struct Reading<'t> {
    task: &'t Task,
    route: Route,
    file: LogFile,
    input: String,
    /// The next record's number.
    number: u64,
    pending: Objects,
    /// The record of each pending object.
    numbers: Vec<u64>,
    /// Values before the first that can be read: until then the object may be anybody's.
    strange: Vec<(Vec<u8>, String)>,
    strange_bytes: usize,
    is_known: bool,
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
                    self.tally.counters.records_failed += 1;
                    self.unreadable(splitter.rest(), &too_long.to_string(), reading);
                    return Err(self.stop_or(reading, End::Done).await);
                }
            }
            if reading.strange.len() == MOST_STRANGE || reading.strange_bytes > MOST_STRANGE_BYTES {
                return Err(reading.foreign());
            }
            if reading.pending.bytes_len() >= self.flush_bytes {
                self.flush(reading).await?;
                if Instant::now() >= self.until {
                    return Err(End::Left(
                        Box::new(reading.task.rest(&[], &[], reading.number)),
                        NEAR.to_owned(),
                    ));
                }
            }
        }
    }

    /// Takes one record, or a value that is to tell itself what it is.
    fn cut(&mut self, cut: Cut<'_>, reading: &mut Reading<'_>) {
        let number = reading.number;
        reading.number += 1;
        if reading.task.is_done(number) {
            return;
        }
        let (Cut::Record(bytes) | Cut::Value(bytes)) = cut;
        if self
            .only_over_bytes
            .is_some_and(|limit| bytes.len() <= limit)
        {
            self.tally.counters.events_in += 1;
            self.tally.counters.events_dropped += 1;
            return;
        }
        match cut {
            Cut::Record(record) => {
                self.known(reading);
                let before = reading.pending.len();
                self.encoder
                    .add_record(record, &reading.file, &mut reading.pending, self.tally);
                reading.note(before, number);
            }
            Cut::Value(value) => self.value(value, number, reading),
        }
    }

    fn value(&mut self, value: &[u8], number: u64, reading: &mut Reading<'_>) {
        let before = reading.pending.len();
        let added = match std::str::from_utf8(value) {
            Ok(text) => {
                let pending = &mut reading.pending;
                match self.encoder.add(text, &reading.route, pending, self.tally) {
                    Ok(_) | Err(Unreadable::Empty) => Ok(()),
                    Err(unreadable) => Err(unreadable.to_string()),
                }
            }
            Err(error) => Err(format!("not UTF-8 at byte {}", error.valid_up_to())),
        };
        match added {
            Ok(()) => {
                reading.note(before, number);
                self.known(reading);
            }
            Err(reason) if !reading.is_known => {
                reading.strange_bytes += value.len();
                reading.strange.push((value.to_vec(), reason));
            }
            Err(reason) => self.unreadable(value, &reason, reading),
        }
    }

    /// Hands on what stands for the values that could not be read before the object was known to
    /// be CloudTrail's.
    fn known(&mut self, reading: &mut Reading<'_>) {
        reading.is_known = true;
        for (value, reason) in std::mem::take(&mut reading.strange) {
            self.unreadable(&value, &reason, reading);
        }
    }

    /// Hands on what stands for `bytes`, which belong to the record before the next one.
    fn unreadable(&mut self, bytes: &[u8], reason: &str, reading: &mut Reading<'_>) {
        let number = reading.number.saturating_sub(1);
        warn!(
            object = reading.input,
            record = number,
            reason,
            "a record cannot be read"
        );
        let before = reading.pending.len();
        self.encoder.add_unreadable(
            bytes,
            reason,
            &reading.file,
            &mut reading.pending,
            self.tally,
        );
        reading.note(before, number);
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
            // Whoever's it is, it is not what it was: its end has to show.
            self.known(&mut reading);
            self.tally.counters.records_failed += 1;
            let rest = splitter.rest().to_vec();
            let number = reading.number;
            reading.number += 1;
            if !reading.task.is_done(number) {
                self.unreadable(&rest, "the object is cut short or corrupt", &mut reading);
            }
        }
        if !reading.strange.is_empty() {
            return reading.foreign();
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
        let rest = End::Left(
            Box::new(reading.task.rest(&[], &[], reading.number)),
            reason,
        );
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
        let numbers = std::mem::take(&mut reading.numbers);
        reading.pending.clear();
        if delivered.left.is_empty() {
            return Ok(());
        }
        let numbered = |is_left: bool| -> Vec<u64> {
            let places = numbers.iter().enumerate();
            let chosen = places.filter(|(at, _)| delivered.is_left(*at) == is_left);
            chosen.map(|(_, number)| *number).collect()
        };
        let left = numbered(true);
        let mut accepted = numbered(false);
        // A record of several objects is done with when all of them are.
        accepted.retain(|number| left.binary_search(number).is_err());
        let reason = delivered.reason.clone().unwrap_or_default();
        Err(End::Left(
            Box::new(reading.task.rest(&left, &accepted, reading.number)),
            reason,
        ))
    }
}

impl<'t> Reading<'t> {
    /// The end of an object in which nothing could be read.
    fn foreign(&self) -> End {
        let reason = self.strange.first().map(|(_, reason)| reason.as_str());
        warn!(
            object = self.input,
            reason, "it is no CloudTrail log file by its content and is passed over"
        );
        End::Foreign
    }

    fn new(task: &'t Task, is_replay: bool) -> Self {
        let input = task.object().to_string();
        let route = Route {
            source: input.clone(),
            path: Some(DeliveryPath::S3),
            is_replay,
            ..Route::default()
        };
        Self {
            task,
            file: LogFile::new(&route),
            route,
            input,
            number: 0,
            pending: Objects::default(),
            numbers: Vec::new(),
            strange: Vec::new(),
            strange_bytes: 0,
            is_known: false,
        }
    }

    /// Notes that the objects from `first` on belong to the record of this number.
    fn note(&mut self, first: usize, number: u64) {
        self.numbers
            .extend((first..self.pending.len()).map(|_| number));
    }
}
