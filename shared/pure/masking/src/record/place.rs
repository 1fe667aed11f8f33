//! The fields table: which keys of a record define what their values name.

use cloudtrail::KeySet;

/// The kind of the values under a key. Keys that are not in [`KEYS`] contain free text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Place {
    /// `sourceIPAddress`: an address, or a service name, which is kept; any other text is
    /// masked.
    Source,
    /// An address, or a CIDR block of one host; anything else is free text.
    Address,
    /// The whole value is a person's name.
    Person,
    /// The subject of a token; elsewhere an object with other content.
    Subject,
    /// The name of a role session: a person's, unless the session belongs to a machine.
    SessionName,
    /// A person's name, or an id or a service name, which are kept.
    PersonOrId,
    /// A unique id with a name after a colon, as in `principalId`.
    Principal,
    /// The id of a Session Manager session: the name of its initiator, a hyphen, an id.
    Session,
    /// A role name, which is kept.
    Role,
    /// A person's name in `GetFederationToken`, any name elsewhere.
    Name,
    /// The name of a key-value pair, which defines the kind of the value after it.
    PairName,
    /// The value of a key-value pair, or of a DNS record.
    PairValue,
    /// A type, which is kept; the type of an identity decides whether its name is a
    /// person's.
    Type,
    /// CloudTrail and AWS vocabulary, which is kept.
    Technical,
    /// A key in `MASK_FIELDS` other than those of people and addresses: always masked.
    Forced,
    /// The object `userIdentity`.
    Identity,
    /// The object `sessionIssuer`.
    Issuer,
    /// The list of values of a DNS record.
    DnsValues,
    /// `userAgent`: names and versions of tools.
    Agent,
    /// The record itself, or JSON inside a string.
    Root = KeySet::ROOT,
    /// A key without a known meaning.
    Text = KeySet::UNNAMED,
}

use Place::{
    Address, Agent, DnsValues, Identity, Issuer, Name, PairName, PairValue, Person, PersonOrId,
    Principal, Role, Session, SessionName, Source, Subject, Technical, Type,
};

impl Place {
    /// The place with this number, as reported by a scan.
    pub(crate) fn of(number: u8) -> Self {
        const BY_NUMBER: [Place; 19] = [
            Source,
            Address,
            Person,
            Subject,
            SessionName,
            PersonOrId,
            Principal,
            Session,
            Role,
            Name,
            PairName,
            PairValue,
            Type,
            Technical,
            Place::Forced,
            Identity,
            Issuer,
            DnsValues,
            Agent,
        ];
        match BY_NUMBER.get(usize::from(number)) {
            Some(place) => *place,
            None if number == KeySet::ROOT => Self::Root,
            None => Self::Text,
        }
    }
}

/// The keys whose values have a known kind, in all spellings that services use.
pub(crate) const KEYS: &[(Place, &[&str])] = &[
    (Source, &["sourceIPAddress"]),
    (
        Address,
        &[
            "ClientIpAddress",
            "clientIpAddress",
            "aws:SourceIp",
            "aws:VpcSourceIp",
            "sourceIp",
            "SourceIp",
            "sourceIP",
            "clientIp",
            "ipAddress",
            "IpAddress",
            "iPAddress",
            "publicIp",
            "PublicIp",
            "publicIpAddress",
            "cidrIp",
            "CidrIp",
            "cIDRIP",
            "cidrIpv4",
            "cidrIpv6",
            "CidrIpv6",
            "cidrBlock",
            "CidrBlock",
            "remoteIp",
            "remoteIpAddress",
        ],
    ),
    (
        Person,
        &[
            "userName",
            "UserName",
            "username",
            "Username",
            "aws:username",
            "newUserName",
            "dbUser",
            "DbUser",
            "masterUsername",
            "masterUserName",
            "MasterUsername",
            "userProfileName",
            "UserProfileName",
            "sourceIdentity",
            "SourceIdentity",
            "sts:SourceIdentity",
            "aws:SourceIdentity",
            "virtualMFADeviceName",
            "emailAddress",
            "EmailAddress",
            "email",
            "Email",
            "phoneNumber",
            "PhoneNumber",
            "fullName",
            "FullName",
            "givenName",
            "familyName",
            "loginName",
        ],
    ),
    (Subject, &["subject", "subjectFromWebIdentityToken"]),
    (
        SessionName,
        &["roleSessionName", "RoleSessionName", "sts:RoleSessionName"],
    ),
    (
        PersonOrId,
        &[
            "user",
            "User",
            "userId",
            "UserId",
            "owner",
            "Owner",
            "createdBy",
            "CreatedBy",
            "lastUpdatedBy",
            "lastModifiedBy",
            "LastModifiedBy",
            "updatedBy",
            "lakeFormationPrincipal",
        ],
    ),
    (
        Principal,
        &[
            "principalId",
            "PrincipalId",
            "assumedRoleId",
            "federatedUserId",
            "aws:userid",
            "aws:PrincipalId",
        ],
    ),
    (Session, &["sessionId", "SessionId"]),
    (Role, &["roleName", "RoleName"]),
    (Name, &["name"]),
    (
        PairName,
        &["key", "Key", "attributeKey", "AttributeKey", "tagKey"],
    ),
    (
        PairValue,
        &[
            "value",
            "Value",
            "attributeValue",
            "AttributeValue",
            "tagValue",
        ],
    ),
    (Type, &["type"]),
    (
        Technical,
        &[
            "eventVersion",
            "eventTime",
            "eventSource",
            "eventName",
            "awsRegion",
            "eventID",
            "requestID",
            "eventType",
            "eventCategory",
            "apiVersion",
            "recipientAccountId",
            "accountId",
            "accessKeyId",
            "errorCode",
            "invokedBy",
            "sharedEventID",
            "vpcEndpointId",
            "tlsVersion",
            "cipherSuite",
            "creationDate",
            "mfaAuthenticated",
            "x-amz-id-2",
            "SignatureVersion",
            "CipherSuite",
            "AuthenticationMethod",
        ],
    ),
    (Agent, &["userAgent"]),
    (Identity, &["userIdentity"]),
    (Issuer, &["sessionIssuer"]),
    (DnsValues, &["resourceRecords", "ResourceRecords"]),
];

/// Further keys of records that look like names but are not, in addition to [`KEYS`].
const SCHEMA: &[&str] = &[
    "additionalEventData",
    "addendum",
    "attributes",
    "edgeDeviceDetails",
    "errorMessage",
    "eventContext",
    "insightDetails",
    "items",
    "managementEvent",
    "readOnly",
    "requestParameters",
    "resources",
    "responseElements",
    "serviceEventDetails",
    "sessionContext",
    "sessionIssuer",
    "tlsDetails",
    "userIdentity",
    "webIdFederationData",
];

/// Whether `key` is a CloudTrail key.
pub(crate) fn is_known_key(key: &str) -> bool {
    let mut known = KEYS.iter().flat_map(|(_, keys)| keys.iter()).chain(SCHEMA);
    known.any(|name| *name == key)
}

/// Names of key-value pairs (tags, look-up attributes) whose values name a person.
const PERSON_PAIRS: &[&str] = &[
    "username",
    "user",
    "owner",
    "createdby",
    "created-by",
    "created_by",
    "email",
    "e-mail",
    "contact",
    "name-of-user",
    "aws:username",
    "requester",
];

/// Whether the value of the key-value pair with this `name` names a person.
pub(crate) fn is_person_pair(name: &str) -> bool {
    PERSON_PAIRS
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_its_number_and_every_key_one_place() {
        let mut seen = std::collections::HashSet::new();
        for (place, keys) in KEYS {
            assert_eq!(Place::of(*place as u8), *place);
            for key in *keys {
                assert!(seen.insert(*key), "{key} stands twice");
            }
        }
        assert_eq!(Place::of(Place::Forced as u8), Place::Forced);
        assert_eq!(Place::of(KeySet::UNNAMED), Place::Text);
        assert!(seen.len() < KeySet::MAX_NAMES - 60, "room for MASK_FIELDS");
    }

    #[test]
    fn pairs_that_name_people_are_told_in_any_case() {
        assert!(is_person_pair("Owner") && is_person_pair("created-by"));
        assert!(!is_person_pair("CostCenter") && !is_known_key("asha") && is_known_key("items"));
    }
}
