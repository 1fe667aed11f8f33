//! Values of `sourceIPAddress`: addresses in many notations, and names of AWS services.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The canonical form of the address `value`, or `None` if it is not an address: IPv4 in four
/// decimal parts; IPv6 as in RFC 5952; an IPv4-mapped address as the IPv4 address; a zone
/// (`%eth0`) is kept.
pub fn canonical_address(value: &str) -> Option<Cow<'_, str>> {
    if let Ok(v4) = value.parse::<Ipv4Addr>() {
        // Four decimal parts without leading zeros are canonical already.
        debug_assert_eq!(v4.to_string(), value);
        return Some(Cow::Borrowed(value));
    }
    let (address, zone) = match value.split_once('%') {
        Some((_, "")) => return None,
        Some((address, zone)) => (address, Some(zone)),
        None => (value, None),
    };
    let host = IpAddr::V6(address.parse::<Ipv6Addr>().ok()?).to_canonical();
    Some(Cow::Owned(match zone {
        Some(zone) if host.is_ipv6() => format!("{host}%{zone}"),
        _ => host.to_string(),
    }))
}

/// Whether `value` names an AWS service instead of a host: it starts with `AWS Internal`, or is
/// a service's domain name in lower case.
pub fn is_aws_service(value: &str) -> bool {
    let is_label = |name: &str| {
        name.bytes().any(|b| b.is_ascii_lowercase())
            && name
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-'))
    };
    value.starts_with("AWS Internal")
        || [".amazonaws.com", ".amazonaws.com.cn", ".aws.internal"]
            .iter()
            .any(|domain| value.strip_suffix(domain).is_some_and(is_label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_host_has_one_spelling() {
        for (spelling, canonical) in [
            ("203.0.113.9", "203.0.113.9"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("::FFFF:cb00:7109", "203.0.113.9"),
            ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
            ("2001:db8::0001", "2001:db8::1"),
            ("fe80::1%eth0", "fe80::1%eth0"),
        ] {
            assert_eq!(canonical_address(spelling).as_deref(), Some(canonical));
        }
    }

    #[test]
    fn look_alikes_are_no_addresses() {
        for text in [
            "",
            "1.2.3",
            "1.2.3.4.5",
            "01.2.3.4",
            "1.2.3.256",
            "Chrome/126.0.0.0",
            "::g",
            "fe80::1%",
            "1.2.3.4%eth0",
        ] {
            assert_eq!(canonical_address(text), None, "{text}");
        }
    }

    #[test]
    fn services_are_told_from_hosts() {
        for service in [
            "ec2.amazonaws.com",
            "s3.cn-north-1.amazonaws.com.cn",
            "x.aws.internal",
            "AWS Internal/42",
        ] {
            assert!(is_aws_service(service), "{service}");
        }
        for other in [
            "amazonaws.com",
            "203.0.113.9.amazonaws.com",
            ".amazonaws.com",
            "EC2.amazonaws.com",
            "ec2.amazonaws.com.evil.example",
            "aws internal",
        ] {
            assert!(!is_aws_service(other), "{other}");
        }
    }
}
