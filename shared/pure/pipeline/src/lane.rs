//! The lane: one text in, HEC objects out.

use cloudtrail::{DeliveryPath, KeySet, Message, ParseError, Reader, Record, Scratch};
use detection::Rules;
use hec::{Annotate, Encoder};
use masking::{Masker, Method, RecordMasker};
use settings::{MaskKey, MaskScope, Masking, Settings};

use crate::event::{EventWriter, Place, Stand};
use crate::judge::judge;
use crate::origin::{LogFile, Origin, Route};
use crate::select::Selection;

/// Runs texts through all the steps. Reused from text to text, so that its buffers are too.
pub struct RecordPipeline {
    pub(crate) selection: Selection,
    pub(crate) writer: EventWriter,
    /// What a scan watches where masking is off.
    unwatched: KeySet,
    rules: Rules,
    record: Record,
    scratch: Scratch,
}

/// HEC objects, one a line, and which message each came from.
#[derive(Debug, Default)]
pub struct Output {
    /// The objects, each followed by a newline.
    pub bytes: Vec<u8>,
    pub(crate) events: Vec<EncodedEvent>,
}

impl Output {
    /// Empties the output and keeps its room.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.events.clear();
    }

    /// Takes out the objects of messages that are at most `limit` bytes of their text, and returns
    /// how many.
    pub fn remove_events_up_to(&mut self, limit: usize) -> usize {
        let before = self.events.len();
        let (mut start, mut kept) = (0, 0);
        let bytes = &mut self.bytes;
        self.events.retain_mut(|event| {
            let object = start..event.end;
            start = event.end;
            if event.raw_len <= limit {
                return false;
            }
            let length = object.len();
            bytes.copy_within(object, kept);
            kept += length;
            event.end = kept;
            true
        });
        bytes.truncate(kept);
        before - self.events.len()
    }

    /// How many records in the output have a blinding outcome.
    pub fn blinding_events(&self) -> u64 {
        self.events.iter().filter(|event| event.is_blinding).count() as u64
    }

    /// Offsets after each object.
    pub fn ends(&self) -> impl Iterator<Item = usize> + '_ {
        self.events.iter().map(|event| event.end)
    }

    /// Routes and event times (epoch seconds) of the records in the output.
    pub fn event_times(&self) -> impl Iterator<Item = (DeliveryPath, i64)> + '_ {
        self.events.iter().filter_map(EncodedEvent::time)
    }
}

/// One object of an [`Output`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct EncodedEvent {
    /// Offset after it in the bytes.
    pub(crate) end: usize,
    /// Its message's place in the text.
    pub(crate) number: usize,
    /// The value of the text that its message stands in.
    pub(crate) value: usize,
    /// Bytes of the text that its log event takes.
    pub(crate) raw_len: usize,
    /// The route it came by.
    pub(crate) path: DeliveryPath,
    /// When it happened, in epoch seconds.
    pub(crate) event_time: Option<i64>,
    /// It blinds, or tried to, or may have.
    pub(crate) is_blinding: bool,
}

impl EncodedEvent {
    pub(crate) fn time(&self) -> Option<(DeliveryPath, i64)> {
        self.event_time.map(|time| (self.path, time))
    }
}

/// What was noted of a message that has been appended.
#[derive(Default)]
struct Sent {
    /// In epoch seconds.
    event_time: Option<i64>,
    is_blinding: bool,
}

/// What came of one text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TextStats {
    /// Messages found.
    pub events_in: usize,
    /// Messages that are in the output.
    pub events_out: usize,
    /// Records that the selection left out.
    pub events_dropped: usize,
    /// The text records an invocation that failed, so that no other route carries its events.
    pub failed_invocation: bool,
    /// How often the text has been put back on its stream.
    pub(crate) hops: u32,
}

impl RecordPipeline {
    /// A lane by `settings` and `rules`, with the key that `MASK_MODE=hmac` needs.
    ///
    /// # Panics
    /// `MASK_MODE=hmac` without a key: the caller has to get it first.
    pub fn new(settings: &Settings, key: Option<&MaskKey>, rules: Rules) -> Self {
        let masker = record_masker(&settings.masking, key);
        let annotate = match settings.hec.annotate {
            settings::Annotate::Fields => Annotate::Fields,
            settings::Annotate::Event => Annotate::Event,
            settings::Annotate::Off => Annotate::Off,
        };
        let hec = &settings.hec;
        Self {
            selection: Selection::new(&settings.selection),
            writer: EventWriter {
                encoder: Encoder::new(annotate, &hec.source_type, hec.index.as_deref()),
                masker,
            },
            unwatched: KeySet::default(),
            rules,
            record: Record::default(),
            scratch: Scratch::default(),
        }
    }

    /// Masks with another key from now on.
    pub fn set_mask_key(&mut self, settings: &Settings, key: &MaskKey) {
        self.writer.masker = record_masker(&settings.masking, Some(key));
    }

    /// Appends the HEC objects of `text` to `out`. The text is of a form that CloudTrail events are
    /// delivered in, or Lambda's record of an invocation that failed with such an event.
    ///
    /// # Errors
    /// The text cannot be parsed to its end. `out` is then unchanged, since what is missing cannot
    /// be known.
    pub fn run(
        &mut self,
        text: &str,
        route: &Route,
        out: &mut Output,
    ) -> Result<TextStats, ParseError> {
        match self.run_text(text, route, out) {
            // Asked last, so that no text of another form is ever taken for a record.
            Err(ParseError::UnknownFormat { at }) => {
                self.run_invocation_record(text, at, route, out)
            }
            result => result,
        }
    }

    /// [`RecordPipeline::run`] without records of failed invocations.
    pub(crate) fn run_text(
        &mut self,
        text: &str,
        route: &Route,
        out: &mut Output,
    ) -> Result<TextStats, ParseError> {
        let before = (out.bytes.len(), out.events.len());
        let result = self.run_to_end(text, route, out);
        if result.is_err() {
            out.bytes.truncate(before.0);
            out.events.truncate(before.1);
        }
        result
    }

    fn run_to_end(
        &mut self,
        text: &str,
        route: &Route,
        out: &mut Output,
    ) -> Result<TextStats, ParseError> {
        let mut passed = TextStats::default();
        let mut reader = Reader::new(text);
        let mut origin: Option<(usize, Origin)> = None;
        let mut scratch = std::mem::take(&mut self.scratch);
        let result = loop {
            let message = match reader.next(&mut scratch) {
                Ok(Some(message)) => message,
                Ok(None) => break Ok(passed),
                Err(fault) => break Err(fault),
            };
            let envelope = reader.envelope();
            if origin
                .as_ref()
                .is_none_or(|(value, _)| *value != message.value)
            {
                passed.hops = passed.hops.max(envelope.hops);
                origin = Some((message.value, Origin::new(envelope, route)));
            }
            let (_, origin) = origin.as_ref().expect("set just above");
            passed.events_in += 1;
            let place = Place {
                origin,
                envelope,
                arrival_ms: route.arrival_ms,
            };
            let Some(sent) = self.pass(&message, place, &mut out.bytes) else {
                passed.events_dropped += 1;
                continue;
            };
            passed.events_out += 1;
            out.events.push(EncodedEvent {
                end: out.bytes.len(),
                number: message.number,
                value: message.value,
                raw_len: message.place.len(),
                path: origin.path,
                event_time: sent.event_time,
                is_blinding: sent.is_blinding,
            });
        };
        self.scratch = scratch;
        result
    }

    /// Appends what leaves of one record of a log file, or what stands for it where it cannot be
    /// read.
    pub fn record(&mut self, record: &[u8], file: &LogFile, out: &mut Output) -> TextStats {
        if let Err(error) = std::str::from_utf8(record) {
            let reason = format!("not UTF-8 at byte {}", error.valid_up_to());
            return self.write_fallback_event(record, &reason, file, out);
        }
        match self.pass(&message_of(record), file.place(), &mut out.bytes) {
            Some(sent) => passed_alone(record.len(), sent, file, out),
            None => TextStats {
                events_in: 1,
                events_dropped: 1,
                ..TextStats::default()
            },
        }
    }

    /// Appends what stands for `bytes`, which cannot be read for this `reason`: themselves as
    /// text, or a placeholder where masking is on.
    pub fn write_fallback_event(
        &mut self,
        bytes: &[u8],
        reason: &str,
        file: &LogFile,
        out: &mut Output,
    ) -> TextStats {
        self.write_other(&message_of(bytes), reason, file.place(), &mut out.bytes);
        passed_alone(bytes.len(), Sent::default(), file, out)
    }

    /// Appends one message, or returns `None` where the selection leaves it out. An event that
    /// blinds passes every selection.
    fn pass(&mut self, message: &Message<'_>, place: Place<'_>, out: &mut Vec<u8>) -> Option<Sent> {
        let masker = self.writer.masker.as_ref();
        let watched = masker.map_or(&self.unwatched, RecordMasker::watched);
        let scan = self.record.scan(message.text, watched);
        if let Ok(true) = scan {
            let judgement = judge(&mut self.rules, message.text, &self.record);
            let is_blinding = judgement.blinding().is_some();
            if !is_blinding && !self.selection.passes(message.text, &self.record) {
                return None;
            }
            let written = self
                .writer
                .write_record(message, &self.record, &judgement, place, out);
            if let Some(event_time) = written {
                return Some(Sent {
                    event_time,
                    is_blinding,
                });
            }
        }
        let is_empty = message.text.trim_ascii().is_empty();
        let reason = match scan {
            _ if is_empty => "empty message".to_owned(),
            Ok(true) => "a value to be masked cannot be read".to_owned(),
            Ok(false) => "no CloudTrail record".to_owned(),
            Err(malformed) => malformed.to_string(),
        };
        self.write_other(message, &reason, place, out);
        Some(Sent::default())
    }

    fn write_other(
        &mut self,
        message: &Message<'_>,
        reason: &str,
        place: Place<'_>,
        out: &mut Vec<u8>,
    ) {
        // HEC refuses a blank event, so that an empty message cannot stand for itself.
        let stand = match self.writer.masker {
            None if !message.text.trim_ascii().is_empty() => Stand::Text,
            _ => Stand::Placeholder,
        };
        self.writer.write_other(message, reason, stand, place, out);
    }
}

/// A message that stands alone.
fn message_of(text: &[u8]) -> Message<'_> {
    Message {
        text,
        timestamp_ms: None,
        id: "",
        place: 0..text.len(),
        number: 0,
        value: 0,
    }
}

/// Notes the object of a message that stands alone and took `raw_len` bytes.
fn passed_alone(raw_len: usize, sent: Sent, file: &LogFile, out: &mut Output) -> TextStats {
    out.events.push(EncodedEvent {
        end: out.bytes.len(),
        number: 0,
        value: 0,
        raw_len,
        path: file.origin.path,
        event_time: sent.event_time,
        is_blinding: sent.is_blinding,
    });
    TextStats {
        events_in: 1,
        events_out: 1,
        ..TextStats::default()
    }
}

/// What masks records by `masking`; `None` where it is off.
fn record_masker(masking: &Masking, key: Option<&MaskKey>) -> Option<RecordMasker> {
    let (method, fields, scope) = match masking {
        Masking::Off => return None,
        Masking::Sha256 { fields, scope } => (Method::Sha256, fields, scope),
        Masking::Hmac { fields, scope, .. } => {
            let key = key.expect("the caller fetches the key before it builds the lane");
            let (key_id, key) = (key.id().to_owned(), key.bytes().to_vec());
            (Method::Hmac { key_id, key }, fields, scope)
        }
    };
    let masker = Masker::new(method);
    let masker = match scope {
        MaskScope::Keys => RecordMasker::of_keys(masker, fields),
        MaskScope::Record => RecordMasker::of_record(masker, fields),
    };
    Some(masker.expect("settings limit the number of fields"))
}
