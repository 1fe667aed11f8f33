//! What becomes of a value by the key it stands under.

use std::ops::Range;

use super::arn::{Who, arn_at, session_owner};
use super::place::Place;
use super::words::{is_id, is_instance_id, is_word_byte};
use crate::{Label, canonical_address, is_aws_service};

/// Roles and machines of one record; more than any real record has. One that is not known is taken
/// for a person.
const MOST: usize = 64;

/// What a record says of its identities, as far as it decides on names.
#[derive(Default)]
pub(crate) struct Facts {
    /// `userIdentity` is a role: what it is called is no person's name.
    pub(crate) identity_is_role: bool,
    /// `userIdentity` is the root user: its name is the alias of the account.
    pub(crate) identity_is_root: bool,
    /// `sessionIssuer` is a role.
    pub(crate) issuer_is_role: bool,
    /// The event is `GetFederationToken`, whose `name` is a person's.
    pub(crate) is_federation: bool,
    /// Names of the roles in the record's ARNs.
    pub(crate) roles: Vec<String>,
    /// Names of sessions that are machines'.
    pub(crate) machines: Vec<String>,
}

impl Facts {
    pub(crate) fn learn_arn(&mut self, text: &str, who: &Who) {
        let (names, name) = match who {
            Who::Role(name) => (&mut self.roles, &text[name.clone()]),
            Who::Machine(name) => (&mut self.machines, &text[name.clone()]),
            Who::Person(_) | Who::Nobody => return,
        };
        if names.len() < MOST && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }

    fn is_machine(&self, session: &str) -> bool {
        is_instance_id(session)
            || self
                .machines
                .iter()
                .chain(&self.roles)
                .any(|n| n == session)
    }
}

/// What becomes of a value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It stays, whatever it holds.
    Stays,
    /// It is free text.
    Text,
    /// This part of it gets a pseudonym; the rest is free text.
    Masked(Label, Range<usize>),
}

use Decision::{Masked, Stays, Text};

/// Decides on `value`, which stands at `place` in an object at `parent`; `pair` says that the pair
/// it belongs to is called like something that names a person.
pub(crate) fn decide(
    place: Place,
    parent: Place,
    pair: bool,
    facts: &Facts,
    value: &str,
) -> Decision {
    let user = |range| Masked(Label::User, range);
    let whole = 0..value.len();
    match place {
        Place::Source => Masked(Label::Ip, whole),
        Place::Address => address(value),
        Place::PairValue if parent == Place::DnsValues => address(value),
        Place::PairValue if pair => person_or_id(value),
        Place::Person if parent == Place::Issuer && facts.issuer_is_role => Stays,
        Place::Person if parent == Place::Identity && facts.identity_is_role => Stays,
        Place::SessionName if facts.is_machine(value) => Stays,
        Place::Person | Place::SessionName => person(value),
        Place::Name if facts.is_federation => person(value),
        Place::PersonOrId => person_or_id(value),
        Place::Principal if parent == Place::Issuer && facts.issuer_is_role => Stays,
        Place::Principal => principal(value, facts),
        Place::Session => session_owner(value, whole).map_or(Text, user),
        Place::Forced => user(whole),
        Place::Role | Place::Type | Place::Technical => Stays,
        Place::Name | Place::PairName | Place::PairValue | Place::Text => Text,
        Place::Identity | Place::Issuer | Place::DnsValues => Text,
    }
}

/// The host of an address or of a block that holds no other host.
fn address(value: &str) -> Decision {
    let (host, bits) = match value.split_once('/') {
        Some((host, bits)) => (host, Some(bits)),
        None => (value, None),
    };
    let single = match bits {
        None => true,
        Some("32") => !host.contains(':'),
        Some(bits) => bits == "128" && host.contains(':'),
    };
    if single && canonical_address(host).is_some() {
        Masked(Label::Ip, 0..host.len())
    } else {
        Text
    }
}

fn person(value: &str) -> Decision {
    // How Redshift says where a database user comes from.
    const KINDS: &[&str] = &["IAM:", "IAMA:", "IAMR:", "AWSIDC:"];
    let kind = KINDS.iter().find(|kind| value.starts_with(**kind));
    let named = kind.map_or(0, |kind| kind.len());
    let is_variable = value.contains("${") || value.contains("{{");
    if is_arn(value) || is_variable || !value[named..].bytes().any(is_word_byte) {
        Text
    } else {
        Masked(Label::User, named..value.len())
    }
}

fn person_or_id(value: &str) -> Decision {
    const NOBODY: &[&str] = &[
        "self", "all", "amazon", "aws", "AWS", "system", "root", "Everyone",
    ];
    if is_arn(value) {
        return Text;
    }
    let named = value.rfind('/').map_or(0, |at| at + 1);
    let name = &value[named..];
    if is_id(name) || is_aws_service(name) || is_instance_id(name) || NOBODY.contains(&name) {
        return Stays;
    }
    match person(name) {
        Masked(label, part) => Masked(label, named + part.start..value.len()),
        other => other,
    }
}

/// What follows the last colon or slash of an id. Without either it is an id by itself, unless it
/// has small letters, as no id of IAM has.
fn principal(value: &str, facts: &Facts) -> Decision {
    let named = value.rfind([':', '/']).map_or(0, |at| at + 1);
    let name = &value[named..];
    // An account stands before a colon, never after one.
    let is_number = named > 0 && name.bytes().all(|b| b.is_ascii_digit());
    if is_id(name) && !is_number || is_aws_service(name) || facts.is_machine(name) {
        return Text;
    }
    match person(name) {
        Masked(label, _) => Masked(label, named..value.len()),
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
        let facts = Facts {
            machines: vec!["worker".into()],
            ..Facts::default()
        };
        match decide(place, Place::Text, false, &facts, value) {
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
            ("111122223333", None),
            ("EX_PRINCIPAL", None),
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
        assert_eq!(masked(Place::Person, "asha*"), Some("asha*"));
        assert_eq!(masked(Place::Person, "IAM:asha"), Some("asha"));
        assert_eq!(masked(Place::SessionName, "worker"), None);
        assert_eq!(masked(Place::Role, "asha"), None);
    }
}
