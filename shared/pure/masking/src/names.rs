//! How names of people, machines and ids look, and where they start and end in a text.

use std::ops::Range;

/// Whether a session has the name of an EC2 instance: `i-` and 8 or 17 hexadecimal digits.
pub(crate) fn is_instance_id(text: &str) -> bool {
    text.strip_prefix("i-").is_some_and(|id| {
        matches!(id.len(), 8 | 17) && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    })
}

/// Whether a session of `role` belongs to a machine: an EC2 instance, a service-linked role, or
/// a service that uses the role's name for the session.
pub(crate) fn is_machine_session(role: &str, session: &str) -> bool {
    is_instance_id(session) || role.starts_with("AWSServiceRoleFor") || role == session
}

/// Whether `text` is an identifier assigned by AWS: an account id, an IAM unique id, a UUID, an
/// S3 canonical user id.
pub(crate) fn is_id(text: &str) -> bool {
    let is_account = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    let is_canonical = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    is_unique_id(text) || is_account || is_canonical || is_uuid(text)
}

/// Whether `text` is a unique id of IAM (`AIDA…`, `AROA…`).
pub(crate) fn is_unique_id(text: &str) -> bool {
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    const PREFIXES: &[&str] = &[
        "ABIA", "ACCA", "AGPA", "AIDA", "AIPA", "AKIA", "ANPA", "ANVA", "APKA", "AROA", "ASCA",
        "ASIA",
    ];
    let is_part = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    text.len() >= 12
        && text.bytes().all(is_part)
        && PREFIXES.iter().any(|prefix| text.starts_with(prefix))
}

/// Whether `text` looks like an id, a digest, a date, a version or a range, which nobody is
/// called: `vpc-0123456789abcdef0`, a UUID, `E2QWRUHAPOMQZL`, `2026-03-01`, `v1.29`, `0-65535`. A
/// text of digits alone is not.
pub(crate) fn is_technical_id(text: &str) -> bool {
    let all = |text: &str, test: fn(u8) -> bool| text.bytes().all(test);
    let has = |test: fn(u8) -> bool| text.bytes().any(test);
    let is_hex = |text: &str| all(text, |b| b.is_ascii_hexdigit());
    let is_lower = |text: &str| all(text, |b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if !has(|b| b.is_ascii_digit()) {
        return false;
    }
    let is_named = text.rsplit_once('-').is_some_and(|(kind, id)| {
        let is_kind = all(kind, |b| b.is_ascii_lowercase() || b == b'-') && kind.len() <= 24;
        let is_organization = matches!(kind, "o" | "r" | "p") && id.len() >= 4 && is_lower(id);
        let is_unit = kind.starts_with("ou-") && id.len() == 8 && is_lower(id);
        is_kind && (8..=17).contains(&id.len()) && is_hex(id) || is_organization || is_unit
    });
    let is_code = matches!(text.len(), 13..=32)
        && text.starts_with(['E', 'Z'])
        && all(text, |b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let version = text.strip_prefix('v').unwrap_or(text);
    let is_numbers = all(version, |b| b.is_ascii_digit() || b".-:/_TZ".contains(&b))
        && !all(text, |b| b.is_ascii_digit());
    let is_digest = text.len() >= 16 && is_hex(text) && has(|b| b.is_ascii_alphabetic());
    is_named || is_code || is_numbers || is_digest || is_uuid(text) || is_unique_id(text)
}

/// Five groups of hexadecimal digits, with or without the prefix of an identity store.
pub(crate) fn is_uuid(text: &str) -> bool {
    if text.len() < 36 {
        return false;
    }
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    matches!(
        groups[..],
        [8, 4, 4, 4, 12] | [10, 8, 4, 4, 4, 12] | [12, 8, 4, 4, 4, 12]
    ) && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}

/// Whether `range` of `text` is a whole word: no character of the same script continues it at
/// either end. Scripts without spaces between words have no such boundaries.
pub(crate) fn is_whole_word(text: &str, range: &Range<usize>) -> bool {
    let name = &text[range.clone()];
    let joined = |a: Option<char>, b: Option<char>| {
        let script = a.and_then(script);
        script.is_some() && script == b.and_then(self::script)
    };
    !joined(text[..range.start].chars().next_back(), name.chars().next())
        && !joined(name.chars().next_back(), text[range.end..].chars().next())
}

#[derive(PartialEq, Eq)]
enum Script {
    Latin,
    Other,
}

/// The script of a letter or digit; `None` for other characters and for scripts without spaces
/// between words.
fn script(c: char) -> Option<Script> {
    match c {
        c if !c.is_alphanumeric() => None,
        '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => Some(Script::Latin),
        // Thai and the following blocks, and East Asian scripts.
        '\u{e00}'..='\u{fff}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}' => None,
        '\u{2e80}'.. => None,
        _ => Some(Script::Other),
    }
}

/// Redshift's prefixes for the origin of a database user.
const KINDS: &[&str] = &["IAM:", "IAMA:", "IAMR:", "AWSIDC:"];

/// The number of bytes of such a prefix before a name.
pub(crate) fn kind_len(value: &str) -> usize {
    let kind = KINDS.iter().find(|kind| value.starts_with(**kind));
    kind.map_or(0, |kind| kind.len())
}

/// The email address around the `@` at `at`: a name, the `@`, and a domain of two or more
/// labels, the last of letters or in Punycode. `None` if there is none.
pub(crate) fn email_around(text: &str, at: usize) -> Option<Range<usize>> {
    // Letters of scripts without spaces between words would include the surrounding text.
    let is_letter = |c: char| c.is_alphanumeric() && c < '\u{250}';
    let is_local = |c: char| is_letter(c) || matches!(c, '.' | '_' | '+' | '-' | '\'');
    let is_domain = |c: char| is_letter(c) || matches!(c, '.' | '-');
    // A quote before the address is not a part of it.
    let start = text[..at].trim_end_matches(is_local).len();
    let local = &text[start..at];
    let start = start + local.len() - local.trim_start_matches('\'').len();
    let rest = &text[at + 1..];
    let length = rest.len() - rest.trim_start_matches(is_domain).len();
    let domain = rest[..length].trim_end_matches(['.', '-']);
    let last = domain.rsplit_once('.').map_or("", |(_, last)| last);
    let is_word = !last.bytes().any(|b| b.is_ascii_digit() || b == b'-');
    let is_last = last.len() >= 2 && (is_word || last.starts_with("xn--"));
    let is_email = start < at && is_last && !domain.starts_with('.');
    is_email.then(|| start..at + 1 + domain.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distinguishes_machines_from_people() {
        for (role, session, expected) in [
            ("app", "i-0123456789abcdef0", true),
            ("app", "i-81e2f56c", true),
            ("app", "i-81e2f56", false),
            ("app", "app", true),
            ("AWSServiceRoleForRDS", "SLRManagement", true),
            ("ops", "asha.rao@acme.example", false),
        ] {
            assert_eq!(is_machine_session(role, session), expected, "{session}");
        }
    }

    #[test]
    fn distinguishes_technical_ids_from_names() {
        for id in [
            "vpc-0123456789abcdef0",
            "i-81e2f56c",
            "ou-ab12-34cd56ef",
            "o-exampleorg1",
            "7b0e1f0e-1111-4222-8333-444455556666",
            "E2QWRUHAPOMQZL",
            "0123456789abcdef0123456789abcdef",
            "2012-10-17",
            "v1.29",
            "10.0",
            "0-65535",
        ] {
            assert!(is_technical_id(id), "{id}");
        }
        for name in ["asha", "asha-1234", "10020030", "vpc-asha", "a.b2", "ZOE"] {
            assert!(!is_technical_id(name), "{name}");
        }
    }

    #[test]
    fn distinguishes_ids_from_names() {
        for id in [
            "111122223333",
            "AIDAEXAMPLE0000000002",
            "94d00cd8-e9e6-4810-b177-b08e84775435",
            "9067000000-94d00cd8-e9e6-4810-b177-b08e84775435",
        ] {
            assert!(is_id(id), "{id}");
        }
        for name in [
            "",
            "asha.rao",
            "ASHA",
            "ASHA_KUMARI_RAO",
            "AKIAtest",
            "1234",
            "108204268033311374519",
            "a-b-c-d-e",
        ] {
            assert!(!is_id(name), "{name}");
        }
    }

    #[test]
    fn finds_email_addresses_and_nothing_like_them() {
        let found = |text: &str| {
            let ats = text.match_indices('@');
            let found = ats.filter_map(|(at, _)| email_around(text, at));
            found
                .map(|range| text[range].to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            found("to asha.rao+x@acme.example, b@c.de."),
            ["asha.rao+x@acme.example", "b@c.de"]
        );
        assert_eq!(found("to 'asha@acme.example'"), ["asha@acme.example"]);
        assert_eq!(
            found("hanna.o'jacobsen@x.example"),
            ["hanna.o'jacobsen@x.example"]
        );
        assert_eq!(found("hint=asha@acme.example&x"), ["asha@acme.example"]);
        assert_eq!(
            found("to a@xn--bcher-kva.xn--p1ai."),
            ["a@xn--bcher-kva.xn--p1ai"]
        );
        for text in [
            "image@sha256:ab",
            "@acme.example",
            "a@b",
            "a@b.1",
            "awscrt@0.20.11",
            "a@.example",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
    }
}
