//! Addresses of mail, which name a person wherever they stand.

use std::ops::Range;

use super::words::is_word_byte;

/// Calls `found` for each address of mail in `text`: a name, an `@`, and a domain of two labels or
/// more whose last one is letters.
pub(crate) fn each_in(text: &str, mut found: impl FnMut(Range<usize>)) {
    let bytes = text.as_bytes();
    for at in memchr::memchr_iter(b'@', bytes) {
        let is_local = |b: &u8| is_word_byte(*b) || matches!(b, b'.' | b'_' | b'+' | b'-');
        let is_domain = |b: &u8| is_word_byte(*b) || matches!(b, b'.' | b'-');
        let local = bytes[..at].iter().rev().take_while(|b| is_local(b)).count();
        let domain = bytes[at + 1..].iter().take_while(|b| is_domain(b)).count();
        let domain = text[at + 1..at + 1 + domain].trim_end_matches(['.', '-']);
        let last = domain.rsplit_once('.').map_or("", |(_, last)| last);
        let is_last = last.len() >= 2 && !last.bytes().any(|b| b.is_ascii_digit() || b == b'-');
        if local > 0 && is_last && !domain.starts_with('.') {
            found(at - local..at + 1 + domain.len());
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn finds_addresses_and_nothing_like_them() {
        let found = |text: &str| {
            let mut all = Vec::new();
            super::each_in(text, |range| all.push(text[range].to_owned()));
            all
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
