//! Compares the table of built-in rules with the files it is generated from.
#![allow(
    clippy::disallowed_methods,
    reason = "a test reads the rules and can write the table"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::prefilter::Prefilter;

const PACKAGE: &str = env!("CARGO_MANIFEST_DIR");

/// With `SIGHTLINE_BLESS` set (`cargo xtask fixtures`) the table is written instead.
#[test]
fn golden_table_of_built_in_rules() {
    let expected = table();
    let path = Path::new(PACKAGE).join("src/built_in.rs");
    if std::env::var_os("SIGHTLINE_BLESS").is_some() {
        fs::write(&path, expected).unwrap();
        return;
    }
    let table = fs::read_to_string(&path).unwrap();
    let is_current = table == expected;
    assert!(
        is_current,
        "the table of built-in rules is stale: run `cargo xtask fixtures`"
    );
}

fn table() -> String {
    let root = Path::new(PACKAGE).join("../../../detections");
    let mut files = Vec::new();
    find(&root, &mut files);
    files.sort();
    let mut table = String::from(
        "//! The built-in rules. Generated from `detections/` by `cargo xtask fixtures`.\n\n\
         use crate::rule::BuiltIn;\n\n\
         pub(crate) const BUILT_IN: &[BuiltIn] = &[\n",
    );
    for path in &files {
        let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
        entry(path, name, &mut table);
    }
    table.push_str("];\n");
    table
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "yml") {
            files.push(path);
        }
    }
}

fn entry(path: &Path, name: &str, table: &mut String) {
    let text = fs::read_to_string(path).unwrap();
    let collection = rsigma_parser::parse_sigma_yaml(&text).unwrap();
    assert_eq!(collection.errors, [] as [&str; 0], "{name}");
    let [rule] = &collection.rules[..] else {
        panic!("{name}: a file holds one rule");
    };
    let prefilter = Prefilter::new(rule);
    assert!(
        prefilter.events.iter().all(|(source, _)| source.is_some()),
        "{name}: a built-in rule names its event sources literally, or EventBridge cannot select its events"
    );
    let level = rule.level.map_or("none", |level| level.as_str());
    let id = rule
        .id
        .as_deref()
        .unwrap_or_else(|| panic!("{name}: a rule needs an id"));
    let text_path = format!("../../../../detections/{name}");
    writeln!(
        table,
        "    BuiltIn {{\n        file: {name:?},\n        text: include_str!({text_path:?}),\n        \
         id: {id:?},\n        title: {:?},\n        level: {level:?},\n        tags: &{:?},\n        \
         events: &{:?},\n        required: &{:?},\n        excluded: &{:?},\n        \
         reads_parameters: {:?},\n        event_only: {:?},\n    }},",
        rule.title,
        rule.tags,
        prefilter.events,
        prefilter.required,
        prefilter.excluded,
        prefilter.reads_parameters,
        prefilter.event_only
    )
    .unwrap();
}
