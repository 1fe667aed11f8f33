//! The people and addresses that a record names, by the contract.

use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Subject {
    pub(crate) kind: &'static str,
    pub(crate) label: &'static str,
    pub(crate) value: String,
}

/// The people and the address of a record, each once.
pub(crate) fn subjects(record: &Value) -> Vec<Subject> {
    let mut all = Vec::new();
    let mut add = |kind, label, value: &str| {
        if !value.is_empty() && !value.starts_with("HIDDEN_DUE_TO_SECURITY_REASONS") {
            let value = value.to_owned();
            all.push(Subject { kind, label, value });
        }
    };
    let identity = &record["userIdentity"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let kind = text(&identity["type"]);
    if kind != "Root" && kind != "Role" {
        add("user", "user", &text(&identity["userName"]));
    }
    let arn = text(&identity["arn"]);
    if let Some((role, session)) = session(&arn) {
        let is_machine =
            role == session || role.starts_with("AWSServiceRoleFor") || is_instance(&session);
        if !is_machine {
            add("session", "user", &session);
        }
    } else if let Some((_, name)) = arn.split_once(":user/") {
        add("user", "user", name.rsplit('/').next().unwrap());
    } else if let Some((_, name)) = arn.split_once(":federated-user/") {
        add("federated user", "user", name);
    }
    add(
        "source identity",
        "user",
        &text(&identity["sessionContext"]["sourceIdentity"]),
    );
    let parameters = &record["requestParameters"];
    add("requested user", "user", &text(&parameters["userName"]));
    add(
        "sign-in",
        "user",
        &text(&record["additionalEventData"]["UserName"]),
    );
    let from = text(&record["additionalEventData"]["SwitchFrom"]);
    if let Some((_, name)) = from.split_once(":user/") {
        add("switched from", "user", name);
    }
    let address = text(&record["sourceIPAddress"]);
    if address.parse::<std::net::IpAddr>().is_ok() {
        add("address", "ip", &address);
    }
    all.sort();
    all.dedup_by(|a, b| a.value == b.value && a.label == b.label);
    all
}

/// Role and session of the ARN of an assumed role.
fn session(arn: &str) -> Option<(String, String)> {
    let (_, rest) = arn.split_once(":assumed-role/")?;
    let (role, session) = rest.split_once('/')?;
    Some((role.to_owned(), session.to_owned()))
}

fn is_instance(session: &str) -> bool {
    let digits = session.strip_prefix("i-").unwrap_or_default();
    matches!(digits.len(), 8 | 17) && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Whether a name differs from AWS vocabulary. One that does not is searched for only where the
/// structure makes it a name: elsewhere the word is part of AWS's vocabulary.
pub(crate) fn is_distinctive(name: &str) -> bool {
    let is_region = {
        let parts: Vec<&str> = name.split('-').collect();
        parts.len() >= 3 && parts[0].len() == 2 && parts.last().unwrap().parse::<u8>().is_ok()
    };
    let words = [
        "user", "role", "root", "session", "admin", "test", "name", "lambda", "config", "default",
    ];
    name.chars().count() >= 4 && !is_region && !words.contains(&name.to_lowercase().as_str())
}
