use settings::{Annotate, Profile};

use crate::{error_of, settings_of, wrong_settings};

#[test]
fn unset_means_splunk_with_fields_and_without_index() {
    let hec = settings_of(&[]).hec;
    assert_eq!(hec.profile, Profile::Splunk);
    assert_eq!(hec.annotate, Annotate::Fields);
    assert_eq!(hec.source_type, "aws:cloudtrail");
    assert_eq!(hec.index, None);
}

#[test]
fn huntress_annotates_inside_the_event() {
    for (annotate, expected) in [
        (None, Annotate::Event),
        (Some("event"), Annotate::Event),
        (Some("off"), Annotate::Off),
    ] {
        let mut pairs = vec![("HEC_PROFILE", "huntress")];
        pairs.extend(annotate.map(|word| ("ANNOTATE", word)));
        assert_eq!(settings_of(&pairs).hec.annotate, expected);
    }
}

#[test]
fn huntress_supports_neither_index_nor_fields() {
    let huntress = ("HEC_PROFILE", "huntress");
    assert_eq!(
        error_of(&[huntress, ("HEC_INDEX", "main")]),
        "HEC_INDEX: is not supported with HEC_PROFILE=huntress; do not set it"
    );
    assert_eq!(
        error_of(&[huntress, ("ANNOTATE", "fields")]),
        "ANNOTATE: fields is not supported with HEC_PROFILE=huntress; use event or off"
    );
    assert_eq!(wrong_settings(&[huntress, ("ANNOTATE", "x")]), ["ANNOTATE"]);
}

#[test]
fn an_unknown_word_is_rejected_with_the_accepted_ones() {
    assert_eq!(
        error_of(&[("HEC_PROFILE", "Splunk")]),
        "HEC_PROFILE: 'Splunk' is not valid; did you mean splunk?"
    );
    assert_eq!(
        error_of(&[("ANNOTATE", "none")]),
        "ANNOTATE: 'none' is not valid; use fields, event or off"
    );
}

#[test]
fn index_and_source_type_are_short_printable_text() {
    let long = "x".repeat(129);
    for value in ["two words", "a\"b", "a\\b", "a\nb", "é", &long] {
        for name in ["HEC_INDEX", "SOURCE_TYPE"] {
            let error = error_of(&[(name, value)]);
            assert!(error.starts_with(name), "{error}");
            assert!(!error.contains(value), "{error}");
        }
    }
    let hec = settings_of(&[("HEC_INDEX", "sec_aws-1"), ("SOURCE_TYPE", "a:b")]).hec;
    assert_eq!(hec.index.as_deref(), Some("sec_aws-1"));
    assert_eq!(hec.source_type, "a:b");
}
