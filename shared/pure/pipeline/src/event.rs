//! One message as one HEC object.

use std::borrow::Cow;

use cloudtrail::{Envelope, Field, Message, Record, parse_event_time};
use hec::{Encoder, EventMetadata, JsonObjectWriter, SourceType, Time};
use masking::{Label, RecordMasker};

use crate::judge::Judgement;
use crate::origin::Origin;

/// Writes messages as HEC objects.
pub(crate) struct EventWriter {
    pub(crate) encoder: Encoder,
    /// `None` where masking is off.
    pub(crate) masker: Option<RecordMasker>,
}

/// What a message that is no record is handed on as.
pub(crate) enum Stand {
    /// Itself, as a JSON string.
    Text,
    /// A placeholder that tells how to find it.
    Placeholder,
}

/// Where a message stands.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p> {
    pub(crate) origin: &'p Origin,
    pub(crate) envelope: &'p Envelope<'p>,
    /// When the input arrived, for messages that tell no time themselves.
    pub(crate) arrival_ms: Option<i64>,
}

impl EventWriter {
    /// Appends the record in `message` and returns its event time in epoch seconds, where
    /// it tells one. Returns `None` and appends nothing where it cannot be masked.
    pub(crate) fn write_record(
        &mut self,
        message: &Message<'_>,
        record: &Record,
        judgement: &Judgement,
        place: Place<'_>,
        out: &mut Vec<u8>,
    ) -> Option<Option<i64>> {
        let (text, origin) = (message.text, place.origin);
        if let Some(masker) = &mut self.masker
            && !masker.prepare(text, record)
        {
            return None;
        }
        let masker = self.masker.as_ref();
        let value = |field| {
            let span = record.span(field)?;
            Some(match masker {
                Some(masker) => masker.value(text, span),
                None => Cow::Borrowed(&text[span.range()]),
            })
        };
        let account = [Field::RecipientAccountId, Field::UserIdentityAccountId]
            .into_iter()
            .find_map(|field| string_content(&value(field)?).map(str::to_owned));
        let account = account.as_deref().unwrap_or(&origin.account);
        let event_time = record.string(text, Field::EventTime);
        let event_time = event_time.as_deref().and_then(parse_event_time);
        let time = event_time.map(|time| Time::Seconds(time.seconds, time.decimals));
        let head = EventMetadata {
            time: time.or(message.timestamp_ms.or(place.arrival_ms).map(Time::Millis)),
            host: account,
            source: &origin.source,
            source_type: source_type(text, record),
        };
        self.encoder.begin(head, out);
        let begins = out.len();
        match masker {
            Some(masker) => masker.write(text, record.object(), out),
            None => out.extend_from_slice(&text[record.object()]),
        }
        if record.has_line_breaks() {
            // Inside strings JSON allows none, so that these all stand between tokens.
            out[begins..]
                .iter_mut()
                .filter(|b| matches!(b, b'\n' | b'\r'))
                .for_each(|b| *b = b' ');
        }
        self.encoder.end(out, |pairs| {
            for (name, field) in [
                ("event_id", Field::EventId),
                ("event_name", Field::EventName),
                ("event_source", Field::EventSource),
                ("aws_region", Field::AwsRegion),
                ("error_code", Field::ErrorCode),
            ] {
                if let Some(value) =
                    value(field).filter(|value| !matches!(&**value, b"null" | b"\"\""))
                {
                    pairs.verbatim(name, &value);
                }
            }
            annotate_origin(pairs, account, origin);
            annotate_judgement(pairs, judgement);
        });
        Some(event_time.map(|time| time.seconds))
    }

    /// Appends a message that is no record.
    pub(crate) fn write_other(
        &mut self,
        message: &Message<'_>,
        reason: &str,
        stand: Stand,
        place: Place<'_>,
        out: &mut Vec<u8>,
    ) {
        let Place {
            origin, envelope, ..
        } = place;
        let head = EventMetadata {
            time: message.timestamp_ms.or(place.arrival_ms).map(Time::Millis),
            host: &origin.account,
            source: &origin.source,
            source_type: SourceType::Record,
        };
        self.encoder.begin(head, out);
        let text = String::from_utf8_lossy(message.text);
        match stand {
            Stand::Text => hec::push_json_string(&text, out),
            Stand::Placeholder => {
                let mut pairs = JsonObjectWriter::begin(out);
                pairs.text("reason", reason);
                pairs.number("message_length", message.text.len() as u64);
                let masker = self.masker.as_mut().map(RecordMasker::masker);
                if let Some(hmac) = masker
                    .filter(|m| m.is_keyed())
                    .and_then(|m| m.mask(Label::Message, &text))
                {
                    pairs.content("message_hmac", hmac);
                }
                pairs.content("log_group", envelope.log_group);
                pairs.content("log_stream", envelope.log_stream);
                pairs.content("log_event_id", message.id);
                pairs.end();
            }
        }
        self.encoder.end(out, |pairs| {
            pairs.text("parse_error", reason);
            annotate_origin(pairs, &origin.account, origin);
        });
    }
}

fn annotate_origin(pairs: &mut JsonObjectWriter<'_>, account: &str, origin: &Origin) {
    if !account.is_empty() {
        pairs.content("account_id", account);
    }
    pairs.content("delivery_path", origin.path.name());
}

fn annotate_judgement(pairs: &mut JsonObjectWriter<'_>, judgement: &Judgement) {
    pairs.content("severity", judgement.severity.name());
    let Some(finding) = &judgement.finding else {
        return;
    };
    if let Some(outcome) = finding.blinding {
        pairs.content("blinding", outcome.name());
    }
    pairs.texts("rules", &finding.rules);
    if !finding.techniques.is_empty() {
        pairs.texts("technique", &finding.techniques);
    }
}

/// The content of a string that is not blank, or the digits of a number.
fn string_content(value: &[u8]) -> Option<&str> {
    let content = match value {
        [b'"', content @ .., b'"'] => content,
        [b'0'..=b'9', ..] => value,
        _ => return None,
    };
    std::str::from_utf8(content)
        .ok()
        .filter(|content| !content.is_empty())
}

fn source_type(text: &[u8], record: &Record) -> SourceType {
    let is = |field, value: &[u8]| record.get(text, field) == Some(value);
    let insight = is(Field::EventCategory, b"\"Insight\"")
        || is(Field::EventType, b"\"AwsCloudTrailInsight\"");
    if insight {
        SourceType::Insight
    } else {
        SourceType::Record
    }
}
