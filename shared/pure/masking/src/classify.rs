//! What of a value is masked, by the kind of its key.

use std::ops::Range;

use crate::Label;
use crate::address::{host_in, is_aws_service};
use crate::arn::{arn_at, session_owner};
use crate::collect::{IdentityContext, Names};
use crate::fields::FieldKind;
use crate::lexicon::is_vocabulary;
use crate::names::{is_id, is_instance_id, is_uuid, kind_len};

/// The decision about a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// The value is kept.
    Stays,
    /// The value is free text.
    Text,
    /// This part is replaced by a pseudonym; the rest is free text.
    Masked(Label, Range<usize>),
}

use Decision::{Masked, Stays, Text};

/// Where a value is in its record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Position {
    /// The kind of its key.
    pub(crate) kind: FieldKind,
    /// The kind of the key of the object around it.
    pub(crate) parent: FieldKind,
    /// The kind that the name of its key-value pair has as a key.
    pub(crate) pair: Option<FieldKind>,
}

impl Position {
    /// A value under a key of this kind, with nothing known around it.
    pub(crate) fn under(kind: FieldKind) -> Self {
        Self {
            kind,
            parent: FieldKind::Unlisted,
            pair: None,
        }
    }

    /// The kind that decides: that of the name of a pair or of the key around an operator, if
    /// there is one.
    fn deciding_kind(self) -> FieldKind {
        use FieldKind::{
            Address, DnsValues, NameInEvent, Operator, PairValue, Person, PersonOrId,
            SourceAddress, Unlisted,
        };
        match (self.kind, self.parent) {
            (PairValue, DnsValues) => Address,
            (PairValue, around) => match self.pair {
                Some(kind) => kind,
                None if around.is_masked() => around,
                None => Unlisted,
            },
            (NameInEvent, Person | PersonOrId) => Person,
            (Operator, around) if around.is_masked() => around,
            (Unlisted | Operator, Person) => Person,
            (Unlisted | Operator, SourceAddress) => SourceAddress,
            (kind, _) => kind,
        }
    }
}

/// Decides about the value at `position`.
pub(crate) fn classify(position: Position, context: IdentityContext<'_>, value: &str) -> Decision {
    use FieldKind as Kind;
    let whole = 0..value.len();
    let in_identity = position.parent == Kind::Identity;
    let in_issuer = position.parent == Kind::Issuer;
    match position.deciding_kind() {
        Kind::SourceAddress => Masked(Label::Ip, whole),
        Kind::Address => {
            host_in(value.trim_end_matches(['*', '%'])).map_or(Text, |host| Masked(Label::Ip, host))
        }
        Kind::Person if in_issuer && context.issuer_is_role => Stays,
        Kind::Person if in_issuer && context.names.is_role(value) => Stays,
        Kind::Person if in_identity && context.identity_is_role => Stays,
        Kind::SessionName if context.names.is_machine(value) || context.names.is_role(value) => {
            Stays
        }
        Kind::TokenSubject if context.subject_is_person => person(value),
        Kind::Person | Kind::SessionName => person(value),
        Kind::NameInEvent if context.name_is_person => person(value),
        Kind::PersonOrId => person_or_id(value, context.names),
        Kind::PrincipalId if in_issuer && context.issuer_is_role => Stays,
        Kind::PrincipalId => principal(value, context.names),
        Kind::SessionManagerId => {
            session_owner(value, whole).map_or(Text, |owner| Masked(Label::User, owner))
        }
        Kind::Forced => Masked(Label::User, whole),
        kind if kind.is_kept(position.parent) => Stays,
        _ => Text,
    }
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

/// Words under keys of owners and creators that name no person.
fn is_nobody(name: &str) -> bool {
    const NOBODY: &[&str] = &[
        "self",
        "all",
        "amazon",
        "aws",
        "aws-backup-vault",
        "aws-marketplace",
        "custom",
        "custom_lambda",
        "custom_policy",
        "everyone",
        "iam",
        "microsoft",
        "root",
        "system",
        "thirdparty",
    ];
    let is_choice = || !name.bytes().any(|b| b.is_ascii_lowercase()) && is_vocabulary(name);
    let is_pipeline = || {
        ["codepipeline/", "GitHub-Hookshot/"]
            .iter()
            .any(|s| name.starts_with(s))
    };
    NOBODY.iter().any(|word| name.eq_ignore_ascii_case(word)) || is_choice() || is_pipeline()
}

fn person_or_id(value: &str, names: &Names) -> Decision {
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
    if is_id(name) || is_aws_service(name) || is_instance_id(name) || is_nobody(name) {
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
    if value.starts_with(['{', '[']) {
        return Text;
    }
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
    // The name of a session is masked whatever it looks like.
    let is_session = colon.is_some_and(|colon| is_id(&rest[..colon]));
    let is_known_id = colon.is_none() && is_id(name) || !is_session && is_uuid(&name[last..]);
    let is_machine = is_instance_id(&name[last..]) || names.is_machine(name);
    if is_known_id || is_machine || !is_session && is_aws_service(name) {
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

    fn masked(kind: FieldKind, value: &str) -> Option<&str> {
        let names = Names::of_machine("worker");
        let context = IdentityContext::unknown(&names);
        match classify(Position::under(kind), context, value) {
            Masked(_, range) => Some(&value[range]),
            Stays | Text => None,
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
            ("111122223333:aws:ec2-infrastructure:i-81e2f56c", None),
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
            assert_eq!(masked(FieldKind::PrincipalId, value), expected, "{value}");
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
            assert_eq!(masked(FieldKind::PersonOrId, value), expected, "{value}");
        }
    }

    #[test]
    fn names_in_policies_may_be_variables() {
        assert_eq!(masked(FieldKind::Person, "${aws:username}"), None);
        assert_eq!(masked(FieldKind::Person, "asha*"), Some("asha"));
        assert_eq!(masked(FieldKind::Person, "IAM:asha"), Some("asha"));
        assert_eq!(masked(FieldKind::SessionName, "worker"), None);
        assert_eq!(masked(FieldKind::Role, "asha"), None);
    }
}
