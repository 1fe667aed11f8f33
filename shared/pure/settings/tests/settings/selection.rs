use settings::{Category, EventName, Names, unknown_event_names};

use crate::{error_of, errors_of, settings_of};

fn name(source: Option<&str>, name: &str) -> EventName {
    EventName {
        source: source.map(str::to_owned),
        name: name.to_owned(),
    }
}

#[test]
fn unset_or_an_asterisk_selects_everything() {
    for pairs in [&[][..], &[("EVENT_NAMES", "*")], &[("EVENT_NAMES", " * ")]] {
        let selection = settings_of(pairs).selection;
        assert_eq!(selection.names, Names::All);
        assert_eq!(selection.categories, None);
    }
}

#[test]
fn short_and_full_sources_are_the_same() {
    let value = "iam:CreateUser, iam.amazonaws.com:CreateUser,StopLogging,custom.app:Sign-In";
    assert_eq!(
        settings_of(&[("EVENT_NAMES", value)]).selection.names,
        Names::Listed(vec![
            name(Some("iam.amazonaws.com"), "CreateUser"),
            name(None, "StopLogging"),
            name(Some("custom.app"), "Sign-In"),
        ])
    );
}

#[test]
fn wrong_names_are_rejected_by_position_and_not_repeated() {
    let long = "N".repeat(129);
    for (entry, expected) in [
        ("Curated", "write curated in lower case"),
        ("Create*", "contains a wildcard"),
        ("*", "contains a wildcard"),
        ("IAM:CreateUser", "has upper-case letters in its source"),
        (":CreateUser", "use the form iam or iam.amazonaws.com"),
        ("iam:", "is not an event name"),
        ("iam:user:Create", "is not an event name"),
        ("Zoë", "is not an event name"),
        (&long, "is not an event name"),
    ] {
        let error = error_of(&[("EVENT_NAMES", &format!("StopLogging,{entry}"))]);
        assert!(error.starts_with("EVENT_NAMES: entry 2 "), "{error}");
        assert!(error.contains(expected), "{error}");
    }
    let blank = error_of(&[("EVENT_NAMES", "A,,B")]);
    assert!(blank.starts_with("EVENT_NAMES: entry 2 is empty; use *, curated"));
}

#[test]
fn every_wrong_entry_is_reported() {
    assert_eq!(errors_of(&[("EVENT_NAMES", "a*,b*,curated,ok")]).len(), 2);
}

#[test]
fn unknown_names_are_warnings_with_the_nearest_known_name() {
    for (value, expected) in [
        ("*", &[][..]),
        ("curated", &[]),
        ("ConsoleLogin,iam:CreateUser,UpdateFunctionCode", &[]),
        (
            "curated,ConsoleLogn,s3:CreateUser,NothingLikeThisExists",
            &[
                "EVENT_NAMES: 'ConsoleLogn' is not a known CloudTrail event name; \
                 did you mean 'ConsoleLogin'?",
                "EVENT_NAMES: 's3.amazonaws.com:CreateUser' is not a known CloudTrail event name",
                "EVENT_NAMES: 'NothingLikeThisExists' is not a known CloudTrail event name",
            ],
        ),
    ] {
        let settings = settings_of(&[("EVENT_NAMES", value)]);
        let found = unknown_event_names(&settings.selection);
        assert!(found.iter().all(|warning| warning.setting == "EVENT_NAMES"));
        let texts: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(texts, expected, "{value}");
    }
}

#[test]
fn categories_are_spelled_as_in_cloudtrail() {
    for (word, category) in [
        ("Management", Category::Management),
        ("Data", Category::Data),
        ("Insight", Category::Insight),
        ("NetworkActivity", Category::NetworkActivity),
    ] {
        assert_eq!(category.name(), word);
        let selection = settings_of(&[("EVENT_CATEGORIES", word)]).selection;
        assert_eq!(selection.categories, Some(vec![category]));
    }
    let both = settings_of(&[("EVENT_CATEGORIES", "Data, Insight,Data")]).selection;
    assert_eq!(
        both.categories,
        Some(vec![Category::Data, Category::Insight])
    );
    let case = error_of(&[("EVENT_CATEGORIES", "Data,networkactivity")]);
    assert_eq!(
        case,
        "EVENT_CATEGORIES: entry 2: 'networkactivity' is not valid; did you mean NetworkActivity?"
    );
    let unknown = error_of(&[("EVENT_CATEGORIES", "*")]);
    assert!(
        unknown.contains("use a comma-separated list of Management, Data"),
        "{unknown}"
    );
}

#[test]
fn protected_resources_are_inline_or_in_a_file() {
    let source = |value| {
        let detection = settings_of(&[("OWN_RESOURCES", value)]).detection;
        let source = detection.protected_resources.unwrap();
        (source.resources.describe(), source.file)
    };
    assert_eq!(settings_of(&[]).detection.protected_resources, None);
    let file = Some("own.json".to_owned());
    assert_eq!(source("@own.json"), ("no names".to_owned(), file.clone()));
    let inline = r#"{"log_buckets":["acme"]}"#;
    assert_eq!(source(inline), ("1 log_buckets".to_owned(), None));
    let both = r#"{"include":"own.json","log_buckets":["acme"]}"#;
    assert_eq!(source(both), ("1 log_buckets".to_owned(), file));
}

#[test]
fn wrong_protected_resources_are_reported_without_their_values() {
    for (value, expected) in [
        (
            r#"{"log_bucket":["acme"]}"#,
            "has an unknown key \"log_bucket\"; use log_buckets,",
        ),
        (
            r#"{"log_buckets":"acme"}"#,
            "key log_buckets is not a list of names",
        ),
        ("acme", "is not a JSON object"),
        ("@", "has no path after @"),
    ] {
        let error = error_of(&[("OWN_RESOURCES", value)]);
        assert!(error.starts_with("OWN_RESOURCES: "), "{error}");
        assert!(
            error.contains(expected) && !error.contains("acme"),
            "{error}"
        );
    }
}
