use crate::{error_of, settings_of};

#[test]
fn misspelled_names_are_rejected_with_a_suggestion_and_without_the_value() {
    for (name, hint) in [
        ("MASK_FIELD", "did you mean MASK_FIELDS?"),
        ("EVENT_NAME", "did you mean EVENT_NAMES?"),
        ("HEC_INDX", "did you mean HEC_INDEX?"),
        ("HEC_URI", "did you mean HEC_URL?"),
        ("mask_mode", "did you mean MASK_MODE?"),
        ("MASKMODE", "did you mean MASK_MODE?"),
        ("MAKS_MODE", "did you mean MASK_MODE?"),
        ("MAX_RECORDS_BYTES", "did you mean MAX_RECORD_BYTES?"),
        ("MASK_KEY_SEC", "did you mean MASK_KEY_SECRET?"),
        ("MASK_K", "did you mean MASK_KEY_SECRET?"),
        (
            "HEC_SOURCETYPE",
            "use one of HEC_PROFILE, HEC_INDEX, HEC_URL, HEC_CA_FILE, HEC_MAX_BYTES, HEC_BATCH, HEC_ACKS",
        ),
    ] {
        let error = error_of(&[(name, "s3cr3t-value")]);
        let start = format!("{name}: is not a setting; ");
        assert!(error.starts_with(&start), "{error}");
        assert!(error.ends_with(hint), "{error}");
        assert!(!error.contains("s3cr3t"), "{error}");
    }
}

#[test]
fn variables_of_other_programs_are_accepted() {
    for name in [
        "LOG_LEVEL",
        "SINKS",
        "AWS_REGION",
        "_HANDLER",
        "PATH",
        "MASKING",
        "EVENTS",
        "",
        "É",
    ] {
        settings_of(&[(name, "x")]);
    }
}
