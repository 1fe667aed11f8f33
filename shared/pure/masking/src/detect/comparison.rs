//! Names and addresses that an expression or message refers to by a key of the fields table:
//! `{ $.userIdentity.userName = "asha" }`, `email=asha&x=1`, `Value 'asha' at 'userName' failed`.

use std::ops::Range;

use cloudtrail::KeySet;

use super::context::{Context, Findings};
use crate::Label;
use crate::classify::{Decision, Position, classify};
use crate::collect::{IdentityContext, Names};
use crate::decoded_text::percent_decoded_name;
use crate::fields::{FieldKind, kind_of};

/// The maximum length of a value.
const LONGEST: usize = 512;

/// The maximum number of values in a list.
const MOST: usize = 64;

/// Masks what keys of people and addresses are compared with in `text`, which starts at `base`.
pub(crate) fn detect(text: &str, base: usize, context: Context<'_>, findings: &mut Findings<'_>) {
    if memchr::memchr3(b'=', b'"', b'\'', text.as_bytes()).is_none() {
        return;
    }
    let kind = |key: &str| {
        kind_of(
            context
                .keys
                .number(key.as_bytes())
                .unwrap_or(KeySet::UNNAMED),
        )
    };
    let mut mask = |kind, range| mask_value(text, base, kind, range, context, findings);
    each_identifier(text, |name| {
        if let Some(kind) = compared_kind(kind(&text[name.clone()]))
            && !text[name.clone()].contains("sessionIssuer.")
        {
            each_value(text, name.end, kind, |value| mask(kind, value));
        }
    });
    if memchr::memchr(b'\'', text.as_bytes()).is_none() {
        return;
    }
    each_quoted(text, |value, key| {
        let key = &text[key];
        if let Some(kind) = compared_kind(kind(key)) {
            mask(kind, value);
        }
    });
    each_database_user(text, |user, host| {
        mask(FieldKind::Person, user);
        mask(FieldKind::Address, host);
    });
}

/// Masks what of the value at `range` its key requires to be masked.
fn mask_value(
    text: &str,
    base: usize,
    kind: FieldKind,
    range: Range<usize>,
    context: Context<'_>,
    findings: &mut Findings<'_>,
) {
    let names = Names::default();
    let value = &text[range.clone()];
    let known = IdentityContext::unknown(&names);
    if let Decision::Masked(label, part) = classify(Position::under(kind), known, value)
        && context.masks(label)
    {
        let name = match label {
            Label::User => percent_decoded_name(&value[part.clone()]),
            Label::Ip | Label::Message => value[part.clone()].into(),
        };
        let start = base + range.start;
        findings.mask_as(label, &name, start + part.start..start + part.end);
    }
}

/// The kind by which compared values are classified. The text of an expression rarely tells
/// whether other kinds are people's.
fn compared_kind(kind: FieldKind) -> Option<FieldKind> {
    match kind {
        FieldKind::SourceAddress | FieldKind::Address => Some(FieldKind::Address),
        FieldKind::Person
        | FieldKind::SessionName
        | FieldKind::PersonOrId
        | FieldKind::PrincipalId => Some(kind),
        _ => None,
    }
}

/// Calls `found` with the range of each word that an operator, quote or bracket may follow.
fn each_identifier(text: &str, mut found: impl FnMut(Range<usize>)) {
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/');
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes[at..].iter().take_while(|b| is_part(b)).count();
        let is_followed = bytes
            .get(at + length)
            .is_some_and(|b| b"=!:<>~\"']) ".contains(b));
        if length > 2 && is_followed {
            found(at..at + length);
        }
        at += length.max(1);
    }
}

/// Calls `found` with each value and the key after it, as validation errors quote them:
/// `Value 'asha' at 'userName' failed to satisfy constraint`.
fn each_quoted(text: &str, mut found: impl FnMut(Range<usize>, Range<usize>)) {
    for (at, between) in text.match_indices("' at '") {
        let Some(open) = text[..at].rfind("alue '") else {
            continue;
        };
        let key = at + between.len();
        let length = text[key..].find('\'').unwrap_or_default();
        found(open + "alue '".len()..at, key..key + length);
    }
}

/// Calls `found` with user and host of each database account: `user 'asha'@'203.0.113.9'`.
fn each_database_user(text: &str, mut found: impl FnMut(Range<usize>, Range<usize>)) {
    for (at, between) in text.match_indices("'@'") {
        let host = at + between.len();
        let length = text[host..].find('\'').unwrap_or_default();
        let user = text[..at].rfind('\'').map_or(at, |open| open + 1);
        found(user..at, host..host + length);
    }
}

/// Calls `found` with the values after an operator, which follows at `at`: one, or those of a
/// list in brackets.
fn each_value(text: &str, at: usize, kind: FieldKind, mut found: impl FnMut(Range<usize>)) {
    let Some(mut rest) = after_operator(&text[at..]) else {
        return;
    };
    let operator = &text[at..text.len() - rest.len()];
    let is_list = rest.starts_with(['[', '(']);
    // `User: somebody` is prose; `user="somebody"` is not.
    if kind == FieldKind::PersonOrId && !operator.contains(['=', '"', '\'']) {
        return;
    }
    for _ in 0..MOST {
        rest = rest.trim_start_matches([' ', '[', '(']);
        let start = text.len() - rest.len();
        let Some((value, length)) = value_in(rest) else {
            return;
        };
        found(start + value.start..start + value.end);
        rest = rest[length..].trim_start_matches(' ');
        match rest.strip_prefix(',') {
            // Addresses are listed without brackets too.
            Some(more) if is_list || kind == FieldKind::Address => rest = more,
            _ => return,
        }
    }
}

/// The text after a comparison operator or word.
fn after_operator(text: &str) -> Option<&str> {
    // The key may be in quotes or brackets.
    let closed = text.trim_start_matches(['"', '\'', ']', ')', ' ']);
    let signs = closed.trim_start_matches(['=', '!', ':', '<', '>', '~', '^']);
    if signs.len() < closed.len() {
        return Some(signs.trim_start_matches(' '));
    }
    let words = ["not like ", "like ", "not in ", "in ", "in("];
    let is_word = |word: &&&str| {
        closed
            .get(..word.len())
            .is_some_and(|s| s.eq_ignore_ascii_case(word))
    };
    let word = words.iter().find(is_word)?;
    Some(closed[word.trim_end_matches('(').len()..].trim_start_matches(' '))
}

/// The value at the start of `text`: the content of its quotes, or one word; and its length in
/// bytes including quotes.
fn value_in(text: &str) -> Option<(Range<usize>, usize)> {
    let within = &text[..text.floor_char_boundary(LONGEST)];
    match text.as_bytes().first()? {
        quote @ (b'"' | b'\'') => {
            let length = within[1..].bytes().position(|b| b == *quote)?;
            Some((1..1 + length, length + 2))
        }
        _ => {
            let ends = |c: char| c.is_whitespace() || ",;&|()[]{}<>\"'".contains(c);
            let length = within.find(ends).unwrap_or(within.len());
            Some((0..length, length))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edits::Edits;
    use crate::entities::Entities;
    use crate::{Masker, Method};

    fn masked(text: &str) -> String {
        let (entities, names) = (Entities::new(&[]), Names::default());
        let keys = crate::fields::key_set([]);
        let context = Context {
            identity: IdentityContext::unknown(&names),
            entities: &entities,
            keys: &keys.unwrap(),
            people: true,
            addresses: true,
        };
        let mut masker = Masker::new(Method::Sha256);
        let mut edits = Edits::default();
        let mut findings = Findings {
            masker: &mut masker,
            edits: &mut edits,
        };
        detect(text, 0, context, &mut findings);
        edits.resolve_overlaps();
        let mut out = Vec::new();
        edits.write(text.as_bytes(), 0..text.len(), &mut out);
        let mut text = String::from_utf8(out).unwrap();
        // Digests have 64 digits.
        while let Some(at) = text
            .as_bytes()
            .windows(64)
            .position(|w| w.iter().all(u8::is_ascii_hexdigit))
        {
            text.replace_range(at..at + 64, "#");
        }
        text
    }

    #[test]
    fn masks_what_names_are_compared_with() {
        for (text, expected) in [
            (
                r#"{ ($.userIdentity.userName = "asha") && ($.sourceIPAddress != "198.51.100.7") }"#,
                r##"{ ($.userIdentity.userName = "#") && ($.sourceIPAddress != "#") }"##,
            ),
            (
                "userName='a b' or username=c&x",
                "userName='#' or username=#&x",
            ),
            (r#"{"userName": "asha"}"#, r##"{"userName": "#"}"##),
            (
                "useridentity.username LIKE 'asha%'",
                "useridentity.username LIKE '#%'",
            ),
            (
                "username in ('asha', 'bea') and x = 'c'",
                "username in ('#', '#') and x = 'c'",
            ),
            ("roleSessionName=asha&x", "roleSessionName=#&x"),
            ("displayName=Asha%20Rao&x=1", "displayName=#&x=1"),
            ("Owner=asha&Dept=x", "Owner=#&Dept=x"),
            (
                "1 validation error: Value 'PowerUser/hjacobs' at 'roleSessionName' failed",
                "1 validation error: Value '#' at 'roleSessionName' failed",
            ),
            (
                "Access denied for user 'asha'@'198.51.100.7' (using",
                "Access denied for user '#'@'#' (using",
            ),
            (
                "x=1 X-Forwarded-For: 198.51.100.7, 10.1.2.3",
                "x=1 X-Forwarded-For: #, #",
            ),
        ] {
            assert_eq!(masked(text), expected);
        }
    }

    #[test]
    fn other_texts_are_kept() {
        for text in [
            "userName",
            "$.userIdentity.sessionContext.sessionIssuer.userName = ops",
            "the userName is x",
            "userName = *",
            r#"userName = ""#,
            r#"sourceIPAddress = "198.51.*""#,
            "username=${aws:username}",
            "User: arn:aws:iam::111122223333:role/x is not 'y'",
            "Value 'x' at 'policyName' failed",
        ] {
            assert_eq!(masked(text), text);
        }
    }
}
