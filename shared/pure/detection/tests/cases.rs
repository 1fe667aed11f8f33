//! The cases beside the built-in rules.
#![allow(clippy::unwrap_used, reason = "a test may stop at what is not there")]
#![allow(clippy::disallowed_methods, reason = "a test reads its cases")]

mod shown;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use detection::{ProtectedResources, Rules};
use serde_json::{Value, json};
use shown::{Case, cases, judged, own, root};

#[test]
fn every_case_is_judged_as_it_says() {
    let mut with_own = Rules::new(Some(&own()), &[]).unwrap();
    let mut without = Rules::new(None, &[]).unwrap();
    let mut wrong = Vec::new();
    let cases = cases();
    for case in &cases {
        let rules = if case.own {
            &mut with_own
        } else {
            &mut without
        };
        let (outcome, ids) = judged(rules, &case.record);
        if outcome != case.expect {
            wrong.push(format!(
                "{}: {}: {outcome} by {ids:?}, not {}",
                case.file, case.name, case.expect
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} cases:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_rule_has_a_case_that_matches_it_and_a_near_miss() {
    let mut with_own = Rules::new(Some(&own()), &[]).unwrap();
    let mut without = Rules::new(None, &[]).unwrap();
    let mut by_rule: BTreeMap<String, Vec<Case>> = BTreeMap::new();
    for case in cases() {
        by_rule.entry(case.file.clone()).or_default().push(case);
    }
    let rules = Rules::new(None, &[]).unwrap();
    let mut missing = Vec::new();
    for rule in rules.list() {
        let file = rule.file.replace(".yml", ".cases.json");
        let of_rule = by_rule.remove(&file).unwrap_or_default();
        let mut matches = |case: &Case| {
            let rules = if case.own {
                &mut with_own
            } else {
                &mut without
            };
            judged(rules, &case.record).1.iter().any(|id| id == rule.id)
        };
        if !of_rule.iter().any(&mut matches) {
            missing.push(format!("{file}: no case matches the rule"));
        }
        if !of_rule.iter().any(|case| !matches(case)) {
            missing.push(format!("{file}: no near miss"));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    assert!(
        by_rule.is_empty(),
        "cases without a rule: {:?}",
        by_rule.keys()
    );
}

#[test]
fn every_rule_compiles_with_and_without_own_resources() {
    for own in [Some(own()), Some(ProtectedResources::default()), None] {
        let mut rules = Rules::new(own.as_ref(), &[]).unwrap();
        let files: Vec<String> = rules
            .list()
            .iter()
            .map(|rule| rule.file.to_owned())
            .collect();
        for file in files {
            let text = fs::read_to_string(root().join("detections").join(&file)).unwrap();
            let (sources, names) = (values(&text, "eventSource"), values(&text, "eventName"));
            assert!(!sources.is_empty() && !names.is_empty(), "{file}");
            for source in &sources {
                for name in &names {
                    let record = json!({"eventSource": source, "eventName": name, "requestParameters": {"x": 1}});
                    rules.evaluate(source, name, false, record.to_string().as_bytes());
                }
            }
        }
    }
}

/// The values under `key` in a rule: one on its line, or a list below it.
fn values(text: &str, key: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let Some((before, after)) = line.split_once(&format!("{key}:")) else {
            continue;
        };
        if !before.trim_matches([' ', '-']).is_empty() {
            continue;
        }
        let plain = |value: &str| value.trim().trim_matches(['\'', '"']).to_owned();
        if !after.trim().is_empty() {
            found.insert(plain(after));
        }
        while let Some(item) = lines.peek().and_then(|line| line.trim().strip_prefix("- ")) {
            found.insert(plain(item));
            lines.next();
        }
    }
    found
}

#[test]
fn the_catalogue_is_judged_as_it_says() {
    let Some(rows) = catalogue() else {
        eprintln!("skipped: the shared data is not there");
        return;
    };
    // No set of own resources has a name for endpoints and security groups.
    let unjudgeable = ["BL226", "BL227", "BL228"];
    let mut rules = Rules::new(Some(&own()), &[]).unwrap();
    let cases = cases();
    let mut wrong = Vec::new();
    for row in rows.iter().filter(|row| !unjudgeable.contains(&&*row[0])) {
        let (id, source, name, predicate, severity) = (&row[0], &row[2], &row[3], &row[4], &row[6]);
        let record = |more: Value| {
            let mut record =
                json!({"eventSource": source, "eventName": name, "requestParameters": null});
            record
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            record
        };
        let mut expect = |wrong: &mut Vec<String>, more: Value, expected: &str| {
            let (outcome, _) = judged(&mut rules, &record(more));
            if outcome != expected {
                wrong.push(format!("{id} {source} {name}: {outcome}, not {expected}"));
            }
        };
        let has_case = |expected: &str| {
            cases.iter().any(|case| {
                case.expect == expected
                    && case.record["eventSource"] == **source
                    && case.record["eventName"] == **name
            })
        };
        if predicate == "always" || predicate.starts_with("errorCode absent") {
            expect(&mut wrong, json!({}), "success");
            expect(&mut wrong, json!({"errorCode": "AccessDenied"}), "attempt");
            let text = record(json!({})).to_string();
            let found = rules
                .evaluate(source, name, false, text.as_bytes())
                .map(|f| f.severity.name());
            if found != Some(severity) {
                wrong.push(format!(
                    "{id} {source} {name}: severity {found:?}, not {severity}"
                ));
            }
            continue;
        }
        // Of these the catalogue tells only how much each matters.
        let is_always_judged =
            predicate.contains("pattern unknown") || predicate.contains("else medium");
        for expected in ["success", "quiet"] {
            let may_miss = is_always_judged && expected == "quiet";
            if !has_case(expected) && !may_miss {
                wrong.push(format!("{id} {source} {name}: no case {expected}"));
            }
        }
        let expected =
            if predicate.contains("pattern unknown") || predicate.contains("not an AWS service") {
                ["success", "attempt"]
            } else {
                ["unknown", "attempt"]
            };
        expect(&mut wrong, json!({}), expected[0]);
        expect(
            &mut wrong,
            json!({"requestParameters": {"omitted": true, "reason": "requestParameters too large"}}),
            expected[0],
        );
        expect(
            &mut wrong,
            json!({"errorCode": "AccessDenied"}),
            expected[1],
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn real_records_outside_the_catalogue_have_no_outcome() {
    let (Some(rows), Some(folder)) = (catalogue(), shared()) else {
        eprintln!("skipped: the shared data is not there");
        return;
    };
    let described: BTreeSet<(String, String)> = rows
        .iter()
        .map(|row| (row[2].clone(), row[3].clone()))
        .collect();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for own in [Some(own()), None] {
        let mut rules = Rules::new(own.as_ref(), &[]).unwrap();
        for file in fs::read_dir(folder.join("cloudtrail")).unwrap() {
            for line in fs::read_to_string(file.unwrap().path()).unwrap().lines() {
                let record: Value = serde_json::from_str(line).unwrap();
                let (outcome, _) = judged(&mut rules, &record);
                let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
                let event = (text("eventSource"), text("eventName"));
                assert!(
                    outcome == "quiet" || described.contains(&event),
                    "{event:?}: {outcome}"
                );
                *counts.entry(outcome).or_default() += 1;
            }
        }
    }
    eprintln!("{counts:?}");
}

fn shared() -> Option<PathBuf> {
    let folder = std::env::var_os("SIGHTLINE_DATA").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| root().join("../shared/data/cloudtrail"));
    let data = folder.parent()?.to_owned();
    data.join("blinding_catalogue.csv").exists().then_some(data)
}

/// The rows of the catalogue below its head, cell by cell.
fn catalogue() -> Option<Vec<Vec<String>>> {
    let text = fs::read_to_string(shared()?.join("blinding_catalogue.csv")).unwrap();
    Some(text.lines().skip(1).map(row).collect())
}

fn row(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cells.last_mut().unwrap().push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            c => cells.last_mut().unwrap().push(c),
        }
    }
    cells
}

/// Ordinary events must cost a look-up and no more: parsing a record costs as much as masking it.
#[test]
fn ordinary_events_reach_no_rule() {
    let rules = Rules::new(Some(&own()), &[]).unwrap();
    for (source, name) in [
        ("sts", "AssumeRole"),
        ("kms", "Decrypt"),
        ("kms", "GenerateDataKey"),
        ("s3", "GetObject"),
        ("s3", "PutObject"),
        ("ec2", "DescribeInstances"),
        ("lambda", "Invoke"),
        ("lambda", "GetFunction20150331v2"),
        ("lambda", "CreateAlias20150331"),
        ("logs", "CreateLogStream"),
        ("monitoring", "DescribeAlarms"),
        ("codedeploy", "CreateDeployment"),
        ("sqs", "SendMessage"),
        ("ssm", "UpdateInstanceInformation"),
        ("iam", "CreateUser"),
        ("signin", "ConsoleLogin"),
    ] {
        let source = format!("{source}.amazonaws.com");
        assert!(!rules.is_candidate(&source, name), "{source} {name}");
    }
    let Some(folder) = shared() else { return };
    let (mut all, mut candidates) = (0, 0);
    for line in fs::read_to_string(folder.join("cloudtrail/invictus_aws_dataset.ndjson"))
        .unwrap()
        .lines()
    {
        let record: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| record[key].as_str().unwrap();
        all += 1;
        candidates += usize::from(rules.is_candidate(text("eventSource"), text("eventName")));
    }
    eprintln!("{candidates} of {all} records of an attack reach a rule");
    assert!(candidates * 10 < all);
}
