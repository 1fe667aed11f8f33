//! The record pipeline compared with its floor: the cost of base64, inflate and one unescaping pass
//! alone on the same data. The ratios at the end are taken round by round in one run, because the
//! speed of machines drifts.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use firehose::{Request, TransformInvocation};
use pipeline::{RecordPipeline, Rules};
use settings::{KeySource, MaskKeys, RawSettings, Settings};
use testkit::trail::{Trail, gzip};

const RECORDS: usize = 20;
const EVENTS_PER_RECORD: usize = 50;

/// A transformation event of a stream of CloudWatch Logs envelopes, and the bytes of JSON in it.
fn event() -> (String, usize) {
    let mut trail = Trail::new(7);
    let mut json_bytes = 0;
    let records: Vec<String> = (0..RECORDS)
        .map(|number| {
            let envelope = trail.next_envelope(EVENTS_PER_RECORD);
            json_bytes += envelope.len();
            let data = base64_simd::STANDARD.encode_to_string(gzip(envelope.as_bytes()));
            format!(
                r#"{{"recordId":"{number:056}","approximateArrivalTimestamp":1698417200000,"data":"{data}"}}"#
            )
        })
        .collect();
    let arn = "arn:aws:firehose:us-east-1:111122223333:deliverystream/bench";
    let records = records.join(",");
    (
        format!(r#"{{"invocationId":"i","deliveryStreamArn":"{arn}","records":[{records}]}}"#),
        json_bytes,
    )
}

fn pipeline(pairs: &[(&str, &str)], rules: Rules) -> (Settings, RecordPipeline) {
    let raw: RawSettings = pairs.iter().copied().collect();
    let settings = settings::resolve_with(&raw, KeySource::File).expect("valid settings");
    let document = br#"{"key_id":"k1","key":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}"#;
    let keys = MaskKeys::parse(document).expect("a valid key");
    let pipeline = RecordPipeline::new(&settings, Some(&keys.current), rules);
    (settings, pipeline)
}

fn transform(event: &str, settings: &Settings, pipeline: &mut RecordPipeline) -> usize {
    let invocation = TransformInvocation::new(event, settings, pipeline).expect("a valid event");
    let finished = invocation.finish();
    assert!(finished.failures.is_empty());
    finished.response.len()
}

/// Finds the records, decodes, inflates, unescapes every message and encodes `outputs`, the pipeline's
/// output for each record.
struct Floor {
    outputs: Vec<Vec<u8>>,
    decoded: Vec<u8>,
    inflated: Vec<u8>,
    scratch: cloudtrail::Scratch,
}

impl Floor {
    fn new(response: &[u8]) -> Self {
        let response: serde_json::Value = serde_json::from_slice(response).expect("JSON");
        let records = response["records"].as_array().expect("records").iter();
        let outputs = records.map(|record| {
            let data = record["data"].as_str().expect("all are Ok");
            base64_simd::STANDARD.decode_to_vec(data).expect("base64")
        });
        let outputs = outputs.collect();
        Self {
            outputs,
            decoded: Vec::new(),
            inflated: Vec::new(),
            scratch: Default::default(),
        }
    }

    fn run(&mut self, event: &str) -> usize {
        let request = Request::parse(event).expect("a valid event");
        let mut response: Vec<u8> = Vec::with_capacity(event.len());
        let message = memchr::memmem::Finder::new(b"\"message\":\"");
        for (record, output) in request.records.iter().zip(&self.outputs) {
            record.decode(&mut self.decoded).expect("base64");
            cloudtrail::inflate(&self.decoded, 1 << 26, &mut self.inflated).expect("gzip");
            let mut at = 0;
            while let Some(found) = message.find(&self.inflated[at..]) {
                let start = at + found + b"\"message\":\"".len();
                at = cloudtrail::unescape(&self.inflated, start, &mut self.scratch)
                    .expect("a string");
                black_box(self.scratch.as_bytes());
            }
            base64_simd::STANDARD.encode_append(output, &mut response);
        }
        black_box(&response).len()
    }
}

fn main() {
    let (event, json_bytes) = event();
    let rules = || Rules::new(None, &[]).expect("valid built-in rules");
    let (off_settings, mut off) = pipeline(&[], Rules::none());
    let (rules_settings, mut with_rules) = pipeline(&[], rules());
    let keys = [("MASK_MODE", "hmac"), ("MASK_SCOPE", "keys")];
    let (keys_settings, mut keys) = pipeline(&keys, rules());
    let (record_settings, mut record) = pipeline(&[("MASK_MODE", "hmac")], rules());
    let response = TransformInvocation::new(&event, &record_settings, &mut record)
        .expect("a valid event")
        .finish()
        .response;
    let mut floor = Floor::new(&response);
    let mut run_floor = || floor.run(&event);
    let mut run_off = || transform(&event, &off_settings, &mut off);
    let mut run_rules = || transform(&event, &rules_settings, &mut with_rules);
    let mut run_keys = || transform(&event, &keys_settings, &mut keys);
    let mut run_record = || transform(&event, &record_settings, &mut record);

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("pipeline");
    group.throughput(Throughput::Bytes(json_bytes as u64));
    group.bench_function("floor", |b| b.iter(&mut run_floor));
    group.bench_function("masking and rules off", |b| b.iter(&mut run_off));
    group.bench_function("masking off", |b| b.iter(&mut run_rules));
    group.bench_function("masking hmac, keys", |b| b.iter(&mut run_keys));
    group.bench_function("masking hmac, record", |b| b.iter(&mut run_record));
    group.finish();
    criterion.final_summary();

    if std::env::args().any(|argument| argument == "--profile-time") {
        return; // a profile shows only the selected benchmark
    }
    let events = RECORDS * EVENTS_PER_RECORD;
    println!(
        "{events} events, {} bytes of request, {json_bytes} of JSON, {} of response",
        event.len(),
        response.len()
    );
    println!("compared with the floor:");
    println!(
        "masking and rules off: {}",
        ratio(&mut run_floor, &mut run_off)
    );
    println!("masking off: {}", ratio(&mut run_floor, &mut run_rules));
    println!(
        "masking hmac, keys: {}",
        ratio(&mut run_floor, &mut run_keys)
    );
    println!(
        "masking hmac, record: {}",
        ratio(&mut run_floor, &mut run_record)
    );
    println!("compared with masking and rules off:");
    println!(
        "masking hmac, record: {}",
        ratio(&mut run_off, &mut run_record)
    );
}

/// The median over rounds of the time of `work` divided by that of `base`.
fn ratio(base: &mut impl FnMut() -> usize, work: &mut impl FnMut() -> usize) -> String {
    #[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
    let time = |work: &mut dyn FnMut() -> usize| -> Duration {
        let begun = Instant::now();
        black_box(work());
        begun.elapsed()
    };
    let mut rounds: Vec<(f64, Duration)> = (0..200)
        .map(|_| {
            let base = time(base);
            let took = time(work);
            (took.as_secs_f64() / base.as_secs_f64(), took)
        })
        .collect();
    rounds.sort_by(|a, b| a.0.total_cmp(&b.0));
    let at = |share: usize| rounds[rounds.len() * share / 100].0;
    let events = (RECORDS * EVENTS_PER_RECORD) as f64;
    let fastest = rounds
        .iter()
        .map(|round| round.1)
        .min()
        .expect("there are rounds");
    format!(
        "{:.2} x (p10 {:.2}, p90 {:.2}), at best {:.2} us an event",
        at(50),
        at(10),
        at(90),
        fastest.as_secs_f64() * 1e6 / events
    )
}
