use settings::{KeySource, SinkKind};

use crate::{error_of, settings_of};

#[test]
fn delivery_requires_a_url_and_a_token() {
    let delivery = settings_of(&[]).delivery;
    assert_eq!(
        (delivery.sink, delivery.max_bytes, delivery.acks),
        (SinkKind::Hec, 1_000_000, false)
    );
    let errors = delivery
        .complete(KeySource::Secret)
        .unwrap_err()
        .to_string();
    assert!(
        errors.contains("HEC_URL: is not set") && errors.contains("SECRET_NAME: is not set"),
        "{errors}"
    );
    let delivery = settings_of(&[("SINK", "logs")]).delivery;
    let errors = delivery.complete(KeySource::File).unwrap_err().to_string();
    assert!(
        errors.contains("LOGS_URL: is not set") && !errors.contains("SECRET"),
        "{errors}"
    );
    let set = [("HEC_URL", "https://hec.example"), ("SECRET_NAME", "hec")];
    assert!(
        settings_of(&set)
            .delivery
            .complete(KeySource::Secret)
            .is_ok()
    );
}

#[test]
fn urls_use_https_or_are_local() {
    for good in [
        "https://hec.example",
        "https://hec.example:8088/services/collector",
        "http://127.0.0.1:8088",
        "http://localhost/x",
        "http://[::1]:9",
        "https://[2001:db8::1]/x",
    ] {
        assert_eq!(
            settings_of(&[("HEC_URL", good)])
                .delivery
                .hec_url
                .as_deref(),
            Some(good)
        );
    }
    for (bad, why) in [
        ("hec.example", "neither https:// nor http://"),
        ("http://hec.example", "plain http"),
        ("http://127.0.0.1.evil.example", "plain http"),
        (
            "https://user:pass@hec.example",
            "which belong in the secret; use an https URL",
        ),
        ("https://", "has no host"),
        ("HTTPS://hec.example", "neither https:// nor http://"),
        ("https://hec .example", "contains a space"),
        ("ftp://hec.example", "neither https:// nor http://"),
    ] {
        let error = error_of(&[("HEC_URL", bad)]);
        assert!(error.contains(why) && !error.contains("pass"), "{error}");
    }
}

#[test]
fn compression_and_acknowledgments_depend_on_the_profile() {
    for (profile, gzip) in [("splunk", true), ("huntress", false), ("generic", false)] {
        let delivery = settings_of(&[("HEC_PROFILE", profile)]).delivery;
        assert_eq!(delivery.profile.accepts_gzip(), gzip);
    }
    assert!(settings_of(&[("HEC_ACKS", "on")]).delivery.acks);
    let error = error_of(&[("HEC_PROFILE", "huntress"), ("HEC_ACKS", "on")]);
    assert!(error.contains("no indexer acknowledgment"), "{error}");
}
