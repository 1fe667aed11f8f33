//! Random people and addresses at random positions of a record.

use std::net::{Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::faults;
use crate::masked::Masked;

/// Formats of a text with the person and the address.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("{p}".to_owned()),
        Just("{a}".to_owned()),
        Just("the user {p} came from {a}, twice ({a})".to_owned()),
        Just("home/{p}/file.txt".to_owned()),
        Just("arn:aws:s3:::bucket/{p}/x".to_owned()),
        Just("User: arn:aws:iam::111122223333:user/{p} is not authorized".to_owned()),
        Just(
            "{\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":[\"{a}\"]}},\"by\":\"{p}\"}"
                .to_owned()
        ),
        Just("login_hint={%p}&from={a}".to_owned()),
        Just("laptop-of-{p}".to_owned()),
        Just("Chrome/126.0.0.0 and 5.7.44.1".to_owned()),
        "[a-z ]{0,20}",
    ]
}

/// Percent-encodes every character except for letters and digits.
fn encoded(text: &str) -> String {
    let byte = |b: u8| {
        if b.is_ascii_alphanumeric() {
            char::from(b).to_string()
        } else {
            format!("%{b:02x}")
        }
    };
    text.bytes().map(byte).collect()
}

fn format_v6(address: Ipv6Addr, how: usize) -> String {
    let full: Vec<String> = address
        .segments()
        .iter()
        .map(|s| format!("{s:04X}"))
        .collect();
    [
        address.to_string(),
        full.join(":"),
        address.to_string().to_uppercase(),
    ][how % 3]
        .clone()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn seeded_people_are_never_found(
        // Neither AWS vocabulary nor hexadecimal.
        person in "zq[a-z]{2,6}[.@+_-]jw[a-z]{1,6}[0-9]{0,3}",
        v4 in any::<u32>(), v6 in any::<u128>(), how in 0usize..6,
        texts in prop::collection::vec(text(), 1..8),
        escape in any::<bool>(),
    ) {
        let v4 = Ipv4Addr::from(v4 | 0x0100_0000);
        let v6 = Ipv6Addr::from(v6 | 1 << 125);
        let (source, other) = match how {
            0..3 => (v4.to_string(), [v4.to_string(), format!("::ffff:{v4}"), format!("ip-{}.ec2.internal", v4.to_string().replace('.', "-"))][how].clone()),
            _ => (format_v6(v6, how), format_v6(v6, how + 1)),
        };
        let fill = |text: &String| {
            text.replace("{p}", &person).replace("{%p}", &encoded(&person)).replace("{a}", &other)
        };
        let values: Vec<Value> = texts.iter().map(|text| json!(fill(text))).collect();
        let record = json!({
            "eventVersion": "1.08", "eventTime": "2023-10-27T14:33:20Z",
            "userIdentity": {"type": "IAMUser", "userName": person, "arn": format!("arn:aws:iam::111122223333:user/{person}"), "accountId": "111122223333"},
            "eventSource": "s3.amazonaws.com", "eventName": "GetObject", "awsRegion": "us-east-1",
            "sourceIPAddress": source, "userAgent": values[0].clone(),
            "requestParameters": {"a": values.clone(), "b": {"c": values.last().unwrap().clone()}},
            "responseElements": null, "recipientAccountId": "111122223333",
        });
        let mut text = record.to_string();
        if escape {
            // Any character may be escaped.
            text = text.replace('@', "\\u0040").replace('.', "\\u002E");
        }
        let found = faults(&text, &mut Masked::new());
        prop_assert!(found.is_empty(), "{found:?} in {text}");
    }

    /// Names and texts of characters with a meaning for masking.
    #[test]
    fn unusual_names_cause_no_fault(
        name in r#"["\\asha@%=:.,{}\[\]/' 2é用*$]{1,12}"#,
        texts in prop::collection::vec(r#"(arn:aws:iam::1:(user|role)/|userName=|%22|%40|\\|"|::ffff:203\.0\.113\.9|203\.0\.113\.9|asha|[@%=:.,{}\[\]/' é用]){0,8}"#, 1..6),
    ) {
        let plain = texts.join(&name);
        let record = json!({
            "eventVersion": "1.08", "eventTime": "2023-10-27T14:33:20Z",
            "userIdentity": {"type": "IAMUser", "userName": name, "principalId": plain},
            "sourceIPAddress": "203.0.113.9", "userAgent": name,
            "requestParameters": {"userName": texts[0], "a": texts, "b": {"c": plain, (name.clone()): 1}, "d": json!({"e": plain}).to_string()},
        });
        let line = Masked::new().line(&record.to_string());
        let output: Value = serde_json::from_str(&line).unwrap();
        let left = &output["event"]["userIdentity"]["userName"];
        let is_kept = !name.contains(char::is_alphanumeric) || name.contains('{') || name.starts_with("arn:");
        prop_assert!(is_kept || *left != record["userIdentity"]["userName"]);
    }
}
