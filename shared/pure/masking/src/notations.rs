//! Notations of addresses, and where an address starts and ends in a text.

use std::net::Ipv6Addr;
use std::ops::Range;

/// Tools whose versions have four parts, like addresses.
const TOOLS: &[&str] = &[
    "Chrome",
    "HeadlessChrome",
    "Chromium",
    "CriOS",
    "Edg",
    "EdgA",
    "OPR",
    "SamsungBrowser",
    "YaBrowser",
];

/// Host names that contain this address: with hyphens as in EC2 host names, and reversed as in
/// DNS. Empty if the address is too short to be distinguished from other text.
pub(crate) fn names(canonical: &str) -> Vec<String> {
    if canonical.len() < 7 {
        return Vec::new();
    }
    let reversed = match canonical.parse::<Ipv6Addr>() {
        Ok(v6) => {
            let digits = format!("{:032x}", u128::from(v6));
            let reversed: String = digits
                .chars()
                .rev()
                .flat_map(|digit| [digit, '.'])
                .collect();
            format!("{reversed}ip6.arpa")
        }
        Err(_) => {
            let parts: Vec<&str> = canonical.rsplit('.').collect();
            format!("{}.in-addr.arpa", parts.join("."))
        }
    };
    vec![canonical.replace(['.', ':'], "-"), reversed]
}

/// Whether the address at `range` is complete: neither a part of a longer number nor a version.
pub(crate) fn is_whole_address(text: &str, range: &Range<usize>) -> bool {
    let (before, after) = (&text[..range.start], &text[range.end..]);
    let address = &text[range.clone()];
    let is_joined = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    if !address.contains(':') {
        return !is_of_longer_number(before, after) && !is_version(before);
    }
    if is_joined(after.as_bytes().first()) {
        return false;
    }
    let goes_on = match after.as_bytes() {
        [b':', next, ..] => next.is_ascii_hexdigit() || *next == b':',
        _ => false,
    };
    !is_joined(before.as_bytes().last()) && !before.ends_with(':') && !goes_on
}

/// Whether the text before or after continues a dotted number: `1.` before, `.1` after. A port
/// (`.443`) or a date does not, since a part is below 256.
fn is_of_longer_number(before: &str, after: &str) -> bool {
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let (first, rest) = (before.as_bytes().last(), before.strip_suffix('.'));
    let begins = is_digit(first) || is_digit(rest.and_then(|rest| rest.as_bytes().last()));
    let part = after.strip_prefix('.').map(|after| {
        let length = after.bytes().take_while(u8::is_ascii_digit).count();
        &after[..length]
    });
    let ends = is_digit(after.as_bytes().first());
    begins || ends || part.is_some_and(|part| part.parse::<u8>().is_ok())
}

/// Whether a version follows, by the text before it: `v`, `Chrome/`.
fn is_version(before: &str) -> bool {
    let word = |text: &str| {
        let length = text
            .bytes()
            .rev()
            .take_while(u8::is_ascii_alphabetic)
            .count();
        text.len() - length
    };
    match before.strip_suffix('/') {
        Some(tool) => TOOLS.contains(&&tool[word(tool)..]),
        None => matches!(&before[word(before)..], "v" | "V"),
    }
}

/// The range extended by the `::ffff:` before an IPv4 address.
pub(crate) fn with_mapped_prefix(text: &str, range: Range<usize>) -> Range<usize> {
    const PREFIX: &str = "::ffff:";
    let Some(start) = range.start.checked_sub(PREFIX.len()) else {
        return range;
    };
    match text.get(start..range.start) {
        Some(prefix) if prefix.eq_ignore_ascii_case(PREFIX) => start..range.end,
        _ => range,
    }
}

/// Calls `is_found` with the parts of `text` that may be an IPv6 address, for each run of
/// address characters with a colon the longest part first, until one is found.
pub(crate) fn each_candidate(text: &str, mut is_found: impl FnMut(Range<usize>) -> bool) {
    let is_part = |b: &&u8| b.is_ascii_hexdigit() || matches!(b, b':' | b'.');
    let bytes = text.as_bytes();
    let mut done = 0;
    for colon in memchr::memchr_iter(b':', bytes) {
        let is_joined = bytes.get(colon + 1).is_some_and(|b| is_part(&b));
        if colon < done || !is_joined {
            continue;
        }
        let before = bytes[done..colon].iter().rev().take_while(is_part).count();
        let after = bytes[colon..].iter().take_while(is_part).count();
        let run = colon - before..colon + after;
        done = run.end;
        // Without its abbreviation an IPv6 address has seven colons, or six and an IPv4 address.
        let colons = bytes[run.clone()].iter().filter(|b| **b == b':').count();
        if colons < 6 && !bytes[run.clone()].windows(2).any(|pair| pair == b"::") {
            continue;
        }
        let (starts, ends) = (starts(text, &run), ends(text, &run));
        let mut all = starts
            .iter()
            .flat_map(|start| ends.iter().map(move |end| *start..*end));
        all.any(|range| range.start < range.end && is_found(range));
    }
}

/// Where an address may start: at the start of the run, unless it continues a word; after a
/// word and its colon (`IP:`, `source:`); after a colon.
fn starts(text: &str, run: &Range<usize>) -> Vec<usize> {
    let is_word = text[..run.start].ends_with(|c: char| c.is_ascii_alphanumeric());
    let colon = text[run.clone()].find(':').map(|at| run.start + at + 1);
    let first = (!is_word).then_some(run.start);
    first.into_iter().chain(colon).collect()
}

/// Where an address may end: at the end of the run; before its full stop or colon; before the
/// last colon or stop with a port or a word (`:443`, `:denied`, `.443`).
fn ends(text: &str, run: &Range<usize>) -> Vec<usize> {
    let is_word = text[run.end..].starts_with(|c: char| c.is_ascii_alphanumeric());
    let content = &text[run.clone()];
    let trimmed = content.trim_end_matches(['.', ':']).len();
    let mut ends = vec![run.end, run.start + trimmed];
    if let Some((host, port)) = content[..trimmed].rsplit_once([':', '.']) {
        let is_port = port.len() >= 2 && port.bytes().all(|b| b.is_ascii_digit());
        if is_word || is_port {
            ends.push(run.start + host.len());
        }
    }
    ends
}
