//! One message as one HEC object.

use std::borrow::Cow;

use cloudtrail::{Field, KeySet, Message, Record, parse_event_time};
use hec::{Annotate, Encoder, EventMetadata, JsonObjectWriter, SourceType, Time};
use masking::{Label, Masker, Method, RecordMasker};
use settings::{MaskKey, MaskMode, MaskScope, MaskingSettings, Networks, Settings};

use crate::annotation;
use crate::classify::Classification;
use crate::origin::{MessageContext, Origin};

/// Annotations that are copied from the record.
const COPIED: [(&str, Field); 5] = [
    (annotation::EVENT_ID, Field::EventId),
    (annotation::EVENT_NAME, Field::EventName),
    (annotation::EVENT_SOURCE, Field::EventSource),
    (annotation::AWS_REGION, Field::AwsRegion),
    (annotation::ERROR_CODE, Field::ErrorCode),
];

/// Writes messages as HEC objects.
pub(crate) struct EventWriter {
    encoder: Encoder,
    /// `None` if masking is off.
    masker: Option<RecordMasker>,
    networks: Option<Networks>,
    own_names: Vec<String>,
}

/// A record has a value that has to be masked and cannot be read.
pub(crate) struct CannotMask;

impl EventWriter {
    /// Nobody hides one of `own_names`, the names of the deployment's own resources, by choosing
    /// it as the name of a session.
    pub(crate) fn new(settings: &Settings, key: Option<&MaskKey>, own_names: Vec<String>) -> Self {
        let annotate = match settings.hec.annotate {
            settings::Annotate::Fields => Annotate::Fields,
            settings::Annotate::Event => Annotate::Event,
            settings::Annotate::Off => Annotate::Off,
        };
        let hec = &settings.hec;
        Self {
            encoder: Encoder::new(annotate, &hec.source_type, hec.index.as_deref()),
            networks: hec.networks.clone(),
            masker: record_masker(&settings.masking, key, &own_names),
            own_names,
        }
    }

    pub(crate) fn set_mask_key(&mut self, settings: &Settings, key: &MaskKey) {
        self.masker = record_masker(&settings.masking, Some(key), &self.own_names);
    }

    /// The keys that masking needs a scan to watch; `None` if masking is off.
    pub(crate) fn watched_keys(&self) -> Option<&KeySet> {
        self.masker.as_ref().map(RecordMasker::watched)
    }

    /// Appends the record in `message` and returns its `eventTime` in epoch seconds, if it has a
    /// valid one.
    ///
    /// # Errors
    /// See [`CannotMask`]; nothing is appended then.
    pub(crate) fn write_record(
        &mut self,
        message: &Message<'_>,
        record: &Record,
        class: &Classification,
        context: MessageContext<'_>,
        out: &mut Vec<u8>,
    ) -> Result<Option<i64>, CannotMask> {
        let (text, origin) = (message.text, context.origin);
        if let Some(masker) = &mut self.masker
            && !masker.prepare(text, record)
        {
            return Err(CannotMask);
        }
        let (masker, networks) = (self.masker.as_ref(), self.networks.as_ref());
        let value = |field| masked_value(text, record, field, masker);
        let account = [Field::RecipientAccountId, Field::UserIdentityAccountId]
            .into_iter()
            .find_map(|field| string_content(&value(field)?).map(str::to_owned));
        let account = account.as_deref().unwrap_or(&origin.account);
        let event_time = record.string(text, Field::EventTime);
        let event_time = event_time.as_deref().and_then(parse_event_time);
        let time = event_time.map(|time| Time::Seconds(time.seconds, time.decimals));
        let metadata = EventMetadata {
            time: time.or(context.time_of(message).map(Time::Millis)),
            host: account,
            source: &origin.source,
            source_type: source_type(text, record),
        };
        self.encoder.begin(metadata, out);
        write_body(text, record, masker, out);
        self.encoder.end(out, |annotations| {
            for (name, field) in COPIED {
                let value = value(field).filter(|value| !matches!(&**value, b"null" | b"\"\""));
                if let Some(value) = value {
                    annotations.verbatim(name, &value);
                }
            }
            annotate_origin(annotations, account, origin);
            annotate_class(annotations, class);
            if let Some(networks) = networks {
                annotate_network(annotations, networks, text, record);
            }
        });
        Ok(event_time.map(|time| time.seconds))
    }

    /// Appends the fallback event of a message that is not a record: its text, or a placeholder if
    /// masking is on or the message is empty, because HEC rejects a blank event.
    pub(crate) fn write_fallback(
        &mut self,
        message: &Message<'_>,
        reason: &str,
        context: MessageContext<'_>,
        out: &mut Vec<u8>,
    ) {
        let origin = context.origin;
        let metadata = EventMetadata {
            time: context.time_of(message).map(Time::Millis),
            host: &origin.account,
            source: &origin.source,
            source_type: SourceType::Record,
        };
        self.encoder.begin(metadata, out);
        let text = String::from_utf8_lossy(message.text);
        match &mut self.masker {
            None if !message.text.trim_ascii().is_empty() => hec::push_json_string(&text, out),
            masker => {
                let mut placeholder = JsonObjectWriter::begin(out);
                placeholder.text("reason", reason);
                placeholder.number("message_length", message.text.len() as u64);
                let masker = masker.as_mut().map(RecordMasker::masker);
                let hmac = masker
                    .filter(|masker| masker.is_keyed())
                    .and_then(|masker| masker.mask(Label::Message, &text));
                if let Some(hmac) = hmac {
                    placeholder.content("message_hmac", hmac);
                }
                placeholder.content("log_group", context.envelope.log_group);
                placeholder.content("log_stream", context.envelope.log_stream);
                placeholder.content("log_event_id", message.id);
                placeholder.end();
            }
        }
        self.encoder.end(out, |annotations| {
            annotations.text(annotation::PARSE_ERROR, reason);
            annotate_origin(annotations, &origin.account, origin);
        });
    }
}

/// The value of a field as it leaves: masked, or as written in the record.
fn masked_value<'v>(
    text: &'v [u8],
    record: &Record,
    field: Field,
    masker: Option<&'v RecordMasker>,
) -> Option<Cow<'v, [u8]>> {
    let span = record.span(field)?;
    Some(match masker {
        Some(masker) => masker.value(text, span),
        None => Cow::Borrowed(&text[span.range()]),
    })
}

/// Appends the record on one line.
fn write_body(text: &[u8], record: &Record, masker: Option<&RecordMasker>, out: &mut Vec<u8>) {
    let start = out.len();
    match masker {
        Some(masker) => masker.write(text, record.object(), out),
        None => out.extend_from_slice(&text[record.object()]),
    }
    if record.has_line_breaks() {
        // JSON allows no raw line break inside a string: these are all between tokens.
        out[start..]
            .iter_mut()
            .filter(|b| matches!(b, b'\n' | b'\r'))
            .for_each(|b| *b = b' ');
    }
}

fn annotate_origin(annotations: &mut JsonObjectWriter<'_>, account: &str, origin: &Origin) {
    if !account.is_empty() {
        annotations.content(annotation::ACCOUNT_ID, account);
    }
    annotations.content(annotation::DELIVERY_PATH, origin.path.name());
}

fn annotate_class(annotations: &mut JsonObjectWriter<'_>, class: &Classification) {
    annotations.content(annotation::SEVERITY, class.severity.name());
    let Some(finding) = &class.finding else {
        return;
    };
    if let Some(outcome) = finding.blinding {
        annotations.content(annotation::BLINDING, outcome.name());
    }
    annotations.texts(annotation::RULES, &finding.rules);
    if !finding.techniques.is_empty() {
        annotations.texts(annotation::TECHNIQUE, &finding.techniques);
    }
}

/// Appends the label of the caller's network, which the address in the record decides before it is
/// masked. Without an address, as for calls by AWS services, nothing is appended.
fn annotate_network(
    annotations: &mut JsonObjectWriter<'_>,
    networks: &Networks,
    text: &[u8],
    record: &Record,
) {
    let address = record.string(text, Field::SourceIpAddress);
    if let Some(label) = address.and_then(|address| networks.label(&address)) {
        annotations.content(annotation::SRC_NETWORK, label);
    }
}

/// The content of a string that is not empty, or the digits of a number.
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

/// The masker for these settings; `None` if masking is off.
fn record_masker(
    masking: &MaskingSettings,
    key: Option<&MaskKey>,
    own_names: &[String],
) -> Option<RecordMasker> {
    let method = match masking.mode {
        MaskMode::Off => return None,
        MaskMode::Sha256 => Method::Sha256,
        MaskMode::Hmac => {
            let key = key.expect("callers load the key before they build the pipeline");
            let (key_id, key) = (key.id().to_owned(), key.bytes().to_vec());
            Method::Hmac { key_id, key }
        }
    };
    let masker = Masker::new(method);
    let masker = match masking.scope {
        MaskScope::Keys => RecordMasker::of_keys(masker, &masking.fields),
        MaskScope::Record => RecordMasker::of_record(masker, &masking.fields, own_names),
    };
    Some(masker.expect("settings limit the number of fields"))
}
