//! The fields of CloudTrail that can be masked.

use crate::unknown::edits;

/// Keys of records whose values may name a person or a host, or tell one apart from others. A
/// setting that is to mask what has another name would mask nothing, so that it is refused.
pub const MASKABLE: &[&str] = &[
    "accessKeyId",
    "accountId",
    "arn",
    "assumedRoleId",
    "bucketName",
    "cidrBlock",
    "cidrIp",
    "cidrIpv6",
    "clientIpAddress",
    "ClientIpAddress",
    "createdBy",
    "credentialId",
    "dbUser",
    "email",
    "emailAddress",
    "errorMessage",
    "eventName",
    "federatedUserId",
    "groupName",
    "identityStoreArn",
    "invokedBy",
    "ipAddress",
    "keyName",
    "lastUpdatedBy",
    "LoginTo",
    "masterUsername",
    "MFAIdentifier",
    "newUserName",
    "owner",
    "phoneNumber",
    "principalId",
    "privateIpAddress",
    "publicIp",
    "recipientAccountId",
    "roleName",
    "roleSessionName",
    "serialNumber",
    "sessionId",
    "signInSessionArn",
    "sourceIPAddress",
    "sourceIdentity",
    "sourceIp",
    "sub",
    "subject",
    "subjectFromWebIdentityToken",
    "SwitchFrom",
    "user",
    "userAgent",
    "userData",
    "userId",
    "userName",
    "username",
    "UserName",
    "userProfileName",
    "virtualMFADeviceName",
    "vpcEndpointId",
];

/// The message about an entry that is not in [`MASKABLE`], with the nearest name where one is near.
pub(crate) fn unknown(entry: &str) -> String {
    let distance = |known: &str| {
        edits(
            known.to_lowercase().as_bytes(),
            entry.to_lowercase().as_bytes(),
        )
    };
    let nearest = MASKABLE
        .iter()
        .map(|known| (distance(known), *known))
        .min_by_key(|(distance, _)| *distance);
    match nearest {
        Some((distance, known)) if distance <= 3 && distance * 2 < entry.len() => {
            format!("is not a field that can be masked; did you mean {known}?")
        }
        _ => format!(
            "is not a field that can be masked; there are {}",
            MASKABLE.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_field_gets_a_hint() {
        assert!(unknown("sourceIpAddress").ends_with("did you mean sourceIPAddress?"));
        assert!(unknown("usrName").ends_with("?"));
        assert!(unknown("favouriteColour").contains("sourceIPAddress, sourceIdentity"));
    }
}
