//! How a value is masked, by its key.

use std::ops::Range;

use super::arn::{Who, arn_at, session_owner};
use super::place::Place;
use super::words::{is_id, is_instance_id, is_uuid, kind_len};
use crate::{Label, canonical_address, is_aws_service};

/// Limit of names of one kind in one record, above what real records have. A role or machine
/// beyond the limit is treated as a person.
const MOST: usize = 256;

/// What a record states about its identities, as far as it affects the masking of names.
#[derive(Clone, Copy)]
pub(crate) struct Facts<'n> {
    /// `userIdentity` is a role: its name is not a person's.
    pub(crate) identity_is_role: bool,
    /// `userIdentity` is the root user: its name is the alias of the account.
    pub(crate) identity_is_root: bool,
    /// `sessionIssuer` is a role.
    pub(crate) issuer_is_role: bool,
    /// The event is `GetFederationToken`, in which `name` is a person's.
    pub(crate) is_federation: bool,
    pub(crate) names: &'n Names,
}

/// The names in the record's ARNs.
#[derive(Default)]
pub(crate) struct Names {
    pub(crate) roles: Vec<String>,
    /// Sessions of machines.
    machines: Vec<String>,
    /// One of them may have the name of a role or a machine.
    people: Vec<String>,
}

impl<'n> Facts<'n> {
    /// For an event that states no types.
    pub(crate) fn of(names: &'n Names) -> Self {
        Self {
            identity_is_role: false,
            identity_is_root: false,
            issuer_is_role: false,
            is_federation: false,
            names,
        }
    }
}

impl Names {
    pub(crate) fn learn_arn(&mut self, text: &str, who: &Who) {
        let (names, name) = match who {
            Who::Role(name) => (&mut self.roles, &text[name.clone()]),
            Who::Machine(name) => (&mut self.machines, &text[name.clone()]),
            Who::Person(name) => (&mut self.people, &text[name.clone()]),
            Who::Nobody => return,
        };
        if names.len() < MOST && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }

    fn is_role(&self, name: &str) -> bool {
        has(&self.roles, name) && !has(&self.people, name)
    }

    /// Whether a session belongs to a machine, given a role that is named elsewhere in the
    /// record.
    fn is_machine(&self, session: &str) -> bool {
        is_instance_id(session) || has(&self.machines, session) && !has(&self.people, session)
    }
}

fn has(names: &[String], name: &str) -> bool {
    names.iter().any(|known| known == name)
}

/// The decision about a value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// The value is kept.
    Stays,
    /// The value is free text.
    Text,
    /// This part is replaced by a pseudonym; the rest is free text.
    Masked(Label, Range<usize>),
}

use Decision::{Masked, Stays, Text};

/// Decides about `value` at `place` in an object at `parent`; `pair` states that the name of
/// its key-value pair indicates a person.
pub(crate) fn decide(
    place: Place,
    parent: Place,
    pair: bool,
    facts: Facts<'_>,
    value: &str,
) -> Decision {
    let user = |range| Masked(Label::User, range);
    let whole = 0..value.len();
    match place {
        Place::Source => Masked(Label::Ip, whole),
        Place::Address => address(value),
        Place::PairValue if parent == Place::DnsValues => address(value),
        Place::PairValue if pair => person_or_id(value, facts.names),
        Place::Person if parent == Place::Issuer && facts.issuer_is_role => Stays,
        Place::Person if parent == Place::Issuer && facts.names.is_role(value) => Stays,
        Place::Person if parent == Place::Identity && facts.identity_is_role => Stays,
        Place::SessionName if facts.names.is_machine(value) || facts.names.is_role(value) => Stays,
        Place::Person | Place::Subject | Place::SessionName => person(value),
        Place::Name if facts.is_federation => person(value),
        Place::PersonOrId => person_or_id(value, facts.names),
        Place::Principal if parent == Place::Issuer && facts.issuer_is_role => Stays,
        Place::Principal => principal(value, facts.names),
        Place::Session => session_owner(value, whole).map_or(Text, user),
        Place::Forced => user(whole),
        Place::Role => Stays,
        Place::Type if matches!(parent, Place::Identity | Place::Issuer) => Stays,
        Place::Technical if matches!(parent, Place::Root | Place::Identity | Place::Issuer) => {
            Stays
        }
        // A string in DynamoDB's format: `{"userName": {"S": "asha"}}`.
        Place::Text if parent == Place::Person => person(value),
        Place::Text if parent == Place::Source => Masked(Label::Ip, whole),
        _ => Text,
    }
}

/// The host of an address, with or without a port, or of a CIDR block with a single host.
fn address(value: &str) -> Decision {
    let host = match value.split_once('/') {
        None => without_port(value),
        Some((host, "32")) if !host.contains(':') => 0..host.len(),
        Some((host, "128")) if host.contains(':') => 0..host.len(),
        Some(_) => return Text,
    };
    if canonical_address(&value[host.clone()]).is_some() {
        Masked(Label::Ip, host)
    } else {
        Text
    }
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

/// The addresses in a value that contains the source of a request: one address, one with a
/// port, or a list.
pub(crate) fn hosts_of(value: &str) -> impl Iterator<Item = &str> {
    let parts = value.split([',', ';', ' ']).filter(|part| !part.is_empty());
    parts.filter_map(|part| match address(part) {
        Masked(_, host) => Some(&part[host]),
        Stays | Text => None,
    })
}

fn person(value: &str) -> Decision {
    let named = kind_len(value);
    let has = |open: &str, close: &str| {
        let rest = value.split_once(open).map(|(_, rest)| rest);
        rest.is_some_and(|rest| rest.contains(close))
    };
    let is_variable =
        memchr::memchr(b'{', value.as_bytes()).is_some() && (has("${", "}") || has("{{", "}}"));
    if is_arn(value) || is_variable || !value[named..].contains(char::is_alphanumeric) {
        Text
    } else {
        // The wildcard of a pattern is kept.
        let name = value.trim_end_matches(['*', '%']);
        Masked(Label::User, named..name.len())
    }
}

fn person_or_id(value: &str, names: &Names) -> Decision {
    const NOBODY: &[&str] = &[
        "self",
        "all",
        "amazon",
        "aws",
        "AWS",
        "system",
        "root",
        "Everyone",
        "microsoft",
        "aws-marketplace",
        "aws-backup-vault",
        "Amazon",
        "IAM",
        "Custom",
        "ThirdParty",
        "CUSTOM_LAMBDA",
        "CUSTOM_POLICY",
    ];
    if is_arn(value) {
        return Text;
    }
    if value.split_once(':').is_some_and(|(id, _)| is_id(id)) {
        return principal(value, names);
    }
    // `user/asha`, `d-9067000000/asha`.
    let is_kind = |kind: &str| kind == "user" || kind.starts_with("d-") || is_id(kind);
    let named = match value.split_once('/') {
        Some((kind, _)) if is_kind(kind) => value.rfind('/').map_or(0, |at| at + 1),
        _ => 0,
    };
    let name = &value[named..];
    if is_id(name) || is_aws_service(name) || is_instance_id(name) || NOBODY.contains(&name) {
        return Text;
    }
    match person(name) {
        Masked(label, part) => Masked(label, named + part.start..value.len()),
        other => other,
    }
}

/// The name after the id: after its colon, after provider and audience if an identity provider
/// names a person, or after the last slash. Without a separator the value is an id, unless it
/// does not look like one.
fn principal(value: &str, names: &Names) -> Decision {
    const PROVIDER: &str = ":oidc-provider/";
    let start = if value.starts_with("arn:") {
        match value.find(PROVIDER) {
            Some(at) => at + PROVIDER.len(),
            None if is_arn(value) => return Text,
            None => 0,
        }
    } else if value.starts_with("AWS:") {
        4
    } else {
        0
    };
    let rest = &value[start..];
    let colon = memchr::memchr(b':', rest.as_bytes());
    let named = match colon {
        Some(colon) if rest[..colon].contains('.') => {
            let audience = rest[colon + 1..].find(':');
            colon + 1 + audience.map_or(0, |audience| audience + 1)
        }
        Some(colon) => colon + 1,
        None => rest.rfind('/').map_or(0, |at| at + 1),
    };
    let name = &rest[named..];
    let last = memchr::memrchr(b':', name.as_bytes()).map_or(0, |at| at + 1);
    let is_known_id = colon.is_none() && is_id(name) || is_uuid(&name[last..]);
    if is_known_id || is_aws_service(name) || names.is_machine(name) {
        return Text;
    }
    match person(name) {
        Masked(label, _) => Masked(label, start + named..value.len()),
        other => other,
    }
}

fn is_arn(value: &str) -> bool {
    value.starts_with("arn:") && arn_at(value, 0).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(place: Place, value: &str) -> Option<&str> {
        let names = Names {
            machines: vec!["worker".into()],
            ..Names::default()
        };
        match decide(place, Place::Text, false, Facts::of(&names), value) {
            Masked(_, range) => Some(&value[range]),
            Stays | Text => None,
        }
    }

    #[test]
    fn addresses_are_masked_where_they_are_of_one_host() {
        for (value, expected) in [
            ("203.0.113.9", Some("203.0.113.9")),
            ("203.0.113.9/32", Some("203.0.113.9")),
            ("2001:db8::1/128", Some("2001:db8::1")),
            ("203.0.113.0/24", None),
            ("2001:db8::/32", None),
            ("0.0.0.0/0", None),
            ("5.7.44.1.2", None),
            ("ec2.amazonaws.com", None),
            ("203.0.113.9:443", Some("203.0.113.9")),
            ("[2001:db8::1]:443", Some("2001:db8::1")),
        ] {
            assert_eq!(masked(Place::Address, value), expected, "{value}");
        }
    }

    #[test]
    fn principals_are_masked_after_their_id() {
        for (value, expected) in [
            (
                "AROAEXAMPLE000000001:asha@acme.example",
                Some("asha@acme.example"),
            ),
            ("111122223333:asha", Some("asha")),
            ("AROAEXAMPLE000000001:202501010001", Some("202501010001")),
            ("d-9067000000/asha", Some("asha")),
            ("AROAEXAMPLE000000001:i-0123456789abcdef0", None),
            ("AROAEXAMPLE000000001:worker", None),
            ("AIDAEXAMPLE0000000002", None),
            ("AWS:AIDAEXAMPLE0000000002", None),
            ("AWS:AROAEXAMPLE000000001:asha", Some("asha")),
            ("AROAEXAMPLE000000001:ASHAKUMARIRAO", Some("ASHAKUMARIRAO")),
            ("111122223333", None),
            ("ASHA_KUMARI_RAO", Some("ASHA_KUMARI_RAO")),
            (
                "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/0123:sts.amazonaws.com:system:serviceaccount:kube-system:aws-node",
                Some("system:serviceaccount:kube-system:aws-node"),
            ),
            (
                "idp.example:sts.amazonaws.com:repo:acme/app:ref:refs/heads/main",
                Some("repo:acme/app:ref:refs/heads/main"),
            ),
            ("Anonymous", Some("Anonymous")),
        ] {
            assert_eq!(masked(Place::Principal, value), expected, "{value}");
        }
    }

    #[test]
    fn ids_and_services_are_no_people() {
        for (value, expected) in [
            ("asha", Some("asha")),
            ("user/asha@acme.example", Some("asha@acme.example")),
            ("asha/rao", Some("asha/rao")),
            ("AROAEXAMPLE000000001:asha", Some("asha")),
            ("AIDAEXAMPLE0000000002", None),
            ("012345678901", None),
            ("amazon", None),
            ("config.amazonaws.com", None),
            ("arn:aws:iam::1:role/x", None),
            ("*", None),
        ] {
            assert_eq!(masked(Place::PersonOrId, value), expected, "{value}");
        }
    }

    #[test]
    fn names_in_policies_may_be_variables() {
        assert_eq!(masked(Place::Person, "${aws:username}"), None);
        assert_eq!(masked(Place::Person, "asha*"), Some("asha"));
        assert_eq!(masked(Place::Person, "IAM:asha"), Some("asha"));
        assert_eq!(masked(Place::SessionName, "worker"), None);
        assert_eq!(masked(Place::Role, "asha"), None);
    }
}
