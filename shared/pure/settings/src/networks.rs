//! The networks of `NETWORKS`: labels for the addresses of callers.

use std::cmp::Reverse;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// Networks with their labels: at least one, none with two labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Networks(Vec<Network>);

/// One network. `Display` writes it as `label=CIDR`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Network {
    pub(crate) label: String,
    pub(crate) cidr: Cidr,
}

/// A range of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cidr {
    /// Without host bits, and not IPv4-mapped.
    address: IpAddr,
    pub(crate) prefix: u8,
}

impl Networks {
    /// The maximum number of networks: a look-up compares the address with each of them.
    pub const MAX: usize = 200;

    /// The label of addresses outside all networks. No network has it.
    pub const EXTERNAL: &str = "external";

    /// The maximum length of a label, which consists of `a-z`, `0-9` and hyphens.
    pub const MAX_LABEL_LENGTH: usize = 32;

    /// With masking on, the longest prefixes for IPv4 and IPv6: longer ones would name hosts.
    pub const MAX_MASKED_PREFIXES: (u8, u8) = (29, 64);

    /// The label of the network that contains the address `text`, else [`Networks::EXTERNAL`].
    /// `None` if `text` is not an address.
    ///
    /// If several networks contain it, the one with the longest prefix counts. An IPv4-mapped
    /// address counts as the IPv4 address, and a zone (`%eth0`) has no effect.
    #[must_use]
    pub fn label(&self, text: &str) -> Option<&str> {
        let address = match text.split_once('%') {
            Some((address, zone)) if !zone.is_empty() => IpAddr::V6(address.parse().ok()?),
            _ => text.parse().ok()?,
        };
        let address = address.to_canonical();
        let network = self.0.iter().find(|network| network.cidr.contains(address));
        Some(network.map_or(Self::EXTERNAL, |network| &network.label))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Network> {
        self.0.iter()
    }
}

impl FromStr for Networks {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let networks: Result<Vec<Network>, _> = text.split(',').map(str::parse).collect();
        let mut networks = networks?;
        networks.sort_by_key(|network| Reverse(network.cidr.prefix));
        Ok(Self(networks))
    }
}

impl FromStr for Network {
    /// What is wrong and what is accepted. It names networks, never the address of a host.
    type Err = String;

    fn from_str(entry: &str) -> Result<Self, String> {
        let Some((label, cidr)) = entry.split_once('=') else {
            return Err("has no label; use the form corp-vpn=198.51.100.0/24".into());
        };
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if label.is_empty() || label.len() > Networks::MAX_LABEL_LENGTH || !label.bytes().all(plain)
        {
            return Err(
                "has a label that is not valid; use 1 to 32 lower-case letters, digits and hyphens"
                    .into(),
            );
        }
        if label == Networks::EXTERNAL {
            return Err("has the label external, which marks addresses outside all networks; use another label".into());
        }
        Ok(Self {
            label: label.to_owned(),
            cidr: cidr.parse()?,
        })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.label, self.cidr)
    }
}

impl Cidr {
    /// The longest prefix that is accepted with masking on.
    pub(crate) fn max_masked_prefix(self) -> u8 {
        let (v4, v6) = Networks::MAX_MASKED_PREFIXES;
        if self.address.is_ipv4() { v4 } else { v6 }
    }

    /// Whether `address` is in this range; it is not IPv4-mapped.
    fn contains(self, address: IpAddr) -> bool {
        address.is_ipv4() == self.address.is_ipv4() && masked(address, self.prefix) == self.address
    }
}

impl FromStr for Cidr {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, prefix) = address_and_prefix(text).ok_or(
            "is not a network; use an address and a prefix length, such as 198.51.100.0/24 or 2001:db8::/48",
        )?;
        let network = masked(address, prefix);
        if let (IpAddr::V6(_), IpAddr::V4(v4), 96..) = (network, network.to_canonical(), prefix) {
            let prefix = prefix - 96;
            return Err(format!(
                "is an IPv4-mapped network; use {v4}/{prefix}, which matches both forms"
            ));
        }
        if network != address {
            return Err(format!("has host bits; use {network}/{prefix}"));
        }
        Ok(Self { address, prefix })
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

fn address_and_prefix(text: &str) -> Option<(IpAddr, u8)> {
    let (address, prefix) = text.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    // `parse` alone would accept a leading plus.
    let digits = prefix.bytes().all(|b| b.is_ascii_digit());
    let prefix: u8 = prefix.parse().ok().filter(|_| digits)?;
    let max = if address.is_ipv4() { 32 } else { 128 };
    (prefix <= max).then_some((address, prefix))
}

/// `address` with all bits after the first `prefix` cleared.
fn masked(address: IpAddr, prefix: u8) -> IpAddr {
    let prefix = u32::from(prefix);
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
            IpAddr::V4((v4.to_bits() & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & mask))
        }
    }
}
