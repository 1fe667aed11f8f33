//! The record pipeline itself: runs the steps over texts and single records.

use cloudtrail::{KeySet, Message, ParseError, Reader, Record, Scratch};
use detection::Rules;
use settings::{MaskKey, Settings};

use crate::classify::{Selection, classify};
use crate::event::EventWriter;
use crate::invocation_record::event_in;
use crate::origin::{LogFile, MessageContext, Origin, Route};
use crate::output::{EncodedEvent, Output, TextStats};

/// Turns texts into HEC objects. Reused from text to text, so that its buffers are too.
pub struct RecordPipeline {
    selection: Selection,
    writer: EventWriter,
    /// The keys that a scan watches if masking is off: none.
    no_keys: KeySet,
    rules: Rules,
    record: Record,
    scratch: Scratch,
}

/// What is known of a message whose object has been appended.
#[derive(Default)]
struct Encoded {
    /// In epoch seconds.
    event_time: Option<i64>,
    blinding: bool,
}

impl RecordPipeline {
    /// A pipeline for these `settings` and `rules`, with the key that `MASK_MODE=hmac` requires.
    ///
    /// # Panics
    /// If `MASK_MODE=hmac` is set and `key` is `None`.
    pub fn new(settings: &Settings, key: Option<&MaskKey>, rules: Rules) -> Self {
        Self {
            selection: Selection::new(&settings.selection),
            writer: EventWriter::new(settings, key, rules.protected_names()),
            no_keys: KeySet::default(),
            rules,
            record: Record::default(),
            scratch: Scratch::default(),
        }
    }

    /// Masks with `key` from now on.
    pub fn set_mask_key(&mut self, settings: &Settings, key: &MaskKey) {
        self.writer.set_mask_key(settings, key);
    }

    /// Appends the HEC objects of `text` to `out`. The text has one of the
    /// [input formats](cloudtrail::InputFormat), or is Lambda's record of a failed invocation with
    /// such an event.
    ///
    /// # Errors
    /// The text cannot be parsed to its end. `out` is then unchanged, because the events that are
    /// missing from the text are unknown.
    pub fn run(
        &mut self,
        text: &str,
        route: &Route,
        out: &mut Output,
    ) -> Result<TextStats, ParseError> {
        match self.run_without_unwrapping(text, route, out) {
            // Checked last, so that no text of another format is ever unwrapped.
            Err(ParseError::UnknownFormat { at }) => {
                let failed = |reason| ParseError::InvocationRecord { at, reason };
                let event = event_in(text).ok_or(ParseError::UnknownFormat { at })?;
                let event = event.map_err(failed)?;
                let stats = self.run_without_unwrapping(&event, route, out);
                let stats =
                    stats.map_err(|_| failed("the event in requestPayload cannot be parsed"))?;
                Ok(TextStats {
                    failed_invocation: true,
                    ..stats
                })
            }
            result => result,
        }
    }

    /// As [`RecordPipeline::run`], except that Lambda's record of a failed invocation is
    /// [`ParseError::UnknownFormat`].
    ///
    /// # Errors
    /// As for [`RecordPipeline::run`].
    pub fn run_without_unwrapping(
        &mut self,
        text: &str,
        route: &Route,
        out: &mut Output,
    ) -> Result<TextStats, ParseError> {
        let before = (out.bytes.len(), out.events.len());
        let mut scratch = std::mem::take(&mut self.scratch);
        let result = self.run_messages(text, route, &mut scratch, out);
        self.scratch = scratch;
        if result.is_err() {
            out.bytes.truncate(before.0);
            out.events.truncate(before.1);
        }
        result
    }

    fn run_messages(
        &mut self,
        text: &str,
        route: &Route,
        scratch: &mut Scratch,
        out: &mut Output,
    ) -> Result<TextStats, ParseError> {
        let mut stats = TextStats::default();
        let mut reader = Reader::new(text);
        let mut origin: Option<(usize, Origin)> = None;
        while let Some(message) = reader.next(scratch)? {
            let envelope = reader.envelope();
            let (value, origin) = match &mut origin {
                Some(origin) if origin.0 == message.value => origin,
                other => {
                    stats.hops = stats.hops.max(envelope.hops);
                    other.insert((message.value, Origin::new(envelope, route)))
                }
            };
            stats.events_in += 1;
            let context = MessageContext {
                origin,
                envelope,
                arrival_ms: route.arrival_ms,
            };
            let Some(encoded) = self.encode(&message, context, &mut out.bytes) else {
                stats.events_dropped += 1;
                continue;
            };
            stats.events_out += 1;
            out.events.push(EncodedEvent {
                end: out.bytes.len(),
                message: message.number,
                value: *value,
                raw_len: message.span.len(),
                path: origin.path,
                event_time: encoded.event_time,
                blinding: encoded.blinding,
            });
        }
        Ok(stats)
    }

    /// Appends the HEC object of one record of a log file, or its fallback event if the record
    /// cannot be parsed.
    pub fn run_record(&mut self, record: &[u8], file: &LogFile, out: &mut Output) -> TextStats {
        if let Err(error) = std::str::from_utf8(record) {
            let reason = format!("not UTF-8 at byte {}", error.valid_up_to());
            return self.write_fallback_event(record, &reason, file, out);
        }
        match self.encode(&Message::bare(record), file.context(), &mut out.bytes) {
            Some(encoded) => push_single_event(record.len(), encoded, file, out),
            None => TextStats {
                events_in: 1,
                events_dropped: 1,
                ..TextStats::default()
            },
        }
    }

    /// Appends the fallback event of `bytes`, which cannot be parsed for this `reason`: the bytes
    /// as text, or a placeholder if masking is on.
    pub fn write_fallback_event(
        &mut self,
        bytes: &[u8],
        reason: &str,
        file: &LogFile,
        out: &mut Output,
    ) -> TextStats {
        self.writer.write_fallback(
            &Message::bare(bytes),
            reason,
            file.context(),
            &mut out.bytes,
        );
        push_single_event(bytes.len(), Encoded::default(), file, out)
    }

    /// Appends the HEC object of one message. Returns `None` if the selection drops it; an event
    /// with a blinding outcome passes every selection.
    fn encode(
        &mut self,
        message: &Message<'_>,
        context: MessageContext<'_>,
        out: &mut Vec<u8>,
    ) -> Option<Encoded> {
        let keys = self.writer.watched_keys().unwrap_or(&self.no_keys);
        let scan = self.record.scan(message.text, keys);
        if let Ok(true) = scan {
            let class = classify(&mut self.rules, message.text, &self.record);
            let blinding = class.blinding().is_some();
            if !blinding && !self.selection.accepts(message.text, &self.record) {
                return None;
            }
            let written = self
                .writer
                .write_record(message, &self.record, &class, context, out);
            if let Ok(event_time) = written {
                return Some(Encoded {
                    event_time,
                    blinding,
                });
            }
        }
        // These texts are part of events: SIEM searches may use them.
        let reason = match scan {
            _ if message.text.trim_ascii().is_empty() => "empty message".to_owned(),
            Ok(true) => "a value to be masked cannot be read".to_owned(),
            Ok(false) => "no CloudTrail record".to_owned(),
            Err(error) => error.to_string(),
        };
        self.writer.write_fallback(message, &reason, context, out);
        Some(Encoded::default())
    }
}

/// Notes the object of a single message of `raw_len` bytes.
fn push_single_event(
    raw_len: usize,
    encoded: Encoded,
    file: &LogFile,
    out: &mut Output,
) -> TextStats {
    out.events.push(EncodedEvent {
        end: out.bytes.len(),
        message: 0,
        value: 0,
        raw_len,
        path: file.origin.path,
        event_time: encoded.event_time,
        blinding: encoded.blinding,
    });
    TextStats {
        events_in: 1,
        events_out: 1,
        ..TextStats::default()
    }
}
