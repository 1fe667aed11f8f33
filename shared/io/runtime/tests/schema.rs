//! Facts that Rust shares with the CDK app and the documentation: `schema/*.json`, the words of
//! settings in `cdk/lib/config/schema/words.ts`, and the tables in `docs/settings.md` and
//! `docs/masking.md`.

#![allow(
    clippy::unwrap_used,
    reason = "a file that cannot be read fails the test"
)]

use std::fs;
use std::path::{Path, PathBuf};

use detection::ProtectedResources;
use runtime::metrics::{METRICS, Metric, NAMESPACE};
use serde_json::{Value, json};
use settings::{Function, Kind, Networks, Setting, TABLE};

/// The markers around generated tables, by their names.
fn markers(name: &str) -> (String, String) {
    (
        format!("<!-- {name}:begin -->\n"),
        format!("<!-- {name}:end -->"),
    )
}

/// With `SIGHTLINE_BLESS` set (`cargo xtask schema`) the files are written instead.
#[test]
fn golden_schema() {
    let mut stale = Vec::new();
    for (path, expected) in files() {
        let found = fs::read_to_string(&path).unwrap_or_default();
        if found == expected {
            continue;
        }
        if std::env::var_os("SIGHTLINE_BLESS").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, expected).unwrap();
        } else {
            stale.push(path);
        }
    }
    assert!(
        stale.is_empty(),
        "run `cargo xtask schema` to update {stale:?}"
    );
}

#[test]
fn annotations_of_the_fixtures_are_listed() {
    let mut annotations = 0;
    for case in fs::read_dir(root().join("fixtures")).unwrap() {
        let expected = case.unwrap().path().join("expected.ndjson");
        let Ok(lines) = fs::read_to_string(expected) else {
            continue;
        };
        for line in lines.lines() {
            // A lone surrogate is valid in an event, but serde_json rejects it.
            let Ok(object) = serde_json::from_str::<Value>(line) else {
                continue;
            };
            for name in object["fields"].as_object().into_iter().flatten() {
                assert!(
                    pipeline::ANNOTATIONS.contains(&name.0.as_str()),
                    "{}",
                    name.0
                );
                annotations += 1;
            }
        }
    }
    assert!(annotations > 0);
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

/// Every file with its content.
fn files() -> Vec<(PathBuf, String)> {
    let facts = [
        ("settings", settings()),
        ("metrics", metrics()),
        ("annotations", json!(pipeline::ANNOTATIONS)),
        ("protected_resources", protected_resources()),
        ("fields", fields()),
        (
            "event_patterns",
            json!({ "blinding": detection::built_in_events(), "high": detection::high_events() }),
        ),
    ];
    let file = |(name, facts): (&str, Value)| {
        let text = format!("{}\n", serde_json::to_string_pretty(&facts).unwrap());
        (root().join(format!("schema/{name}.json")), text)
    };
    let mut files: Vec<_> = facts.into_iter().map(file).collect();
    let page = root().join("docs/settings.md");
    let text = fs::read_to_string(&page).unwrap();
    files.push((page, with_table(&text, "settings", &settings_table())));
    let page = root().join("docs/masking.md");
    let text = fs::read_to_string(&page).unwrap();
    files.push((page, with_table(&text, "fields", &fields_table())));
    let words_file = root().join("cdk/lib/config/schema/words.ts");
    files.push((words_file, words()));
    files
}

fn settings() -> Value {
    let function = |function: &Function| {
        json!({
            "name": function.name(),
            "evaluatesRules": function.evaluates_rules(),
            "delivers": function.delivers(),
        })
    };
    let functions: Vec<Value> = Function::ALL.iter().map(function).collect();
    let settings: Vec<Value> = TABLE.iter().map(setting).collect();
    let (ipv4, ipv6) = Networks::MAX_MASKED_PREFIXES;
    let networks = json!({
        "max": Networks::MAX,
        "maxLabelLength": Networks::MAX_LABEL_LENGTH,
        "maxMaskedPrefixes": { "ipv4": ipv4, "ipv6": ipv6 },
        "reservedLabel": Networks::EXTERNAL,
    });
    json!({ "functions": functions, "networks": networks, "settings": settings })
}

fn setting(setting: &Setting) -> Value {
    let mut facts = json!({
        "name": setting.name,
        "flag": format!("--{}", setting.flag()),
        "accepts": setting.kind.accepts(),
        "text": setting.text,
    });
    if !setting.default.is_empty() {
        facts["default"] = json!(setting.default);
    }
    match setting.kind {
        Kind::OneOf(words) | Kind::SomeOf(words) => facts["words"] = json!(words),
        Kind::Number { min, max } => {
            facts["min"] = json!(min);
            facts["max"] = json!(max);
        }
        _ => {}
    }
    facts
}

/// The words that settings accept, as TypeScript: types cannot be derived from the words of a JSON
/// file.
fn words() -> String {
    let property = |setting: &Setting| match setting.kind {
        Kind::OneOf(words) | Kind::SomeOf(words) => {
            let words: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
            Some(format!("  {}: [{}],\n", setting.name, words.join(", ")))
        }
        _ => None,
    };
    let properties: String = TABLE.iter().filter_map(property).collect();
    format!(
        "/** The words that settings accept. Generated by `cargo xtask schema`. */\n\
         export const WORDS = {{\n{properties}}} as const;\n"
    )
}

fn metrics() -> Value {
    let metric = |m: &Metric| json!({ "name": m.name, "unit": m.unit, "dimensions": m.dimensions });
    let metrics: Vec<Value> = METRICS.iter().map(metric).collect();
    json!({ "namespace": NAMESPACE, "metrics": metrics })
}

fn protected_resources() -> Value {
    let number = |(name, default): &(&str, i64)| json!({ "name": name, "default": default });
    let numbers: Vec<Value> = ProtectedResources::NUMBERS.iter().map(number).collect();
    json!({ "lists": ProtectedResources::LISTS, "numbers": numbers })
}

/// `page` with the current table of settings.
/// The page with `table` between the markers of this name.
fn with_table(page: &str, name: &str, table: &str) -> String {
    let (begin, end) = markers(name);
    let (before, rest) = page.split_once(&begin).unwrap();
    let (_, after) = rest.split_once(&end).unwrap();
    format!("{before}{begin}{table}{end}{after}")
}

fn settings_table() -> String {
    let rows: String = TABLE.iter().map(row).collect();
    format!("| Setting | Values | Default | Meaning |\n|---|---|---|---|\n{rows}")
}

/// The fields table of masking: kinds, keys and what becomes of their values.
fn fields() -> Value {
    let rows = masking::FIELDS.iter().map(|field| {
        json!({
            "kind": format!("{:?}", field.kind),
            "result": field.result,
            "keys": field.keys,
            "endings": field.endings,
        })
    });
    Value::Array(rows.collect())
}

/// The fields table of masking, as its rows describe it.
fn fields_table() -> String {
    let rows = masking::FIELDS.iter().map(|field| {
        let keys = field.keys.iter().map(|key| format!("`{key}`"));
        let endings = field.endings.iter().map(|ending| format!("`…{ending}`"));
        let keys: Vec<String> = endings.chain(keys).collect();
        format!("| {} | {} |\n", field.result, keys.join(", "))
    });
    format!("| values | keys |\n|---|---|\n{}", rows.collect::<String>())
}

fn row(setting: &Setting) -> String {
    let default = match setting.default {
        "" => "unset".to_owned(),
        value => format!("`{value}`"),
    };
    let cell = |text: &str| text.replace('|', "\\|");
    let (accepts, text) = (cell(&setting.kind.accepts()), cell(setting.text));
    format!("| `{}` | {accepts} | {default} | {text} |\n", setting.name)
}
