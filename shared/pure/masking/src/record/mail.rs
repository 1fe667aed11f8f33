//! Email addresses, which name a person wherever they occur.

use std::ops::Range;

/// The email address around the `@` at `at`: a name, the `@`, and a domain of two or more
/// labels, the last of letters. `None` if there is none.
pub(super) fn around(text: &str, at: usize) -> Option<Range<usize>> {
    // Letters of scripts without spaces between words would include the surrounding text.
    let is_letter = |c: char| c.is_alphanumeric() && c < '\u{250}';
    let is_local = |c: char| is_letter(c) || matches!(c, '.' | '_' | '+' | '-');
    let is_domain = |c: char| is_letter(c) || matches!(c, '.' | '-');
    let start = text[..at].trim_end_matches(is_local).len();
    let rest = &text[at + 1..];
    let length = rest.len() - rest.trim_start_matches(is_domain).len();
    let domain = rest[..length].trim_end_matches(['.', '-']);
    let last = domain.rsplit_once('.').map_or("", |(_, last)| last);
    let is_last = last.len() >= 2 && !last.bytes().any(|b| b.is_ascii_digit() || b == b'-');
    let is_mail = start < at && is_last && !domain.starts_with('.');
    is_mail.then(|| start..at + 1 + domain.len())
}

#[cfg(test)]
mod tests {
    #[test]
    fn finds_addresses_and_nothing_like_them() {
        let found = |text: &str| {
            let ats = text.match_indices('@');
            let found = ats.filter_map(|(at, _)| super::around(text, at));
            found
                .map(|range| text[range].to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            found("to asha.rao+x@acme.example, b@c.de."),
            ["asha.rao+x@acme.example", "b@c.de"]
        );
        assert_eq!(found("hint=asha@acme.example&x"), ["asha@acme.example"]);
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
