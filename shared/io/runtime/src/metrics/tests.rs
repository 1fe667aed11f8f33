use serde_json::Value;

use super::{Counters, Freshness, METRICS, ages, embedded_metrics, write_lines};

const COUNTERS: Counters = Counters {
    bytes_out: 0,
    events_in: 10,
    events_out: 4,
    events_dropped: 3,
    events_quarantined: 2,
    events_reingested: 1,
    records_failed: 7,
    blinding_events: 8,
    hec_requests: 9,
    hec_retries: 10,
    configuration_faults: 11,
};

fn lines(function: &str, freshness: &Freshness) -> Vec<Value> {
    embedded_metrics(function, 1_700_000_000_123, &COUNTERS, freshness)
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Asserts the rules of the specification.
fn assert_conforms(line: &Value) {
    assert_eq!(line["_aws"]["Timestamp"], 1_700_000_000_123_u64);
    let directives = line["_aws"]["CloudWatchMetrics"].as_array().unwrap();
    for directive in directives {
        let namespace = directive["Namespace"].as_str().unwrap();
        assert!((1..=255).contains(&namespace.len()));
        for set in directive["Dimensions"].as_array().unwrap() {
            let set = set.as_array().unwrap();
            assert!(set.len() <= 9);
            for key in set {
                let value = line[key.as_str().unwrap()].as_str().unwrap();
                assert!(!value.trim().is_empty());
            }
        }
        let metrics = directive["Metrics"].as_array().unwrap();
        assert!((1..=100).contains(&metrics.len()));
        for metric in metrics {
            let unit = metric["Unit"].as_str().unwrap();
            assert!(["Count", "Milliseconds"].contains(&unit));
            match &line[metric["Name"].as_str().unwrap()] {
                Value::Number(_) => {}
                Value::Array(values) => {
                    assert!((1..=100).contains(&values.len()));
                    assert!(values.iter().all(Value::is_number));
                }
                other => panic!("neither number nor array: {other}"),
            }
        }
    }
    assert!(line.to_string().len() < 4_096);
}

#[test]
fn counters_are_one_line_including_zeros() {
    let lines = lines("firehose-transform", &Freshness::new());
    assert_eq!(lines.len(), 1);
    assert_conforms(&lines[0]);
    assert_eq!(lines[0]["Function"], "firehose-transform");
    for (name, value) in [
        ("EventsIn", 10),
        ("EventsOut", 4),
        ("EventsDropped", 3),
        ("EventsQuarantined", 2),
        ("EventsReingested", 1),
        ("RecordsFailed", 7),
        ("BlindingEvents", 8),
    ] {
        assert_eq!(lines[0][name], value);
    }
    let none = embedded_metrics("f", 0, &Counters::default(), &Freshness::new());
    assert!(none[0].contains("\"RecordsFailed\":0"));
}

#[test]
fn an_invocation_without_events_has_no_data_points_of_events() {
    let counters = Counters {
        configuration_faults: 1,
        ..Counters::default()
    };
    let lines = embedded_metrics("f", 0, &counters, &Freshness::new());
    for metric in ["EventsIn", "EventsOut"] {
        assert!(!lines[0].contains(metric), "{}", lines[0]);
    }
    assert!(lines[0].contains("\"ConfigurationFaults\":1"));
}

#[test]
fn freshness_is_one_line_for_each_path_with_samples() {
    let many: Vec<i64> = (0..5_000).map(|at| i64::MAX - at).collect();
    let freshness = Freshness::from([
        ("s3", vec![]),
        ("eventbridge", vec![900, -5]),
        ("cloudwatch", many),
    ]);
    let lines = lines("f", &freshness);
    assert_eq!(lines.len(), 3);
    lines.iter().for_each(assert_conforms);
    let paths: Vec<&Value> = lines[1..].iter().map(|l| &l["DeliveryPath"]).collect();
    assert_eq!(paths, ["cloudwatch", "eventbridge"]);
    assert_eq!(lines[1]["FreshnessMs"].as_array().unwrap().len(), 100);
    assert_eq!(lines[1]["FreshnessMs"][99], i64::MAX);
    assert_eq!(lines[2]["FreshnessMs"], serde_json::json!([-5, 900]));
}

#[test]
fn the_lines_contain_exactly_the_listed_metrics() {
    let lines = lines("f", &Freshness::from([("s3", vec![1])]));
    let mut emitted = Vec::new();
    for line in &lines {
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        for metric in directive["Metrics"].as_array().unwrap() {
            emitted.push((metric.clone(), directive["Dimensions"][0].clone()));
        }
    }
    let listed: Vec<_> = METRICS
        .iter()
        .map(|m| {
            let metric = serde_json::json!({"Name": m.name, "Unit": m.unit});
            (metric, serde_json::json!(m.dimensions))
        })
        .collect();
    assert_eq!(emitted, listed);
}

#[test]
fn any_function_name_is_one_line_and_a_blank_one_is_unknown() {
    assert_eq!(lines(" ", &Freshness::new())[0]["Function"], "unknown");
    let line = embedded_metrics("a\"\n{", 0, &COUNTERS, &Freshness::new()).remove(0);
    assert!(!line.contains('\n'));
    assert!(serde_json::from_str::<Value>(&line).is_ok());
}

#[test]
fn every_line_ends_in_a_line_break() {
    let mut out = Vec::new();
    write_lines(&mut out, &["{}".to_owned(), "{}".to_owned()]).unwrap();
    assert_eq!(out, b"{}\n{}\n");
}

#[test]
fn ages_are_by_path_and_in_milliseconds() {
    let ages = ages(10_500, [("s3", 10), ("cloudwatch", 11), ("s3", i64::MIN)]);
    assert_eq!(ages["s3"], [500, i64::MAX]);
    assert_eq!(ages["cloudwatch"], [-500]);
}
