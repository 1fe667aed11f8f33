//! Addresses of mail, which name a person wherever they stand.

use std::ops::Range;

/// The address of mail around the `@` at `at`: a name, the `@`, and a domain of two labels or more
/// whose last one is letters. `None` where there is none.
pub(super) fn around(text: &str, at: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    // Of characters beyond ASCII letters alone are a part of it, which cannot be told byte by byte.
    let is_word_byte = |b: u8| b.is_ascii_alphanumeric() || b >= 0x80;
    let is_local = |b: &u8| is_word_byte(*b) || matches!(b, b'.' | b'_' | b'+' | b'-');
    let is_domain = |b: &u8| is_word_byte(*b) || matches!(b, b'.' | b'-');
    let local = bytes[..at].iter().rev().take_while(|b| is_local(b)).count();
    let domain = bytes[at + 1..].iter().take_while(|b| is_domain(b)).count();
    let domain = text[at + 1..at + 1 + domain].trim_end_matches(['.', '-']);
    let last = domain.rsplit_once('.').map_or("", |(_, last)| last);
    let is_last = last.len() >= 2 && !last.bytes().any(|b| b.is_ascii_digit() || b == b'-');
    (local > 0 && is_last && !domain.starts_with('.')).then(|| at - local..at + 1 + domain.len())
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
