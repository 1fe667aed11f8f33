//! Rules as detection engineers write them, and the index that leads to them.
#![allow(clippy::unwrap_used, reason = "a test may stop at what is not there")]

use detection::{ProtectedResources, RuleFile, Rules};
use proptest::prelude::*;
use serde_json::{Value, json};

fn file(name: &str, text: &str) -> RuleFile {
    RuleFile {
        name: name.into(),
        text: text.into(),
    }
}

/// A rule with this detection section, indented by four.
fn rule(id: u32, detection: &str) -> RuleFile {
    file(
        &format!("{id}.yml"),
        &format!(
            "title: Rule {id}\nid: 00000000-0000-4000-8000-{id:012}\nstatus: test\nauthor: Somebody\ntags:\n    - attack.persistence\n    - attack.t1098.001\nlogsource:\n    product: aws\n    service: cloudtrail\ndetection:\n{detection}\nlevel: medium\n"
        ),
    )
}

/// Whether the one rule of the user's matches the record.
fn matches(rules: &mut Rules, record: &Value) -> bool {
    let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
    let is_refused = !text("errorCode").is_empty();
    let found = rules.evaluate(
        &text("eventSource"),
        &text("eventName"),
        is_refused,
        record.to_string().as_bytes(),
    );
    found.is_some_and(|finding| finding.rules.iter().any(|id| id.starts_with("00000000-")))
}

#[test]
fn forms_of_public_rules_load_and_match_as_they_are() {
    for (detection, yes, no) in [
        (
            "    selection:\n        eventSource: iam.amazonaws.com\n        eventName:\n            - CreateAccessKey\n            - UpdateAccessKey\n    condition: selection",
            json!({"eventSource": "iam.amazonaws.com", "eventName": "createaccesskey"}),
            json!({"eventSource": "sts.amazonaws.com", "eventName": "CreateAccessKey"}),
        ),
        (
            "    selection_source:\n        eventSource: lambda.amazonaws.com\n        eventName|startswith: UpdateFunctionConfiguration\n    condition: selection_source",
            json!({"eventSource": "lambda.amazonaws.com", "eventName": "UpdateFunctionConfiguration20150331v2"}),
            json!({"eventSource": "lambda.amazonaws.com", "eventName": "GetFunction"}),
        ),
        (
            "    selection_name:\n        eventName: 'Put*Policy'\n    selection_source:\n        - eventSource: iam.amazonaws.com\n        - eventSource|endswith: '.s3.amazonaws.com'\n    condition: all of selection_*",
            json!({"eventSource": "iam.amazonaws.com", "eventName": "PutUserPolicy"}),
            json!({"eventSource": "ec2.amazonaws.com", "eventName": "PutUserPolicy"}),
        ),
        (
            "    selection:\n        eventSource: signin.amazonaws.com\n        eventName: ConsoleLogin\n        responseElements.ConsoleLogin: Success\n        additionalEventData.MFAUsed: 'No'\n    filter_identity:\n        userIdentity.type: AssumedRole\n    filter_none:\n        userIdentity.userName: null\n    condition: selection and not 1 of filter_*",
            json!({"eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin", "responseElements": {"ConsoleLogin": "Success"}, "additionalEventData": {"MFAUsed": "No"}, "userIdentity": {"type": "IAMUser", "userName": "a"}}),
            json!({"eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin", "responseElements": {"ConsoleLogin": "Success"}, "additionalEventData": {"MFAUsed": "No"}, "userIdentity": {"type": "AssumedRole", "userName": "a"}}),
        ),
        (
            "    selection:\n        userIdentity.type: Root\n    filter:\n        eventType: AwsServiceEvent\n    condition: selection and not filter",
            json!({"eventSource": "any.amazonaws.com", "eventName": "Any", "userIdentity": {"type": "Root"}}),
            json!({"eventSource": "any.amazonaws.com", "eventName": "Any", "userIdentity": {"type": "Root"}, "eventType": "AwsServiceEvent"}),
        ),
        (
            "    selection:\n        eventName: PutUserPolicy\n        requestParameters|contains|all:\n            - '\"s3:GetObject\"'\n            - '\"arn:aws:s3:::<NAME>/*\"'\n    condition: selection",
            json!({"eventName": "PutUserPolicy", "requestParameters": {"policyDocument": "{\"Action\":[\"s3:GetObject\"],\"Resource\":\"arn:aws:s3:::<NAME>/*\"}"}}),
            json!({"eventName": "PutUserPolicy", "requestParameters": {"policyDocument": "{\"Action\":[\"s3:PutObject\"],\"Resource\":\"arn:aws:s3:::<NAME>/*\"}"}}),
        ),
        (
            "    selection:\n        userIdentity.arn|re: '.+:assumed-role/aws:.+'\n    filter_main:\n        - eventSource: ssm.amazonaws.com\n        - sourceIPAddress: AWS Internal\n    condition: selection and not 1 of filter_main*",
            json!({"eventSource": "s3.amazonaws.com", "eventName": "GetObject", "userIdentity": {"arn": "arn:aws:sts::1:assumed-role/aws:ec2-instance/i-0"}, "sourceIPAddress": "192.0.2.1"}),
            json!({"eventSource": "s3.amazonaws.com", "eventName": "GetObject", "userIdentity": {"arn": "arn:aws:sts::1:assumed-role/aws:ec2-instance/i-0"}, "sourceIPAddress": "AWS Internal"}),
        ),
        (
            "    selection1:\n        eventSource: s3.amazonaws.com\n        eventName: PutBucketAcl\n        errorCode|contains: Denied\n    keywords:\n        - 'public-read'\n    condition: selection1 and keywords",
            json!({"eventSource": "s3.amazonaws.com", "eventName": "PutBucketAcl", "errorCode": "AccessDenied", "requestParameters": {"acl": "public-read"}}),
            json!({"eventSource": "s3.amazonaws.com", "eventName": "PutBucketAcl", "errorCode": "AccessDenied", "requestParameters": {"acl": "private"}}),
        ),
    ] {
        let mut rules = Rules::new(None, &[rule(1, detection)])
            .unwrap_or_else(|f| panic!("{detection}: {f:?}"));
        assert!(matches(&mut rules, &yes), "{detection}\n{yes}");
        assert!(!matches(&mut rules, &no), "{detection}\n{no}");
    }
}

#[test]
fn a_rule_of_the_users_tells_level_and_technique_and_no_outcome() {
    let detection = "    selection:\n        eventName: CreateAccessKey\n    condition: selection";
    let mut rules = Rules::new(None, &[rule(1, detection)]).unwrap();
    let record = br#"{"eventName":"CreateAccessKey","requestParameters":null}"#;
    let finding = rules
        .evaluate("iam.amazonaws.com", "CreateAccessKey", false, record)
        .unwrap();
    assert_eq!(finding.techniques, ["T1098.001"]);
    assert_eq!(
        (finding.severity.name(), finding.blinding),
        ("medium", None)
    );
}

#[test]
fn errors_state_the_line_and_the_reason() {
    let good = "    selection:\n        eventName: A\n    condition: selection";
    let with = |from: &str, to: &str| file("x.yml", &rule(1, good).text.replace(from, to));
    for (file, line, reason) in [
        (file("x.yml", "title: [\n"), Some(2), "YAML"),
        (
            with("eventName:", "eventName|soundslike:"),
            Some(13),
            "soundslike'; use contains",
        ),
        (
            with("condition: selection", "condition: selection and"),
            Some(14),
            "ondition",
        ),
        (
            with("condition: selection", "condition: other"),
            Some(14),
            "names other",
        ),
        (with("id: 0", "nid: 0"), Some(1), "has no id"),
        (
            with("product: aws", "product: windows"),
            Some(8),
            "use product aws",
        ),
        (
            with("attack.persistence", "sightline.blind"),
            Some(6),
            "unknown tag sightline.blind; use sightline.blinding",
        ),
        (
            with("eventName: A", "eventName|expand: '%buckets%'"),
            Some(13),
            "unknown placeholder %buckets%; use one of log_buckets",
        ),
        (
            with("title: Rule 1", "title: Rule 1\nsigma-version: 9"),
            Some(2),
            "sigma-version",
        ),
        (file("x.yml", ""), Some(1), "not a YAML mapping"),
        (
            file(
                "x.yml",
                "title: T\nid: a\ncorrelation:\n    type: event_count\n    rules: [a]\n    group-by: [b]\n    timespan: 5m\n    condition: {gte: 2}\n",
            ),
            Some(3),
            "correlation rules",
        ),
    ] {
        let text = file.text.clone();
        let faults = Rules::new(None, &[file])
            .err()
            .unwrap_or_else(|| panic!("loads: {text}"));
        assert_eq!(faults.len(), 1);
        assert!(faults[0].reason.contains(reason), "{}", faults[0]);
        assert_eq!(faults[0].line, line, "{}\n{text}", faults[0]);
    }
    let twice = Rules::new(None, &[rule(1, good), rule(1, good)])
        .err()
        .unwrap();
    assert!(
        twice[0]
            .to_string()
            .contains("its id is that of the rule in 1.yml")
    );
}

#[test]
fn placeholders_are_filled_in_and_a_rule_without_them_is_disabled() {
    let detection = "    selection:\n        eventName: A\n        requestParameters.bucketName|expand: '%log_buckets%'\n    condition: selection";
    let record =
        json!({"eventName": "A", "requestParameters": {"bucketName": "arn:aws:s3:::mine"}});
    let resources = ProtectedResources::parse(r#"{"log_buckets":["mine"]}"#).unwrap();
    let mut rules = Rules::new(Some(&resources), &[rule(1, detection)]).unwrap();
    assert!(matches(&mut rules, &record));
    let mut rules = Rules::new(None, &[rule(1, detection)]).unwrap();
    assert!(!matches(&mut rules, &record));
    assert!(
        rules
            .list()
            .iter()
            .any(|rule| rule.user_defined && rule.disabled)
    );
}

/// A condition over the selections a, b and c.
fn condition() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec!["a", "b", "c", "1 of them", "all of them"]);
    leaf.prop_map(str::to_owned)
        .prop_recursive(3, 8, 2, |inner| {
            prop_oneof![
                (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("({x} and {y})")),
                (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("({x} or {y})")),
                inner.prop_map(|x| format!("not {x}")),
            ]
        })
}

fn selection() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "eventSource: s1",
        "eventSource:\n            - s1\n            - S2",
        "eventName: N1",
        "eventName|startswith: N",
        "eventName: 'n*'",
        "eventSource|cased: s2\n        eventName:\n            - N1\n            - N2",
        "requestParameters.x: 1",
        "eventName: null",
    ])
    .prop_map(str::to_owned)
}

proptest! {
    /// The index leads to everything that the evaluator alone would match.
    #[test]
    fn the_index_excludes_no_match(
        parts in prop::array::uniform3(selection()),
        condition in condition(),
        source in prop::sample::select(vec!["s1", "s2", "S1", "s3"]),
        name in prop::sample::select(vec!["N1", "n2", "M"]),
        x in 0..3,
    ) {
        let [a, b, c] = parts;
        let detection = format!("    a:\n        {a}\n    b:\n        {b}\n    c:\n        {c}\n    condition: {condition}");
        let file = rule(1, &detection);
        let record = json!({"eventSource": source, "eventName": name, "requestParameters": {"x": x}});
        let parsed = rsigma_parser::parse_sigma_yaml(&file.text).unwrap();
        let compiled = rsigma_eval::compile_rule(&parsed.rules[0]).unwrap();
        let event = rsigma_eval::JsonEvent::borrow(&record);
        let expected = rsigma_eval::evaluate_rule(&compiled, &event).is_some();
        let mut rules = Rules::new(None, &[file]).unwrap();
        prop_assert_eq!(matches(&mut rules, &record), expected, "{}", detection);
    }

    #[test]
    fn no_text_of_a_rule_causes_a_panic(text in "\\PC{0,200}", cut in 0usize..400) {
        let whole = rule(1, "    selection:\n        eventName|contains:\n            - A\n    condition: 1 of selection*").text;
        let cut = whole.char_indices().map(|(at, _)| at).take(cut + 1).last().unwrap_or(0);
        let _ = Rules::new(None, &[file("x.yml", &text)]);
        let _ = Rules::new(None, &[file("x.yml", &format!("{}{text}", &whole[..cut]))]);
    }
}
