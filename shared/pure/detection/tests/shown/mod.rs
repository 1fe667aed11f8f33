//! Cases as files, and what becomes of them.

use std::fs;
use std::path::{Path, PathBuf};

use detection::{ProtectedResources, Rules};
use serde_json::Value;

/// One case of a rule.
pub(crate) struct Case {
    /// The file it is from, below `detections/`.
    pub(crate) file: String,
    /// What it shows.
    pub(crate) name: String,
    /// `success`, `attempt`, `unknown` or `quiet`.
    pub(crate) expect: String,
    /// Whether own resources are configured.
    pub(crate) own: bool,
    /// The record, as far as rules read it.
    pub(crate) record: Value,
}

/// The folder of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../..")
        .canonicalize()
        .unwrap()
}

/// The own resources that cases are about.
pub(crate) fn own() -> ProtectedResources {
    let text = fs::read_to_string(root().join("fixtures/own_resources.json")).unwrap();
    ProtectedResources::parse(&text).unwrap()
}

/// All cases beside the rules.
pub(crate) fn cases() -> Vec<Case> {
    let folder = root().join("detections");
    let mut cases = Vec::new();
    for service in fs::read_dir(&folder).unwrap() {
        let service = service.unwrap().path();
        if !service.is_dir() {
            continue;
        }
        for file in fs::read_dir(&service).unwrap() {
            let path = file.unwrap().path();
            if !path.to_str().unwrap().ends_with(".cases.json") {
                continue;
            }
            let file = path.strip_prefix(&folder).unwrap().display().to_string();
            let all: Vec<Value> = serde_json::from_str(&fs::read_to_string(&path).unwrap())
                .unwrap_or_else(|fault| panic!("{file}: {fault}"));
            cases.extend(all.into_iter().map(|case| Case {
                file: file.clone(),
                name: case["case"].as_str().unwrap().to_owned(),
                expect: case["expect"].as_str().unwrap().to_owned(),
                own: case["own"].as_bool().unwrap_or(true),
                record: case["record"].clone(),
            }));
        }
    }
    cases
}

/// The outcome of a record, `quiet` for none, and the ids of the rules that found it.
pub(crate) fn judged(rules: &mut Rules, record: &Value) -> (String, Vec<String>) {
    let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
    let is_refused = !text("errorCode").is_empty();
    let finding = rules.evaluate(
        &text("eventSource"),
        &text("eventName"),
        is_refused,
        record.to_string().as_bytes(),
    );
    match finding {
        Some(finding) => {
            let outcome = finding.blinding.map_or("quiet", |outcome| outcome.name());
            (outcome.to_owned(), finding.rules)
        }
        None => ("quiet".to_owned(), Vec::new()),
    }
}
