//! Names and addresses that an expression compares with: `{ $.userIdentity.userName = "asha" }`.

use std::ops::Range;

use memchr::memmem::Finder;

use super::decide::{Decision, Facts, Names, decide};
use super::place::Place;
use crate::Label;

/// Names of people and addresses in expressions; longer ones (`newUserName`) end in these.
const NAMES: &[(&str, Place)] = &[
    ("sourceIPAddress", Place::Address),
    ("sourceipaddress", Place::Address),
    ("SourceIp", Place::Address),
    ("sourceIp", Place::Address),
    ("userName", Place::Person),
    ("UserName", Place::Person),
    ("username", Place::Person),
    ("Username", Place::Person),
    ("oleSessionName", Place::SessionName),
];

/// The maximum length of a value.
const LONGEST: usize = 512;

/// The maximum number of values in a list.
const MOST: usize = 64;

/// Finds comparisons in successive texts.
pub(crate) struct Comparisons(Vec<(Finder<'static>, Place)>);

impl Comparisons {
    pub(crate) fn new() -> Self {
        Self(
            NAMES
                .iter()
                .map(|(name, place)| (Finder::new(name), *place))
                .collect(),
        )
    }

    /// Calls `found` for each value in `text` that is compared with such a name.
    pub(crate) fn each_in(&self, text: &str, mut found: impl FnMut(Label, Range<usize>)) {
        let names = Names::default();
        for (name, place) in &self.0 {
            for at in name.find_iter(text.as_bytes()) {
                // Almost always a role's name; a person's is found by the record
                // itself.
                if text[..at].ends_with("sessionIssuer.") {
                    continue;
                }
                each_value(text, at + name.needle().len(), |value| {
                    let content = &text[value.clone()];
                    let decision = decide(*place, Place::Text, false, Facts::of(&names), content);
                    if let Decision::Masked(label, part) = decision {
                        found(label, value.start + part.start..value.start + part.end);
                    }
                });
            }
        }
    }
}

/// Whether an equals sign after `before` can compare with a name: it follows the last letter of
/// one of [`NAMES`].
pub(crate) fn may_compare(before: &[u8]) -> bool {
    let is_sign = |byte: &&u8| b" =!<>~\"')]".contains(byte);
    let letter = before.iter().rev().take(8).find(|byte| !is_sign(byte));
    matches!(letter, Some(b'e' | b's' | b'p'))
}

/// Calls `found` with the values after an operator, which follows at `at`: one, or those of a
/// list in brackets.
fn each_value(text: &str, at: usize, mut found: impl FnMut(Range<usize>)) {
    let Some(mut rest) = after_operator(&text[at..]) else {
        return;
    };
    let is_list = rest.starts_with(['[', '(']);
    for _ in 0..MOST {
        rest = rest.trim_start_matches([' ', '[', '(']);
        let start = text.len() - rest.len();
        let Some((value, length)) = value_in(rest) else {
            return;
        };
        found(start + value.start..start + value.end);
        rest = rest[length..].trim_start_matches(' ');
        match rest.strip_prefix(',') {
            Some(more) if is_list => rest = more,
            _ => return,
        }
    }
}

/// The text after a comparison operator or word.
fn after_operator(text: &str) -> Option<&str> {
    // The key may be in quotes or brackets.
    let closed = text.trim_start_matches(['"', '\'', ']', ')', ' ']);
    let signs = closed.trim_start_matches(['=', '!', ':', '<', '>', '~']);
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
    #[test]
    fn finds_what_names_are_compared_with() {
        let found = |text: &str| {
            let mut all = Vec::new();
            super::Comparisons::new().each_in(text, |_, range| all.push(text[range].to_owned()));
            all
        };
        let pattern =
            r#"{ ($.userIdentity.userName = "asha") && ($.sourceIPAddress != "198.51.100.7") }"#;
        assert_eq!(found(pattern), ["198.51.100.7", "asha"]);
        assert_eq!(found("userName='a b' or username=c&x"), ["a b", "c"]);
        assert_eq!(found(r#"{"userName": "asha"}"#), ["asha"]);
        assert_eq!(found("useridentity.username LIKE 'asha%'"), ["asha"]);
        assert_eq!(
            found("username in ('asha', 'bea') and x = 'c'"),
            ["asha", "bea"]
        );
        assert_eq!(found("roleSessionName=asha&x"), ["asha"]);
        for text in [
            "userName",
            "$.userIdentity.sessionContext.sessionIssuer.userName = ops",
            "the userName is x",
            "userName = *",
            r#"userName = ""#,
            r#"sourceIPAddress = "198.51.*""#,
            "username=${aws:username}",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
    }
}
