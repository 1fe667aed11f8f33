use settings::Function;

/// The errors of `function` with `pairs`, one line for each.
fn errors(function: Function, pairs: &[(&str, &str)]) -> String {
    let raw = pairs.iter().copied().collect();
    function
        .resolve(&raw)
        .map_or_else(|errors| errors.to_string(), |_| String::new())
}

#[test]
fn every_function_is_found_by_its_name() {
    for function in Function::ALL {
        assert_eq!(function.name().parse(), Ok(*function));
    }
    assert_eq!("sightline-s3-forwarder".parse::<Function>(), Err(()));
}

#[test]
fn each_function_requires_what_it_needs() {
    let delivery = "HEC_URL: is not set, but required to deliver events; use an https URL (http for this machine only)\n\
         SECRET_NAME: is not set, but required for the collector's token; use the name or ARN of a Secrets Manager secret";
    let key = "RELAY_KEY_SECRET: is not set, but required to authenticate Firehose: without it anyone could send events; use the name or ARN of a Secrets Manager secret";
    assert_eq!(errors(Function::FirehoseTransform, &[]), "");
    assert_eq!(errors(Function::EventForwarder, &[]), delivery);
    assert_eq!(errors(Function::S3Forwarder, &[]), delivery);
    assert_eq!(
        errors(Function::FirehoseRelay, &[]),
        format!("{delivery}\n{key}")
    );
    let complete = [
        ("HEC_URL", "https://hec.example"),
        ("SECRET_NAME", "hec"),
        ("RELAY_KEY_SECRET", "key"),
    ];
    for function in Function::ALL {
        assert_eq!(errors(*function, &complete), "");
    }
}

#[test]
fn missing_settings_are_reported_with_wrong_ones() {
    let raw = [("HEC_URL", "http://hec.example"), ("MASK_MODE", "on")];
    let found = errors(Function::EventForwarder, &raw);
    let settings: Vec<&str> = found
        .lines()
        .filter_map(|line| Some(line.split_once(": ")?.0))
        .collect();
    assert_eq!(settings, ["MASK_MODE", "HEC_URL", "SECRET_NAME"]);
}
