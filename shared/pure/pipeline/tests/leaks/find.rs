//! Searches an output for people and addresses, in every encoding.

use std::net::IpAddr;

use serde_json::Value;

use crate::subjects::{Subject, is_distinctive};

/// The paths at which a subject is still readable in `output`, never its value.
pub(crate) fn leaks(subjects: &[Subject], output: &Value) -> Vec<String> {
    let mut found = Vec::new();
    each_text(output, "", &mut |path, text| {
        for encoded in encodings(text) {
            for subject in subjects {
                if names(subject, &encoded, path) {
                    found.push(format!("{} is readable at {path}", subject.kind));
                }
            }
        }
        if let Ok(inner @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text) {
            let inner = leaks(subjects, &inner);
            found.extend(
                inner
                    .into_iter()
                    .map(|leak| format!("{leak} in the JSON at {path}")),
            );
        }
    });
    found.sort();
    found.dedup();
    found
}

/// Every string of a value, including keys, with its path.
pub(crate) fn each_text(value: &Value, path: &str, see: &mut impl FnMut(&str, &str)) {
    match value {
        Value::String(text) => see(path, text),
        Value::Array(values) => values
            .iter()
            .for_each(|value| each_text(value, &format!("{path}[]"), see)),
        Value::Object(members) => {
            for (key, value) in members {
                see(&format!("{path}.<key>"), key);
                each_text(value, &format!("{path}.{key}"), see);
            }
        }
        _ => {}
    }
}

/// The text, and its result when it is percent-decoded once, twice and three times.
fn encodings(text: &str) -> Vec<String> {
    let mut all = vec![text.to_owned()];
    while all.len() < 4 {
        let last = all.last().unwrap();
        let decoded = percent_decoded(last);
        if decoded == *last {
            break;
        }
        all.push(decoded);
    }
    all
}

pub(crate) fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let hex = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn names(subject: &Subject, text: &str, path: &str) -> bool {
    if subject.label == "ip" {
        return names_address(&subject.value, text);
    }
    if is_role_place(path) {
        return false;
    }
    let text = &without_roles(text);
    let hits = text.match_indices(&subject.value).filter(|(at, name)| {
        let before = text[..*at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        ![before, after].into_iter().flatten().any(is_latin)
    });
    if is_distinctive(&subject.value) {
        hits.count() > 0
    } else {
        let suffixes = [":user/", ":federated-user/"];
        let is_name = path.ends_with("userName") && *text == subject.value;
        is_name
            || suffixes
                .iter()
                .any(|s| text.ends_with(&format!("{s}{}", subject.value)))
    }
}

/// Letters and digits that may continue a name or an address. Those of other scripts do not.
fn is_latin(c: char) -> bool {
    c.is_alphanumeric() && c < '\u{250}'
}

/// The text without the role names in its ARNs, which always stay readable.
fn without_roles(text: &str) -> String {
    let mut out = text.to_owned();
    for kind in [":role/", ":assumed-role/"] {
        let mut parts = out.split(kind);
        let mut kept = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let is_name = |c: char| c.is_alphanumeric() || "_+=,.@-".contains(c);
            let length = part.find(|c| !is_name(c)).unwrap_or(part.len());
            kept.push_str(kind);
            kept.push_str(&part[length..]);
        }
        out = kept;
    }
    out
}

fn is_role_place(path: &str) -> bool {
    path.ends_with(".roleName")
        || path.ends_with("sessionIssuer.userName")
        || path.ends_with("sessionIssuer.arn")
}

fn names_address(address: &str, text: &str) -> bool {
    let host = |address: IpAddr| address.to_canonical();
    let wanted = host(address.parse().unwrap());
    let is_part = |c: char| c.is_ascii_hexdigit() || matches!(c, ':' | '.');
    let tokens = text.split(|c: char| !is_part(c));
    // A token that is a part of a word is not an address: `v1.2.3.4`.
    let whole = tokens.filter(|token| {
        let at = token.as_ptr() as usize - text.as_ptr() as usize;
        let before = text[..at].chars().next_back();
        let after = text[at + token.len()..].chars().next();
        ![before, after].into_iter().flatten().any(is_latin)
    });
    let is_wanted = |token: &str| {
        token
            .parse::<IpAddr>()
            .is_ok_and(|found| host(found) == wanted)
    };
    let found = whole.into_iter().any(|token| {
        let token = token.trim_end_matches('.');
        let without_port = token.rsplit_once(':').map_or(token, |(before, _)| before);
        [token, token.trim_matches(':'), without_port]
            .into_iter()
            .any(is_wanted)
    });
    let dashed = wanted.to_string().replace('.', "-");
    let is_dashed = wanted.is_ipv4()
        && text.match_indices(&dashed).any(|(at, found)| {
            let before = text[..at].chars().next_back();
            let after = text[at + found.len()..].chars().next();
            ![before, after].into_iter().flatten().any(is_latin)
        });
    found || is_dashed
}
