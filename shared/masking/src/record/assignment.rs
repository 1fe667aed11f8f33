//! Names and addresses that an expression compares with: `{ $.userIdentity.userName = "asha" }`.

use std::ops::Range;

use memchr::memmem;

use super::decide::{Decision, Facts, Names, decide};
use super::place::Place;
use crate::Label;

/// What expressions call people and addresses; longer ones (`newUserName`) end in these.
const NAMES: &[(&str, Place)] = &[
    ("sourceIPAddress", Place::Address),
    ("SourceIp", Place::Address),
    ("sourceIp", Place::Address),
    ("userName", Place::Person),
    ("UserName", Place::Person),
    ("username", Place::Person),
    ("Username", Place::Person),
];

/// Calls `found` for each value in `text` that an operator ties to such a name.
pub(crate) fn each_in(text: &str, mut found: impl FnMut(Label, Range<usize>)) {
    let names = Names::default();
    for (name, place) in NAMES {
        for at in memmem::find_iter(text.as_bytes(), name) {
            // A role's, nearly always; a person's is found by the record itself.
            if text[..at].ends_with("sessionIssuer.") {
                continue;
            }
            let Some(value) = value_after(text, at + name.len()) else {
                continue;
            };
            let decision = decide(
                *place,
                Place::Text,
                false,
                Facts::of(&names),
                &text[value.clone()],
            );
            if let Decision::Masked(label, part) = decision {
                found(label, value.start + part.start..value.start + part.end);
            }
        }
    }
}

/// The value after an operator, which follows at `at`: what its quotes hold, or else one word.
fn value_after(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = &text[at..];
    // The key itself may stand in quotes or brackets.
    let closed = rest.trim_start_matches(['"', '\'', ']', ')', ' ']);
    let value = closed.trim_start_matches(['=', '!', ':', '<', '>', '~']);
    if value.len() == closed.len() {
        return None;
    }
    let value = value.trim_start_matches([' ', '[', '(']);
    let start = text.len() - value.len();
    match value.as_bytes().first()? {
        quote @ (b'"' | b'\'') => {
            let length = value[1..].bytes().position(|b| b == *quote)?;
            Some(start + 1..start + 1 + length)
        }
        _ => {
            let ends = |c: char| c.is_whitespace() || ",;&|()[]{}<>\"'".contains(c);
            let length = value.find(ends).unwrap_or(value.len());
            Some(start..start + length)
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn finds_what_names_are_compared_with() {
        let found = |text: &str| {
            let mut all = Vec::new();
            super::each_in(text, |_, range| all.push(text[range].to_owned()));
            all
        };
        let pattern =
            r#"{ ($.userIdentity.userName = "asha") && ($.sourceIPAddress != "198.51.100.7") }"#;
        assert_eq!(found(pattern), ["198.51.100.7", "asha"]);
        assert_eq!(found("userName='a b' or username=c&x"), ["a b", "c"]);
        assert_eq!(found(r#"{"userName": "asha"}"#), ["asha"]);
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
