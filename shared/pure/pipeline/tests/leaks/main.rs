//! Searches the output for every person and address of the input. The tests know the contract and not
//! how masking works.
#![allow(clippy::unwrap_used, reason = "a test may stop at what is not there")]
#![allow(clippy::disallowed_methods, reason = "a test reads its cases")]

mod evidence;
mod find;
mod masked;
mod seeded;
mod subjects;
mod utility;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use find::leaks;
use masked::Masked;
use subjects::{Subject, subjects};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

/// The files of real records; `None` where they are not there.
fn real_records() -> Option<Vec<PathBuf>> {
    let folder = std::env::var_os("SIGHTLINE_DATA").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| root().join("../shared/data/cloudtrail"));
    let Ok(files) = fs::read_dir(&folder) else {
        eprintln!("skipped: {} is not there", folder.display());
        return None;
    };
    Some(files.map(|file| file.unwrap().path()).collect())
}

/// All faults of one record: leaks, unwanted changes, inconsistent pseudonyms.
fn faults(raw: &str, masked: &mut Masked) -> Vec<String> {
    let line = masked.line(raw);
    let record: Value = serde_json::from_str(raw).unwrap();
    let output: Value = serde_json::from_str(&line)
        .unwrap_or_else(|fault| panic!("the output is no JSON: {fault}"));
    let subjects = subjects(&record);
    let mut faults = leaks(&subjects, &output);
    faults.extend(utility::damage(&record, &output["event"]));
    faults.extend(utility::unknown_tokens(&subjects, &output["event"]));
    faults
}

#[test]
fn no_record_of_the_fixtures_leaks_or_is_damaged() {
    let mut masked = Masked::new();
    let mut wrong = Vec::new();
    let mut records = 0;
    for file in fs::read_dir(root().join("fixtures/leaks")).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate() {
            records += 1;
            let found = faults(line, &mut masked);
            wrong.extend(
                found
                    .iter()
                    .map(|f| format!("{}:{}: {f}", path.display(), number + 1)),
            );
        }
    }
    assert!(records >= 30);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn names_of_other_things_stay_readable() {
    let mut masked = Masked::new();
    for line in fs::read_to_string(root().join("fixtures/lookalikes.ndjson"))
        .unwrap()
        .lines()
    {
        let case: Value = serde_json::from_str(line).unwrap();
        let record = &case["record"];
        let output: Value = serde_json::from_str(&masked.line(&record.to_string())).unwrap();
        for pointer in case["stays"].as_array().unwrap() {
            let pointer = pointer.as_str().unwrap();
            let value = record.pointer(pointer).unwrap();
            assert_eq!(output["event"].pointer(pointer), Some(value), "{line}");
        }
    }
}

#[test]
fn every_rule_has_its_cases() {
    let mut masked = Masked::new();
    let mut wrong = Vec::new();
    let text = fs::read_to_string(root().join("fixtures/masking.ndjson")).unwrap();
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let (about, record) = (case["about"].as_str().unwrap(), &case["record"]);
        let output: Value = serde_json::from_str(&masked.line(&record.to_string())).unwrap();
        let texts = |list: &str| -> Vec<String> {
            let list = case[list].as_array().unwrap().iter();
            list.map(|text| text.as_str().unwrap().to_owned()).collect()
        };
        let event = output["event"].to_string();
        for gone in texts("gone").iter().filter(|gone| event.contains(*gone)) {
            wrong.push(format!("{about}: {gone} is readable"));
        }
        for pointer in texts("stays") {
            if record.pointer(&pointer) != output["event"].pointer(&pointer) {
                wrong.push(format!("{about}: {pointer} is changed"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_real_record_leaks_or_is_damaged() {
    let Some(files) = real_records() else {
        return;
    };
    let mut masked = Masked::new();
    let (mut records, mut named, mut wrong) = (0, 0, Vec::new());
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for path in files {
        for (number, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            records += 1;
            let record: Value = serde_json::from_str(line).unwrap();
            for Subject { kind, .. } in subjects(&record) {
                named += 1;
                *kinds.entry(kind).or_default() += 1;
            }
            let found = faults(line, &mut masked);
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            wrong.extend(found.iter().map(|f| format!("{file}:{}: {f}", number + 1)));
        }
    }
    eprintln!("{records} records, {named} people and addresses: {kinds:?}");
    assert!(named > 0 && wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_checker_finds_every_kind_of_leak() {
    let record: Value = serde_json::from_str(
        r#"{"userIdentity":{"type":"IAMUser","userName":"asha.rao","arn":"arn:aws:iam::111122223333:user/asha.rao"},"sourceIPAddress":"203.0.113.9"}"#,
    )
    .unwrap();
    let subjects = subjects(&record);
    assert_eq!(subjects.len(), 2);
    for leak in [
        r#"{"a":"asha.rao"}"#,
        r#"{"a":["x asha.rao-laptop"]}"#,
        r#"{"asha.rao":1}"#,
        r#"{"a":"\u0061sha.rao"}"#,
        r#"{"a":"asha%2Erao"}"#,
        r#"{"a":"%61sha%252erao"}"#,
        r#"{"a":"{\"b\":\"ash\\u0061.rao\"}"}"#,
        r#"{"a":"203.0.113.9"}"#,
        r#"{"a":"from 203.0.113.9:443"}"#,
        r#"{"a":"::ffff:203.0.113.9"}"#,
        r#"{"a":"[::FFFF:cb00:7109]"}"#,
        r#"{"a":"ec2-203-0-113-9.compute-1.amazonaws.com"}"#,
    ] {
        let output: Value = serde_json::from_str(leak).unwrap();
        assert!(!leaks(&subjects, &output).is_empty(), "{leak}");
    }
    for fine in [
        r#"{"a":"ashaxrao","b":"1203.0.113.9","c":"203.0.113.90","d":"asha.rao2"}"#,
        r#"{"a":"pii-k1-0123456789abcdef0123456789abcdef"}"#,
    ] {
        let output: Value = serde_json::from_str(fine).unwrap();
        assert_eq!(leaks(&subjects, &output), Vec::<String>::new(), "{fine}");
    }
    let damaged = r#"{"userIdentity":{"type":"IAMUser","userName":"pii-k1-0123456789abcdef0123456789abcdef","arn":"arn:aws:iam::111122223333:role/x"},"sourceIPAddress":""}"#;
    assert!(!utility::damage(&record, &serde_json::from_str(damaged).unwrap()).is_empty());
}

#[test]
fn every_known_location_of_people_has_a_decision() {
    let data = root().join("../shared/data/pii_paths.csv");
    let Ok(rows) = fs::read_to_string(&data) else {
        eprintln!("skipped: {} is not there", data.display());
        return;
    };
    let decisions = fs::read_to_string(root().join("docs/masking.md")).unwrap();
    let mut missing = Vec::new();
    for row in rows.lines().skip(1) {
        let path = row.split(',').nth(1).unwrap();
        let place = path.split(" (").next().unwrap();
        let place = place.split(" and ").next().unwrap();
        for name in place.split('|') {
            let name = name
                .rsplit('.')
                .find(|part| part.len() > 2 && *part != "attributes");
            let name = name.unwrap_or_default().trim_end_matches(['*', '[', ']']);
            let name = name.split("..").next().unwrap().trim_end_matches("[]");
            if !decisions.contains(name) {
                missing.push(format!("{path}: {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
