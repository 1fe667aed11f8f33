//! Everything except for people and addresses stays unchanged.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::find::{each_text, percent_decoded};
use crate::masked::KEY;
use crate::subjects::Subject;

/// Keys whose values never change, of a record and of its identity.
const TECHNICAL: &[&str] = &[
    "eventVersion",
    "eventTime",
    "eventSource",
    "eventName",
    "awsRegion",
    "eventID",
    "requestID",
    "eventType",
    "eventCategory",
    "recipientAccountId",
    "accountId",
    "type",
    "accessKeyId",
    "roleName",
    "errorCode",
    "invokedBy",
    "engineVersion",
    "keyFingerprint",
    "tlsVersion",
];

/// The changes from `raw` to `masked`, except for pseudonyms that replace names.
pub(crate) fn damage(raw: &Value, masked: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare(raw, masked, "", "", &mut found);
    found
}

fn compare(raw: &Value, masked: &Value, path: &str, key: &str, found: &mut Vec<String>) {
    match (raw, masked) {
        (Value::Object(a), Value::Object(b)) => {
            if a.len() != b.len() {
                found.push(format!("{path} has other members"));
            }
            for ((name, x), (other, y)) in a.iter().zip(b) {
                if name != other && tokens(other).is_empty() {
                    found.push(format!("{path} has other keys"));
                }
                compare(x, y, &format!("{path}.{name}"), name, found);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            if a.len() != b.len() {
                found.push(format!("{path} has other elements"));
            }
            a.iter()
                .zip(b)
                .for_each(|(x, y)| compare(x, y, &format!("{path}[]"), key, found));
        }
        (Value::String(a), Value::String(b)) => {
            let is_readable = a.ends_with(".amazonaws.com") && key == "sourceIPAddress"
                || a.starts_with("AWS Internal")
                || a.starts_with("HIDDEN_DUE_TO_SECURITY_REASONS");
            let is_own = path.matches('.').count() == 1 || path.starts_with(".userIdentity");
            if a != b && (is_own && TECHNICAL.contains(&key) || is_readable) {
                found.push(format!("{path} is changed"));
            }
            if a != b && !is_masked(a, b) {
                found.push(format!("{path} is changed beyond its names"));
            }
        }
        (Value::Number(_), Value::String(b)) if tokens(b).len() == 1 => {}
        (a, b) if a == b => {}
        _ => found.push(format!("{path} is of another kind")),
    }
}

/// The offsets of the pseudonyms in a text.
fn tokens(text: &str) -> Vec<usize> {
    let is_token = |at: &usize| {
        let hex = text.get(at + 7..at + 39).unwrap_or_default();
        hex.len() == 32 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    text.match_indices("pii-k1-")
        .map(|(at, _)| at)
        .filter(is_token)
        .collect()
}

/// Whether `masked` is `raw` with parts replaced by pseudonyms.
fn is_masked(raw: &str, masked: &str) -> bool {
    let mut pieces = Vec::new();
    let mut at = 0;
    for token in tokens(masked) {
        pieces.push(&masked[at..token]);
        at = token + 39;
    }
    if at == 0 {
        return false;
    }
    let last = &masked[at..];
    let Some(mut rest) = raw.strip_prefix(pieces[0]) else {
        return false;
    };
    for piece in &pieces[1..] {
        match rest.find(piece) {
            Some(found) => rest = &rest[found + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// The subjects whose pseudonym, computed by the contract, is missing in `masked`.
pub(crate) fn unknown_tokens(subjects: &[Subject], masked: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut texts = Vec::new();
    each_text(masked, "", &mut |_, text| texts.push(text.to_owned()));
    for subject in subjects {
        let token = token(subject);
        if !texts.iter().any(|text| text.contains(&token)) {
            wrong.push(format!("{} has no pseudonym of its own", subject.kind));
        }
    }
    wrong
}

fn token(subject: &Subject) -> String {
    let value = match subject.value.parse::<std::net::IpAddr>() {
        Ok(address) if subject.label == "ip" => address.to_canonical().to_string(),
        _ => percent_decoded(&subject.value),
    };
    let mut mac = Hmac::<Sha256>::new_from_slice(&KEY).unwrap();
    mac.update(subject.label.as_bytes());
    mac.update(&[0]);
    mac.update(value.as_bytes());
    let digest = mac.finalize().into_bytes();
    let hex: String = digest[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("pii-k1-{hex}")
}
