//! Writes the table of built-in rules: what has to be known of each before an event needs it.
#![allow(
    clippy::disallowed_methods,
    reason = "a build script reads and writes files"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "src/shape.rs"]
mod shape;

use shape::Shape;

fn main() {
    // Read when it runs: a build script that was compiled in another checkout would look there.
    let package = std::env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo");
    let root = Path::new(&package).join("../../../detections");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    find(&root, &mut files);
    assert!(!files.is_empty(), "{}: no rules", root.display());
    files.sort();
    let mut table = String::from("pub(crate) const BUILT_IN: &[BuiltIn] = &[\n");
    for path in &files {
        println!("cargo::rerun-if-changed={}", path.display());
        let name = path
            .strip_prefix(&root)
            .expect("it was found there")
            .display();
        entry(path, &name.to_string(), &mut table)
            .unwrap_or_else(|fault| panic!("detections/{name}: {fault}"));
    }
    table.push_str("];\n");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("set by cargo")).join("built_in.rs");
    fs::write(out, table).expect("the build folder can be written to");
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            println!("cargo::rerun-if-changed={}", path.display());
            find(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "yml") {
            files.push(path);
        }
    }
}

fn entry(path: &Path, name: &str, table: &mut String) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|fault| fault.to_string())?;
    let collection = rsigma_parser::parse_sigma_yaml(&text).map_err(|fault| fault.to_string())?;
    if let Some(fault) = collection.errors.first() {
        return Err(fault.clone());
    }
    let [rule] = &collection.rules[..] else {
        return Err("a file holds one rule".to_owned());
    };
    let shape = Shape::of(rule);
    let path = path.canonicalize().map_err(|fault| fault.to_string())?;
    let id = rule.id.as_deref().ok_or("a rule needs an id")?;
    let level = rule.level.map_or("none", |level| level.as_str());
    let written = writeln!(
        table,
        "BuiltIn {{ file: {name:?}, text: include_str!({path:?}), id: {id:?}, title: {:?}, \
         level: {level:?}, tags: &{:?}, events: &{:?}, wanted: &{:?}, unwanted: &{:?}, \
         reads_parameters: {:?}, event_only: {:?} }},",
        rule.title,
        rule.tags,
        shape.events,
        shape.wanted,
        shape.unwanted,
        shape.reads_parameters,
        shape.event_only
    );
    written.map_err(|fault| fault.to_string())
}
