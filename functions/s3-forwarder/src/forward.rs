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
    is_foreign: bool,
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
            let chunk = match body.next().await {
                Some(Ok(chunk)) => chunk,
                Some(Err(broken)) => return self.stop(reading, broken.to_string()).await,
                None => {
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
            if reading.is_foreign {
                info!(
                    object = reading.input,
                    "it is no CloudTrail log file by its content"
                );
                return Err(End::Foreign);
            }
            if reading.pending.bytes_len() >= self.flush_bytes {
                self.flush(reading).await?;
                if Instant::now() >= self.until {
                    return Err(End::Left(
                        Box::new(reading.task.rest(&[], &[], reading.number)),
                        "the deadline is near".to_owned(),
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
                match self
                    .encoder
                    .add(text, &reading.route, &mut reading.pending, self.tally)
                {
                    Ok(_) | Err(Unreadable::Empty) => Ok(()),
                    Err(unreadable) => {
                        let is_unknown = matches!(unreadable, Unreadable::UnknownForm { .. });
                        Err((unreadable.to_string(), is_unknown))
                    }
                }
            }
            Err(error) => Err((format!("not UTF-8 at byte {}", error.valid_up_to()), false)),
        };
        match added {
            Ok(()) => reading.note(before, number),
            Err((_, is_unknown))
                if number == 0 && (is_unknown || kind(&reading.task.key) == Kind::Unknown) =>
            {
                reading.is_foreign = true;
            }
            Err((reason, _)) => self.unreadable(value, &reason, reading),
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
            if reading.number == 0 && kind(&reading.task.key) == Kind::Unknown {
                info!(
                    object = reading.input,
                    "it is no CloudTrail log file by its content"
                );
                return End::Foreign;
            }
            self.tally.counters.records_failed += 1;
            let rest = splitter.rest().to_vec();
            let number = reading.number;
            reading.number += 1;
            if !reading.task.is_done(number) {
                self.unreadable(&rest, "the object is cut short or corrupt", &mut reading);
            }
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
            is_foreign: false,
        }
    }

    /// Notes that the objects from `first` on belong to the record of this number.
    fn note(&mut self, first: usize, number: u64) {
        self.numbers
            .extend((first..self.pending.len()).map(|_| number));
    }
}
