//! The HEC objects of a message.

use std::borrow::Cow;

use hec::EventBatch;
use pipeline::{Decompressor, Route};
use runtime::{Encoder, InvocationMetrics};
use triggers::EventText;

/// Adds the HEC objects of `texts`, the whole of one message, to `objects`.
///
/// # Errors
/// One of them cannot be parsed. Nothing of any is added or counted, since the whole message is
/// delivered again.
pub(crate) fn encode(
    texts: &[EventText],
    decompressor: &mut Decompressor,
    encoder: &mut Encoder,
    objects: &mut EventBatch,
    metrics: &mut InvocationMetrics,
) -> Result<(), String> {
    let opened: Result<Vec<Cow<'_, str>>, String> = texts
        .iter()
        .map(|text| match text {
            EventText::Plain(text) => Ok(Cow::Borrowed(text.as_str())),
            // The decompressor holds one text at a time.
            EventText::Bytes(bytes) => match decompressor.decompress(bytes) {
                Ok(text) => Ok(Cow::Owned(text.to_owned())),
                Err(fault) => Err(fault.to_string()),
            },
        })
        .collect();
    encoder
        .add_all(&opened?, &Route::default(), objects, metrics)
        .map_err(|unreadable| unreadable.to_string())
}

#[cfg(test)]
mod tests {
    use pipeline::{RecordPipeline, Rules};
    use settings::RawSettings;

    use super::*;

    const RECORD: &str = r#"{"eventVersion":"1.09","eventTime":"2026-01-01T00:00:00Z"}"#;

    /// The number of objects of these texts and their bytes, or why there are none, and the counts.
    fn run(texts: &[EventText]) -> (Result<(usize, usize), String>, InvocationMetrics) {
        let settings = settings::resolve(&RawSettings::default()).unwrap();
        let mut encoder = Encoder::new(RecordPipeline::new(&settings, None, Rules::none()));
        let mut decompressor = Decompressor::default();
        let (mut objects, mut metrics) = (EventBatch::default(), InvocationMetrics::default());
        let encoded = encode(
            texts,
            &mut decompressor,
            &mut encoder,
            &mut objects,
            &mut metrics,
        );
        let size = (objects.len(), objects.bytes_len());
        if encoded.is_err() {
            assert_eq!(
                size,
                (0, 0),
                "nothing is sent of a message that is delivered again"
            );
        }
        (encoded.map(|()| size), metrics)
    }

    #[test]
    fn all_texts_of_a_message_leave_together() {
        let plain = EventText::Plain(RECORD.to_owned());
        let bytes = EventText::Bytes(format!("{RECORD}\n{RECORD}").into_bytes());
        let (alone, _) = run(std::slice::from_ref(&plain));
        let (encoded, metrics) = run(&[plain, bytes]);
        assert_eq!(alone.unwrap().0, 1);
        assert_eq!(encoded.unwrap().0, 3);
        assert_eq!(metrics.counters.events_in, 3);
    }

    #[test]
    fn nothing_of_a_message_that_is_delivered_again_is_sent_or_counted() {
        let good = EventText::Plain(RECORD.to_owned());
        for bad in [
            EventText::Plain("[1".to_owned()),
            EventText::Bytes(b"\x1f\x8b\x08".to_vec()),
            EventText::Bytes(b"\xff".to_vec()),
        ] {
            let (encoded, metrics) = run(&[good.clone(), bad]);
            assert!(encoded.is_err());
            assert_eq!(metrics.counters, pipeline::Counters::default());
        }
    }
}
