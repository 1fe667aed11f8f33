//! Addresses in their notations, and the names of AWS services that occur in their place.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

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
/// a service's domain name in lower case without the address of an instance.
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
            && instance_address(value).is_none()
}

/// The address in the host name of an instance: `ec2-203-0-113-9.compute-1.amazonaws.com`.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html>
pub(crate) fn instance_address(host: &str) -> Option<Ipv4Addr> {
    let (label, domain) = host.split_once('.')?;
    let (prefix, address) = label.split_once('-')?;
    let is_instance = matches!(prefix, "ec2" | "ip") && !domain.is_empty();
    is_instance.then(|| address.replace('-', ".").parse().ok())?
}

/// The range of the address in `value`: an address, one with a port, or a CIDR block of a single
/// host. `None` for anything else.
pub(crate) fn host_in(value: &str) -> Option<Range<usize>> {
    let host = match value.split_once('/') {
        None => without_port(value),
        Some((host, "32")) if !host.contains(':') => 0..host.len(),
        Some((host, "128")) if host.contains(':') => 0..host.len(),
        Some(_) => return None,
    };
    canonical_address(&value[host.clone()]).map(|_| host)
}

/// The range of the host in `host`, `host:port`, `[host]` or `[host]:port`.
fn without_port(value: &str) -> Range<usize> {
    match value.strip_prefix('[') {
        Some(rest) => 1..1 + rest.find(']').unwrap_or(rest.len()),
        None => match value.split_once(':') {
            Some((host, port)) if !port.contains(':') => 0..host.len(),
            _ => 0..value.len(),
        },
    }
}

/// The ranges of the addresses in a list with commas, semicolons or spaces, such as the value of
/// `X-Forwarded-For`, and whether there is nothing else in it but networks.
pub(crate) fn hosts_in(value: &str) -> (Vec<Range<usize>>, bool) {
    let (mut hosts, mut only) = (Vec::new(), true);
    let mut at = 0;
    for part in value.split([',', ';', ' ', '\n']) {
        let is_network = || {
            let block = part
                .split_once('/')
                .map(|(start, _)| canonical_address(start));
            matches!(block, Some(Some(_)))
        };
        match host_in(part) {
            Some(host) => hosts.push(at + host.start..at + host.end),
            None => only &= part.is_empty() || is_network(),
        }
        at += part.len() + 1;
    }
    (hosts, only)
}

/// Whether `address` can be that of a person's host: it is neither private nor reserved for the
/// network itself. Addresses of documentation (RFC 5737) count as public.
pub(crate) fn is_public(address: &str) -> bool {
    let unzoned = address.split('%').next().unwrap_or_default();
    match unzoned.parse::<IpAddr>().map(|host| host.to_canonical()) {
        Ok(IpAddr::V4(host)) => {
            let [first, second, ..] = host.octets();
            let is_shared = first == 100 && second & 0xC0 == 64;
            let is_reserved = first == 0 || first >= 224;
            !(host.is_private()
                || host.is_loopback()
                || host.is_link_local()
                || is_shared
                || is_reserved)
        }
        Ok(IpAddr::V6(host)) => {
            // Global unicast and the translation of IPv4 addresses (RFC 6052).
            let first = host.segments()[0];
            first & 0xE000 == 0x2000 || first == 0x64
        }
        Err(_) => false,
    }
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
    fn services_are_distinguished_from_hosts() {
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
            "ec2-203-0-113-9.compute-1.amazonaws.com",
            ".amazonaws.com",
            "EC2.amazonaws.com",
            "ec2.amazonaws.com.evil.example",
            "aws internal",
        ] {
            assert!(!is_aws_service(other), "{other}");
        }
    }

    #[test]
    fn hosts_are_found_in_values() {
        for (value, expected) in [
            ("203.0.113.9", Some("203.0.113.9")),
            ("203.0.113.9/32", Some("203.0.113.9")),
            ("2001:db8::1/128", Some("2001:db8::1")),
            ("203.0.113.9:443", Some("203.0.113.9")),
            ("[2001:db8::1]:443", Some("2001:db8::1")),
            ("203.0.113.0/24", None),
            ("2001:db8::/32", None),
            ("0.0.0.0/0", None),
            ("5.7.44.1.2", None),
            ("ec2.amazonaws.com", None),
        ] {
            assert_eq!(host_in(value).map(|host| &value[host]), expected, "{value}");
        }
        let list = "203.0.113.9, 2001:db8::1,unknown";
        let (hosts, only) = hosts_in(list);
        let hosts: Vec<&str> = hosts.into_iter().map(|host| &list[host]).collect();
        assert_eq!((hosts, only), (vec!["203.0.113.9", "2001:db8::1"], false));
        assert!(hosts_in("203.0.113.9, 198.51.100.4").1);
    }

    #[test]
    fn instances_have_addresses_and_networks_have_no_host() {
        let name = "ec2-203-0-113-9.compute-1.amazonaws.com";
        assert_eq!(instance_address(name), Some(Ipv4Addr::new(203, 0, 113, 9)));
        assert_eq!(instance_address("ec2.amazonaws.com"), None);
        for address in ["203.0.113.9", "::ffff:8.8.8.8", "2600::1"] {
            assert!(is_public(address), "{address}");
        }
        for address in [
            "10.1.2.3",
            "0.0.0.0",
            "100.64.0.1",
            "255.255.255.0",
            "fe80::1",
            "::",
            "x",
        ] {
            assert!(!is_public(address), "{address}");
        }
    }
}
