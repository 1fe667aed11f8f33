//! Every folder under `fixtures/` with an `expected.ndjson`: what its `input.json` becomes under
//! the settings in its `settings.env`, whether it comes plain, as gzip or as two gzip members.
//!
//! A line of the expected file is a HEC object, or a string where the record has none:
//! `"Dropped"`, `"ProcessingFailed: why"`. `cargo xtask fixtures` writes them anew, to be read.

use std::io::Write;
use std::path::Path;

use firehose::Request;
use pipeline::{Lane, Plan};
use settings::{KeySource, MaskKeys, RawSettings};

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// What becomes of one record that holds `input`.
fn outcome(input: &[u8], settings: &RawSettings) -> String {
    let settings = settings::resolve_with(settings, KeySource::File).unwrap();
    let key = br#"{"key_id":"k1","key":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}"#;
    let mut lane = Lane::new(&settings, Some(&MaskKeys::parse(key).unwrap().current));
    let data = base64_simd::STANDARD.encode_to_string(input);
    let arn = "arn:aws:firehose:us-east-1:111122223333:deliverystream/example";
    let event = format!(
        r#"{{"deliveryStreamArn":"{arn}","records":[{{"recordId":"1","approximateArrivalTimestamp":1698417205500,"data":"{data}"}}]}}"#
    );
    let finished = Plan::new(&event, &settings, &mut lane).unwrap().finish();
    assert!(finished.counters.reconcile());
    if let Some(failure) = finished.failures.first() {
        return format!("\"ProcessingFailed: {}\"\n", failure.why);
    }
    // A response record has the shape of a request record as far as its data goes.
    let response = String::from_utf8(finished.response).unwrap();
    let answer = Request::parse(&response).unwrap();
    let mut lines = Vec::new();
    match answer.records[0].decode(&mut lines) {
        Ok(()) => String::from_utf8(lines).unwrap(),
        Err(_) => "\"Dropped\"\n".to_owned(),
    }
}

fn settings_in(case: &Path) -> RawSettings {
    let text = std::fs::read_to_string(case.join("settings.env")).unwrap_or_default();
    let pairs = text
        .lines()
        .map(|line| line.split_once('=').expect("NAME=VALUE"));
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the runner reads the fixtures")]
fn golden_fixtures_come_out_as_expected() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let bless = std::env::var_os("SIGHTLINE_BLESS").is_some();
    let mut cases: Vec<_> = std::fs::read_dir(fixtures)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for case in cases.iter().filter(|case| case.join("input.json").exists()) {
        count += 1;
        let input = std::fs::read(case.join("input.json")).unwrap();
        let settings = settings_in(case);
        let plain = outcome(&input, &settings);
        let (first, second) = input.split_at(input.len() / 2);
        assert_eq!(
            outcome(&gzip(&input), &settings),
            plain,
            "{} as gzip",
            case.display()
        );
        let members = [gzip(first), gzip(second)].concat();
        assert_eq!(
            outcome(&members, &settings),
            plain,
            "{} as two members",
            case.display()
        );
        let expected = case.join("expected.ndjson");
        if bless {
            std::fs::write(&expected, &plain).unwrap();
        } else if std::fs::read_to_string(&expected).unwrap_or_default() != plain {
            wrong.push(format!("{}:\n{plain}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "not as expected:\n{}", wrong.join("\n"));
    assert!(count > 20, "only {count} cases were found");
}
