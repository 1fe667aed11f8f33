//! Strings that consist of public addresses or of a phone number, under any key.

use std::ops::Range;

use super::context::{Context, Findings};
use crate::Label;
use crate::address::{hosts_in, is_public};

/// Longer strings are not lists of addresses: twenty of the longest.
const MAX_LIST: usize = 1024;

/// Masks `content`, which starts at `base`, if it is a phone number, or consists of public
/// addresses: one, with or without a port, a CIDR block of one host, or a list of them.
pub(crate) fn detect(
    content: &str,
    base: usize,
    context: Context<'_>,
    findings: &mut Findings<'_>,
) {
    if context.people && is_phone_number(content) {
        findings.mask_as(Label::User, content, base..base + content.len());
        return;
    }
    if !context.addresses || !is_candidate(content.as_bytes()) || content.len() > MAX_LIST {
        return;
    }
    if let (hosts, true) = hosts_in(content) {
        mask_public(content, base, hosts, findings);
    }
}

/// Masks the public addresses of the list `content`, whatever else is in it.
pub(crate) fn detect_in_list(
    content: &str,
    base: usize,
    context: Context<'_>,
    findings: &mut Findings<'_>,
) {
    if context.addresses && content.len() <= MAX_LIST {
        mask_public(content, base, hosts_in(content).0, findings);
    }
}

fn mask_public(content: &str, base: usize, hosts: Vec<Range<usize>>, findings: &mut Findings<'_>) {
    for host in hosts {
        let address = &content[host.clone()];
        if is_public(address) {
            findings.mask_as(Label::Ip, address, base + host.start..base + host.end);
        }
    }
}

/// The bytes that addresses and phone numbers start with.
const STARTS: [bool; 256] = {
    let mut starts = [false; 256];
    let all = b"0123456789abcdefABCDEF:[+";
    let mut at = 0;
    while at < all.len() {
        starts[all[at] as usize] = true;
        at += 1;
    }
    starts
};

/// Whether [`detect`] may find something in `content`, by its first bytes: a plus sign, or
/// hexadecimal digits up to a dot or colon.
#[inline]
pub(crate) fn is_candidate(content: &[u8]) -> bool {
    let content = match content {
        [first, ..] if !STARTS[usize::from(*first)] => return false,
        [b'+', ..] => return true,
        [b'[', host @ ..] => host,
        _ => content,
    };
    let digits = content.iter().take(4);
    let digits = digits.take_while(|b| b.is_ascii_hexdigit()).count();
    let is_address = match content.get(digits) {
        Some(b'.') => content[..digits].iter().all(u8::is_ascii_digit),
        Some(b':') => true,
        _ => false,
    };
    is_address && content.len() >= 7
}

/// A phone number in the international form of E.164: a plus sign and 8 to 15 digits.
fn is_phone_number(content: &str) -> bool {
    content.strip_prefix('+').is_some_and(|number| {
        (8..=15).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit())
    })
}

/// Whether addresses under `key` are versions, networks or private interfaces, which stay.
pub(crate) fn is_other_number(key: &str) -> bool {
    const OTHERS: &[&str] = &[
        "agent",
        "engine",
        "fingerprint",
        "kernel",
        "oid",
        "patch",
        "runtime",
        "version",
        "private",
        "network",
        "subnet",
        "release",
        "build",
        "mask",
    ];
    let key = key.to_ascii_lowercase();
    OTHERS.iter().any(|other| key.contains(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_are_recognized_by_their_first_bytes() {
        for text in [
            "203.0.113.9",
            "[2001:db8::1]:443",
            "2600::1",
            "+15551234567",
        ] {
            assert!(is_candidate(text.as_bytes()), "{text}");
        }
        for text in ["", "1.2", "asha", "12345.6.7.8"] {
            assert!(!is_candidate(text.as_bytes()), "{text}");
        }
        assert!(
            is_phone_number("+15551234567") && !is_phone_number("+1 555") && !is_phone_number("+1")
        );
        assert!(is_other_number("engineVersion") && is_other_number("privateIpAddress"));
        assert!(!is_other_number("endpoint"));
    }
}
