//! What the values under the keys of the fields table are.

/// What the values under a key are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// `sourceIPAddress`: an address, or a service name, which is kept; any other text is masked.
    SourceAddress,
    /// An address, or a CIDR block of one host; anything else is free text.
    Address,
    /// A person's name, email address or phone number.
    Person,
    /// A person's name, or an id, a service name or AWS vocabulary, which are kept.
    PersonOrId,
    /// A person's name in the events that the table names, any name elsewhere.
    NameInEvent,
    /// The subject of a token; elsewhere an object with other content.
    TokenSubject,
    /// The name of a role session: a person's, unless the session belongs to a machine.
    SessionName,
    /// A unique id with a name after a colon, as in `principalId`.
    PrincipalId,
    /// The id of a Session Manager session: the name of its initiator, a hyphen, an id.
    SessionManagerId,
    /// A role name, which is kept.
    Role,
    /// The ARN of an identity.
    Arn,
    /// The name of a key-value pair, which defines the kind of the value next to it.
    PairName,
    /// The value of a key-value pair, or of a DNS record.
    PairValue,
    /// An operator of a pattern or filter: its values are of the kind of the key around it.
    Operator,
    /// A type, which is kept; the type of an identity decides whether its name is a person's.
    Type,
    /// AWS vocabulary and ids, which are kept in the record itself and in its identity.
    Technical,
    /// Names of resources and free text: searched for people and addresses of the record.
    FreeText,
    /// The object `userIdentity`.
    Identity,
    /// The object `sessionIssuer`.
    Issuer,
    /// The list of values of a DNS record.
    DnsValues,
    /// A key in `MASK_FIELDS` whose row is not masked by itself: always masked.
    Forced,
    /// The record itself, or JSON inside a string.
    Root,
    /// A key that is not in the table: free text.
    Unlisted,
}

/// A row of the table.
#[derive(Debug)]
pub struct Field {
    /// What the values are.
    pub kind: FieldKind,
    /// What becomes of the values, in the words of the documentation.
    pub result: &'static str,
    /// The keys, in any letter case. `createdBy` includes `created_by` and `created-by`.
    pub keys: &'static [&'static str],
    /// Every key that ends so, in any letter case, and is not in another row.
    pub endings: &'static [&'static str],
}

impl FieldKind {
    /// Whether values of this kind name a person or a host.
    pub(crate) fn is_masked(self) -> bool {
        matches!(
            self,
            Self::SourceAddress
                | Self::Address
                | Self::Person
                | Self::PersonOrId
                | Self::TokenSubject
                | Self::SessionName
                | Self::PrincipalId
        )
    }

    /// Whether values of this kind are not decided one by one: they are free text, or kept.
    pub(crate) fn is_undecided(self) -> bool {
        matches!(
            self,
            Self::Unlisted
                | Self::FreeText
                | Self::PairName
                | Self::DnsValues
                | Self::Technical
                | Self::Role
        )
    }

    /// Whether values of this kind are kept in an object under a key of the kind `parent`.
    pub(crate) fn is_kept(self, parent: Self) -> bool {
        match self {
            Self::Role => true,
            Self::Technical => matches!(parent, Self::Root | Self::Identity | Self::Issuer),
            Self::Type => matches!(parent, Self::Identity | Self::Issuer),
            _ => false,
        }
    }
}
