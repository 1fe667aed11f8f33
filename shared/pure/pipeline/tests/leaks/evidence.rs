//! A caller cannot hide other values of a record by choosing a name, and ordinary names are masked everywhere.

use std::fs;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::masked::Masked;
use crate::{real_records, root};

/// Words of AWS names as a caller might choose them: parts, actions, policies, tools, values.
fn words() -> Vec<String> {
    let list = root().join("shared/pure/masking/src/lexicon/words.txt");
    let list = fs::read_to_string(list).unwrap();
    let others = [
        "AdministratorAccess",
        "PowerUserAccess",
        "AmazonS3FullAccess",
        "Success",
        "Failure",
        "Enabled",
        "Disabled",
        "GetObject",
        "StopLogging",
        "DeleteTrail",
        "PutBucketPolicy",
        "Boto3",
        "Botocore",
        "aws-cli",
        "Terraform",
        "prod",
        "us-east-1",
        "eu-central-1",
        "cloudtrail.amazonaws.com",
        "ec2.amazonaws.com",
        "AccessDenied",
        "0.0.0.0",
        "10.0.0.0",
        "t3.micro",
        "CREATE_COMPLETE",
        "acme-ledger",
        "1698417000",
        "TLSv1.3",
        "AES256",
    ];
    let others = others.iter().map(|word| (*word).to_owned());
    list.lines().map(str::to_owned).chain(others).collect()
}

/// A listed word, which is in lower case, in capitals or with one; other words as they are.
fn capitalized(word: &str, how: usize) -> String {
    let is_listed = !word.bytes().any(|b| b.is_ascii_uppercase());
    match how {
        1 if is_listed => word.to_ascii_uppercase(),
        2 if is_listed => {
            let (first, rest) = word.split_at(1);
            first.to_ascii_uppercase() + rest
        }
        _ => word.to_owned(),
    }
}

fn record(session: &str, texts: &[String]) -> Value {
    json!({
        "eventVersion": "1.09", "eventTime": "2026-03-01T10:00:00Z",
        "userIdentity": {
            "type": "AssumedRole", "principalId": format!("AROAEXAMPLE000000001:{session}"),
            "arn": format!("arn:aws:sts::111122223333:assumed-role/ops/{session}"),
            "accountId": "111122223333",
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::111122223333:role/ops", "userName": "ops"}},
        },
        "eventSource": "iam.amazonaws.com", "eventName": "AttachRolePolicy",
        "awsRegion": "us-east-1", "sourceIPAddress": "iam.amazonaws.com", "userAgent": texts[0],
        "requestParameters": {
            "policyArn": format!("arn:aws:iam::aws:policy/{session}"), "text": session,
            "texts": texts, "nested": json!({"Action": texts, "Resource": session}).to_string(),
            (format!("k {session} x")): texts[0],
        },
        "errorMessage": format!("{} and {session}, {session}.", texts[0]),
        "recipientAccountId": "111122223333",
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_chosen_word_changes_identity_fields_only(
        word in prop::sample::select(words()), how in 0usize..3,
        texts in prop::collection::vec(prop::sample::select(words()), 1..4),
    ) {
        let session = capitalized(&word, how);
        // A session that is named like its role is a service's, and stays readable.
        prop_assume!(session.len() >= 2 && session != "ops");
        let texts: Vec<String> = texts.into_iter().chain([format!("by {session}/1.0")]).collect();
        let record = record(&session, &texts);
        let output: Value = serde_json::from_str(&Masked::new().line(&record.to_string())).unwrap();
        for key in ["userAgent", "requestParameters", "errorMessage", "eventName", "awsRegion"] {
            prop_assert_eq!(&output["event"][key], &record[key], "{} of {}", key, session);
        }
        let identity = output["event"]["userIdentity"].to_string();
        prop_assert!(!identity.contains(&format!("ops/{session}\"")), "{}", identity);
    }
}

/// Replaces the name of the caller's session in a record; `None` if it has none.
fn with_session(record: &Value, name: &str) -> Option<Value> {
    let arn = record["userIdentity"]["arn"].as_str()?;
    let (role, session) = arn.split_once(":assumed-role/")?.1.split_once('/')?;
    let is_machine = role == session || session.starts_with("i-");
    if is_machine || session.len() < 5 || role.starts_with("AWSServiceRoleFor") {
        return None;
    }
    let (session, role) = (session.to_owned(), role.to_owned());
    let mut changed = record.clone();
    let arn = changed["userIdentity"]["arn"]
        .as_str()?
        .replace(&format!("/{role}/{session}"), &format!("/{role}/{name}"));
    changed["userIdentity"]["arn"] = json!(arn);
    let id = changed["userIdentity"]["principalId"]
        .as_str()?
        .replace(&format!(":{session}"), &format!(":{name}"));
    changed["userIdentity"]["principalId"] = json!(id);
    let message = changed["errorMessage"].as_str().unwrap_or_default();
    if message.contains(&session) {
        changed["errorMessage"] = json!(message.replace(&session, name));
    }
    Some(changed)
}

#[test]
fn sessions_of_real_records_hide_nothing_and_nobody() {
    let Some(files) = real_records() else {
        return;
    };
    let words = words();
    let (mut masked, mut sessions) = (Masked::new(), 0);
    for path in files {
        for line in fs::read_to_string(path).unwrap().lines() {
            let record: Value = serde_json::from_str(line).unwrap();
            let word = &words[sessions * 37 % words.len()];
            let Some(other) = with_session(&record, "session-of-nobody-1") else {
                continue;
            };
            sessions += 1;
            let named = with_session(&record, word).unwrap();
            let mut event = |record: &Value| -> Value {
                let line = masked.line(&record.to_string());
                serde_json::from_str::<Value>(&line).unwrap()["event"].take()
            };
            let (a, b) = (event(&other), event(&named));
            for (key, value) in a.as_object().unwrap() {
                let is_identity = ["userIdentity", "errorMessage"].contains(&key.as_str());
                assert!(is_identity || b[key] == *value, "{word} changes {key}");
            }
            let person = with_session(&record, "hanna.jacobsen").unwrap();
            assert!(!event(&person).to_string().contains("hanna.jacobsen"));
        }
    }
    assert!(sessions > 10, "{sessions}");
}
