//! Collects who a record names: its identities, roles and ARNs.

use std::borrow::Cow;

use crate::arn::{Arn, Principal};
use crate::fields::{FieldKind, PERSON_EVENTS};
use crate::names::is_instance_id;

/// Who chose a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Origin {
    /// An administrator of the account: the name of an IAM user.
    Account,
    /// IAM Identity Center, for one of its users.
    IdentityProvider,
    /// The caller, freely: a role session name, a source identity, the name of a federated user,
    /// an argument.
    Caller,
}

/// Limit of names of one kind in one record, above what real records have. A role or machine
/// beyond the limit is treated as a person.
const MOST: usize = 256;

/// The names in the record's ARNs.
#[derive(Default)]
pub(crate) struct Names {
    pub(crate) roles: Vec<String>,
    /// Sessions of machines.
    machines: Vec<String>,
    /// One of them may have the name of a role or a machine.
    people: Vec<String>,
}

impl Names {
    /// Adds the principals of `arns`, which are ARNs of `text`.
    pub(crate) fn add(&mut self, text: &str, arns: &[Arn]) {
        for arn in arns {
            let (names, name) = match &arn.principal {
                Principal::Role(name) => (&mut self.roles, name),
                Principal::Machine(name) => (&mut self.machines, name),
                Principal::User(name) | Principal::Session(name) => (&mut self.people, name),
                Principal::Nobody => continue,
            };
            let name = &text[name.clone()];
            if names.len() < MOST && !contains(names, name) {
                names.push(name.to_owned());
            }
        }
    }

    pub(crate) fn is_role(&self, name: &str) -> bool {
        contains(&self.roles, name) && !contains(&self.people, name)
    }

    /// Whether a session belongs to a machine, given a role that is named elsewhere in the
    /// record.
    pub(crate) fn is_machine(&self, session: &str) -> bool {
        is_instance_id(session)
            || contains(&self.machines, session) && !contains(&self.people, session)
    }

    #[cfg(test)]
    pub(crate) fn of_machine(name: &str) -> Self {
        Self {
            machines: vec![name.to_owned()],
            ..Self::default()
        }
    }
}

fn contains(names: &[String], name: &str) -> bool {
    names.iter().any(|known| known == name)
}

/// What a record states about its identities, as far as it affects the masking of names.
#[derive(Clone, Copy)]
pub(crate) struct IdentityContext<'n> {
    /// `userIdentity` is a role: its name is not a person's.
    pub(crate) identity_is_role: bool,
    /// `userIdentity` is the root user: its name is the alias of the account.
    pub(crate) identity_is_root: bool,
    /// `sessionIssuer` is a role.
    pub(crate) issuer_is_role: bool,
    /// An identity provider chose the names of the identity and of its session.
    pub(crate) is_federated: bool,
    /// The key `name` is a person's in this event.
    pub(crate) name_is_person: bool,
    /// The key `subject` is that of a token in this event.
    pub(crate) subject_is_person: bool,
    pub(crate) names: &'n Names,
}

impl<'n> IdentityContext<'n> {
    /// For a text that is not a record.
    pub(crate) fn unknown(names: &'n Names) -> Self {
        Self {
            identity_is_role: false,
            identity_is_root: false,
            issuer_is_role: false,
            is_federated: false,
            name_is_person: false,
            subject_is_person: false,
            names,
        }
    }

    /// For a record with these values, each with the kinds of its key and of the key around it. A
    /// statement that occurs more than once counts if all copies agree.
    pub(crate) fn of<'v>(
        values: impl Iterator<Item = (FieldKind, FieldKind, &'v str)>,
        event_name: impl FnOnce() -> Option<Cow<'v, str>>,
        names: &'n Names,
    ) -> Self {
        let mut identity = Statements::default();
        let mut issuer = Statements::default();
        let mut has_name = false;
        let mut has_subject = false;
        for (kind, parent, text) in values {
            let of = match parent {
                FieldKind::Identity => &mut identity,
                FieldKind::Issuer => &mut issuer,
                _ => {
                    has_name |= kind == FieldKind::NameInEvent;
                    has_subject |= kind == FieldKind::TokenSubject;
                    continue;
                }
            };
            match kind {
                FieldKind::Type => {
                    of.role.add(text == "Role");
                    of.root.add(text == "Root");
                }
                FieldKind::Arn => of.identity_center.add(is_of_identity_center(text)),
                _ => {}
            }
        }
        let event_name = (has_name || has_subject).then(event_name).flatten();
        let event_name = event_name.as_deref();
        Self {
            identity_is_role: identity.role.holds(),
            identity_is_root: identity.root.holds(),
            issuer_is_role: issuer.role.holds(),
            is_federated: issuer.identity_center.holds(),
            name_is_person: event_name.is_some_and(|name| PERSON_EVENTS.contains(&name)),
            subject_is_person: event_name.is_some_and(|name| name.starts_with("AssumeRoleWith")),
            names,
        }
    }

    /// Who chose the name under a key of this kind in an object under the key `parent`.
    pub(crate) fn origin_of(&self, kind: FieldKind, parent: FieldKind) -> Origin {
        match kind {
            // Other names may be arguments that the federated caller chose.
            _ if self.is_federated && parent == FieldKind::Identity => Origin::IdentityProvider,
            FieldKind::Person if parent == FieldKind::Identity => Origin::Account,
            _ => Origin::Caller,
        }
    }
}

/// A statement of a record about itself: true where it occurs, and all copies agree.
#[derive(Default)]
struct Statement {
    occurs: bool,
    denied: bool,
}

impl Statement {
    fn add(&mut self, is_true: bool) {
        self.occurs = true;
        self.denied |= !is_true;
    }

    fn holds(&self) -> bool {
        self.occurs && !self.denied
    }
}

/// What is stated about an identity.
#[derive(Default)]
struct Statements {
    role: Statement,
    root: Statement,
    identity_center: Statement,
}

/// Whether `arn` is of a role that IAM Identity Center created; nobody else can create roles in
/// its path. <https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html>
fn is_of_identity_center(arn: &str) -> bool {
    arn.split_once('/').is_some_and(|(start, path)| {
        start.ends_with(":role") && path.starts_with("aws-reserved/sso.amazonaws.com/")
    })
}
