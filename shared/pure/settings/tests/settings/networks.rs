use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::collection::vec;
use proptest::prelude::*;
use settings::Networks;

use crate::{error_of, errors_of, settings_of};

fn networks(value: &str) -> Networks {
    settings_of(&[("NETWORKS", value)]).hec.networks.unwrap()
}

#[test]
fn an_address_has_the_label_of_the_longest_prefix() {
    let value = "all-v4=0.0.0.0/0,corp-vpn=198.51.100.0/24,corp-vpn=2001:db8:1::/48,office=198.51.100.128/25";
    let networks = networks(value);
    for (address, label) in [
        ("198.51.100.7", "corp-vpn"),
        ("198.51.100.128", "office"),
        ("203.0.113.9", "all-v4"),
        ("::ffff:198.51.100.7", "corp-vpn"),
        ("::FFFF:c633:6480", "office"),
        ("2001:db8:1:2::3", "corp-vpn"),
        ("2001:DB8:0001:0:0:0:0:1", "corp-vpn"),
        ("2001:db8:1::1%eth0", "corp-vpn"),
        ("2001:db8:2::1", "external"),
    ] {
        assert_eq!(networks.label(address), Some(label), "{address}");
    }
}

#[test]
fn a_network_of_one_family_contains_no_address_of_the_other() {
    assert_eq!(networks("v6=::/0").label("198.51.100.7"), Some("external"));
    assert_eq!(
        networks("v4=0.0.0.0/0").label("2001:db8::1"),
        Some("external")
    );
}

#[test]
fn what_is_not_an_address_has_no_label() {
    for text in [
        "",
        "AWS Internal",
        "AWS Internal/42",
        "ec2.amazonaws.com",
        "1.2.3",
        "01.2.3.4",
        "198.51.100.7 ",
        "198.51.100.7%eth0",
        "198.51.100.0/24",
        "198.51.100.7, 203.0.113.9",
        "2001:db8::1%",
    ] {
        assert_eq!(networks("all=0.0.0.0/0").label(text), None, "{text}");
    }
}

#[test]
fn unset_labels_nothing() {
    assert_eq!(settings_of(&[]).hec.networks, None);
}

#[test]
fn wrong_entries_are_rejected_by_position() {
    let long = format!("{}=198.51.100.0/24", "x".repeat(33));
    let network = "is not a network; use an address and a prefix length, such as 198.51.100.0/24 or 2001:db8::/48";
    let label = "has a label that is not valid; use 1 to 32 lower-case letters, digits and hyphens";
    for (entry, expected) in [
        (
            "198.51.100.0/24",
            "has no label; use the form corp-vpn=198.51.100.0/24",
        ),
        ("=198.51.100.0/24", label),
        ("Corp=198.51.100.0/24", label),
        ("a_b=198.51.100.0/24", label),
        ("corp =198.51.100.0/24", label),
        (&long, label),
        (
            "external=198.51.100.0/24",
            "has the label external, which marks",
        ),
        ("a=", network),
        ("a=198.51.100.0", network),
        ("a=198.51.100.0/33", network),
        ("a=2001:db8::/129", network),
        ("a=198.51.100/24", network),
        ("a=198.51.100.0/+24", network),
        ("a=198.51.100.0/", network),
        ("a=198.51.100.0/24/24", network),
        ("a=198.51.100.7/24", "has host bits; use 198.51.100.0/24"),
        ("a=2001:db8::1/64", "has host bits; use 2001:db8::/64"),
        (
            "a=::ffff:198.51.100.0/120",
            "is an IPv4-mapped network; use 198.51.100.0/24, which",
        ),
        (
            "b=203.0.113.0/24",
            "has a network that has another label already; use one label",
        ),
    ] {
        let error = error_of(&[("NETWORKS", &format!("ok=203.0.113.0/24,{entry}"))]);
        let expected = format!("NETWORKS: entry 2 {expected}");
        assert!(error.starts_with(&expected), "{error}");
        assert!(!error.contains("100.7"), "{error}");
    }
    assert_eq!(errors_of(&[("NETWORKS", "a=1,b=2,ok=10.0.0.0/8")]).len(), 2);
}

#[test]
fn the_number_of_networks_is_limited() {
    let list = |count: u32| -> String {
        let entries = (0..count).map(|n| format!("net={}/24", Ipv4Addr::from_bits(n << 8)));
        entries.collect::<Vec<_>>().join(",")
    };
    networks(&list(200));
    let error = error_of(&[("NETWORKS", &list(201))]);
    assert_eq!(error, "NETWORKS: has 201 networks; use at most 200");
}

#[test]
fn the_same_network_twice_counts_once() {
    let value = "a=10.0.0.0/8, a=10.0.0.0/08";
    let described = settings_of(&[("NETWORKS", value)]).describe();
    let row = described.iter().find(|row| row.0 == "NETWORKS").unwrap();
    assert_eq!(row.1, "a=10.0.0.0/8");
}

#[test]
fn with_masking_no_network_names_a_host() {
    let value = "a=198.51.100.0/29,b=198.51.100.8/30,c=2001:db8::/64,d=2001:db8:1::/65";
    networks(value);
    for mode in ["sha256", "hmac"] {
        let pairs = [
            ("NETWORKS", value),
            ("MASK_MODE", mode),
            ("MASK_KEY_SECRET", "k"),
        ];
        let errors: Vec<String> = errors_of(&pairs).iter().map(ToString::to_string).collect();
        assert_eq!(
            errors,
            [
                "NETWORKS: d has a network of /65, which would name hosts that are masked; use /64 or shorter",
                "NETWORKS: b has a network of /30, which would name hosts that are masked; use /29 or shorter",
            ]
        );
    }
    settings_of(&[
        ("NETWORKS", "a=10.0.0.0/29,b=2001:db8::/64"),
        ("MASK_MODE", "sha256"),
    ]);
}

/// A network as the number of its family's bits, its first address and its prefix.
type Range = (u32, u128, u32);

/// Addresses and networks are close together, so that many contain one another.
fn bits() -> impl Strategy<Value = (u32, u128)> {
    prop_oneof![
        (0..=0xffff_u128).prop_map(|low| (32, 0xc633_0000 | low)),
        (0..=0xffff_u128).prop_map(|low| (128, (0x2001_0db8 << 96) | (low << 60) | low)),
    ]
}

fn address((family, bits): (u32, u128)) -> IpAddr {
    match family {
        32 => IpAddr::V4(Ipv4Addr::from_bits(u32::try_from(bits).unwrap())),
        _ => IpAddr::V6(Ipv6Addr::from_bits(bits)),
    }
}

fn range() -> impl Strategy<Value = Range> {
    (bits(), any::<prop::sample::Index>()).prop_map(|((family, bits), prefix)| {
        let prefix = u32::try_from(prefix.index(family as usize + 1)).unwrap();
        let host_bits = family - prefix;
        let first = bits
            .checked_shr(host_bits)
            .map_or(0, |bits| bits.checked_shl(host_bits).unwrap_or(0));
        (family, first, prefix)
    })
}

proptest! {
    #[test]
    fn the_label_is_that_of_the_smallest_range(ranges in vec(range(), 1..20), caller in bits()) {
        // Equal ranges have equal labels.
        let label = |range: &Range| {
            let at = ranges.iter().position(|one| one == range).unwrap();
            format!("net-{at}")
        };
        let entry = |range: &Range| {
            format!("{}={}/{}", label(range), address((range.0, range.1)), range.2)
        };
        let value: Vec<String> = ranges.iter().map(entry).collect();
        // The first and the last address of a range enclose the others.
        let contains = |&&(family, first, prefix): &&Range| {
            let size = 1_u128.checked_shl(family - prefix);
            let offset = caller.1.checked_sub(first);
            caller.0 == family && offset.is_some_and(|offset| size.is_none_or(|size| offset < size))
        };
        let smallest = ranges.iter().filter(contains).max_by_key(|range| range.2);
        let expected = smallest.map_or("external".to_owned(), label);
        let networks = networks(&value.join(","));
        let text = address(caller).to_string();
        prop_assert_eq!(networks.label(&text), Some(expected.as_str()));
        if let IpAddr::V4(v4) = address(caller) {
            let mapped = v4.to_ipv6_mapped().to_string();
            prop_assert_eq!(networks.label(&mapped), Some(expected.as_str()));
        }
    }
}
