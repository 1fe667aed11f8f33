//! The lane beside its floor: what base64, inflate and one unescaping pass alone cost on the same
//! data. The ratio at the end is taken round by round in one run, since machines drift.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use firehose::Request;
use local::trail::{Trail, gzip};
use pipeline::{Lane, Plan, Rules};
use settings::{KeySource, MaskKeys, RawSettings, Settings};

const RECORDS: usize = 20;
const EVENTS_PER_RECORD: usize = 50;

/// A transformation event as a stream of CloudWatch Logs envelopes gives it, and the bytes of JSON
/// in it.
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

fn lane(pairs: &[(&str, &str)]) -> (Settings, Lane) {
    let raw: RawSettings = pairs.iter().copied().collect();
    let settings = settings::resolve_with(&raw, KeySource::File).expect("the settings are good");
    let document = br#"{"key_id":"k1","key":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}"#;
    let keys = MaskKeys::parse(document).expect("the key is good");
    let lane = Lane::new(
        &settings,
        Some(&keys.current),
        Rules::new(None, &[]).expect("the rules are good"),
    );
    (settings, lane)
}

fn transform(event: &str, settings: &Settings, lane: &mut Lane) -> usize {
    let plan = Plan::new(event, settings, lane).expect("the event is one");
    let finished = plan.finish();
    assert!(finished.failures.is_empty());
    finished.response.len()
}

/// Finds the records, decodes, inflates, unescapes every message and encodes `outputs`, which is
/// what the lane makes of each record.
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
        let request = Request::parse(event).expect("the event is one");
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
    let (hmac_settings, mut hmac) = lane(&[("MASK_MODE", "hmac"), ("MASK_SCOPE", "keys")]);
    let (off_settings, mut off) = lane(&[]);
    let response = Plan::new(&event, &hmac_settings, &mut hmac)
        .expect("the event is one")
        .finish()
        .response;
    let mut floor = Floor::new(&response);

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("lane");
    group.throughput(Throughput::Bytes(json_bytes as u64));
    group.bench_function("floor", |b| b.iter(|| floor.run(&event)));
    group.bench_function("masking off", |b| {
        b.iter(|| transform(&event, &off_settings, &mut off))
    });
    group.bench_function("masking hmac, keys", |b| {
        b.iter(|| transform(&event, &hmac_settings, &mut hmac));
    });
    group.finish();
    criterion.final_summary();

    let events = RECORDS * EVENTS_PER_RECORD;
    println!(
        "{events} events, {} bytes of request, {json_bytes} of JSON, {} of response",
        event.len(),
        response.len()
    );
    let [off_ratio, hmac_ratio] = [
        ratio(
            || floor.run(&event),
            || transform(&event, &off_settings, &mut off),
        ),
        ratio(
            || floor.run(&event),
            || transform(&event, &hmac_settings, &mut hmac),
        ),
    ];
    println!("masking off: {off_ratio}\nmasking hmac, keys: {hmac_ratio}");
}

/// The median over rounds of how much longer `lane` takes than `floor`.
fn ratio(mut floor: impl FnMut() -> usize, mut lane: impl FnMut() -> usize) -> String {
    #[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
    let time = |work: &mut dyn FnMut() -> usize| -> Duration {
        let begun = Instant::now();
        black_box(work());
        begun.elapsed()
    };
    let mut rounds: Vec<(f64, Duration)> = (0..200)
        .map(|_| {
            let floor = time(&mut floor);
            let lane = time(&mut lane);
            (lane.as_secs_f64() / floor.as_secs_f64(), lane)
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
        "{:.2} x the floor (p10 {:.2}, p90 {:.2}), at best {:.2} us an event",
        at(50),
        at(10),
        at(90),
        fastest.as_secs_f64() * 1e6 / events
    )
}
