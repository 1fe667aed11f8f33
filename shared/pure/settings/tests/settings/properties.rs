use proptest::collection::btree_map;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use settings::{Function, KeySource, Kind, RawSettings, Setting, TABLE, resolve, resolve_with};

/// Names of settings, names that look like one, and any other text.
fn names() -> impl Strategy<Value = String> {
    let settings: Vec<String> = TABLE.iter().map(|s| s.name.to_owned()).collect();
    prop_oneof![
        select(settings),
        "(MASK|HEC|EVENT)_[A-Z_]{0,12}",
        any::<String>()
    ]
}

/// Values that are valid for some setting, parts of them, and any other text.
fn values() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,6}:[A-Za-z*]{0,8}(,[A-Za-z:*]{0,6}){0,3}",
        "https?://[a-z\\[\\]:@./?#]{0,20}",
        "[0-9]{1,22}",
        "[a-z]{1,3}=(10\\.0|2001:db8:)[0-9.:]{0,4}/[0-9]{1,3}(,[a-z=0-9./]{0,12}){0,2}",
        "(arn:)?[a-z:{\"@]{0,30}",
        select(vec![
            "hmac", "huntress", "on", "fields", "logs", "curated", "*", "{}", "@", "Data"
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ]
}

/// A value that `setting` rejects.
fn wrong_value(setting: &Setting) -> &'static str {
    match setting.kind {
        Kind::Text { .. } => " ",
        Kind::EventNames => "Create*",
        _ => "\u{e9} \n",
    }
}

proptest! {
    #[test]
    fn no_input_panics_and_every_error_is_one_line(
        pairs in btree_map(names(), values(), 0..12)
    ) {
        let raw: RawSettings = pairs.into_iter().collect();
        for function in Function::ALL {
            let _ = function.resolve(&raw);
        }
        for source in [KeySource::Secret, KeySource::File] {
            if let Err(errors) = resolve_with(&raw, source) {
                prop_assert_eq!(errors.to_string().lines().count(), errors.0.len());
            }
        }
    }

    #[test]
    fn every_wrong_setting_is_reported_once(
        wrong in subsequence(TABLE.to_vec(), 1..TABLE.len())
    ) {
        let raw = wrong.iter().map(|s| (s.name, wrong_value(s))).collect();
        let errors = resolve(&raw).unwrap_err().0;
        let reported: Vec<&str> = errors.iter().map(|e| e.setting.as_str()).collect();
        let expected: Vec<&str> = wrong.iter().map(|s| s.name).collect();
        prop_assert_eq!(reported, expected);
    }

    #[test]
    fn no_error_repeats_a_long_value(
        setting in select(TABLE.to_vec()),
        value in "[!-~&&[^,]]{24,80}",
    ) {
        if let Err(errors) = resolve(&[(setting.name, value.as_str())].into_iter().collect()) {
            prop_assert!(!errors.to_string().contains(&value));
        }
    }

    #[test]
    fn described_values_resolve_to_the_same_settings(pairs in btree_map(names(), values(), 0..6)) {
        let raw: RawSettings = pairs.into_iter().collect();
        if let Ok(settings) = resolve(&raw) {
            let described = settings.describe().into_iter();
            let again: RawSettings = described
                .filter(|(name, value, _)| !value.is_empty() && *name != "OWN_RESOURCES")
                .map(|(name, value, _)| (name, value))
                .collect();
            let again = resolve(&again).unwrap();
            prop_assert_eq!(&again.hec, &settings.hec);
            prop_assert_eq!(&again.selection, &settings.selection);
            prop_assert_eq!(&again.masking, &settings.masking);
            prop_assert_eq!(&again.delivery, &settings.delivery);
        }
    }
}
