//! Records through the pipeline with masking on.

use pipeline::{Output, RecordPipeline, Route, Rules};
use settings::{KeySource, MaskKeys};

pub(crate) const KEY: [u8; 32] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
    26, 27, 28, 29, 30, 31,
];

pub(crate) struct Masked {
    pipeline: RecordPipeline,
}

impl Masked {
    pub(crate) fn new() -> Self {
        let raw = [("MASK_MODE", "hmac"), ("MASK_SCOPE", "record")]
            .into_iter()
            .collect();
        let settings = settings::resolve_with(&raw, KeySource::File).unwrap();
        let key = base64_simd::STANDARD.encode_to_string(KEY);
        let document = format!(r#"{{"key_id":"k1","key":"{key}"}}"#);
        let keys = MaskKeys::parse(document.as_bytes()).unwrap();
        let own = r#"{"log_buckets":["acme-ledger"]}"#;
        let own = detection::ProtectedResources::parse(own).unwrap();
        let rules = Rules::new(Some(&own), &[]).unwrap();
        Self {
            pipeline: RecordPipeline::new(&settings, Some(&keys.current), rules),
        }
    }

    /// The HEC object that a record becomes.
    pub(crate) fn line(&mut self, record: &str) -> String {
        let mut output = Output::default();
        let passed = self
            .pipeline
            .run(record, &Route::default(), &mut output)
            .unwrap();
        assert_eq!((passed.events_in, passed.events_out), (1, 1));
        String::from_utf8(output.bytes).unwrap()
    }
}
