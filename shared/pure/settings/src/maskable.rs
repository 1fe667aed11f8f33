//! The fields of CloudTrail that can be masked.

use crate::typo::{MAX_SUGGESTION_DISTANCE, nearest};

/// Keys of CloudTrail records whose values can name or identify a person or a host: what
/// `MASK_FIELDS` accepts. Any other key is rejected, since it would mask nothing.
#[rustfmt::skip] // One name per line would fill a page.
pub const MASKABLE: &[&str] = &[
    "accessKeyId", "accountId", "arn", "assumedRoleId", "bucketName", "cidrBlock", "cidrIp",
    "cidrIpv6", "clientIpAddress", "ClientIpAddress", "createdBy", "credentialId", "dbUser",
    "email", "emailAddress", "errorMessage", "eventName", "federatedUserId", "groupName",
    "identityStoreArn", "invokedBy", "ipAddress", "keyName", "lastUpdatedBy", "LoginTo",
    "masterUsername", "MFAIdentifier", "newUserName", "owner", "phoneNumber", "principalId",
    "privateIpAddress", "publicIp", "recipientAccountId", "roleName", "roleSessionName",
    "serialNumber", "sessionId", "signInSessionArn", "sourceIPAddress", "sourceIdentity",
    "sourceIp", "sub", "subject", "subjectFromWebIdentityToken", "SwitchFrom", "user",
    "userAgent", "userData", "userId", "userName", "username", "UserName", "userProfileName",
    "virtualMFADeviceName", "vpcEndpointId",
];

/// What to use instead of `entry` if it is not in [`MASKABLE`].
pub(crate) fn unknown_field(entry: &str) -> Option<String> {
    if MASKABLE.contains(&entry) {
        return None;
    }
    Some(match nearest(MASKABLE.iter().copied(), entry) {
        Some((distance, known))
            if distance <= MAX_SUGGESTION_DISTANCE && distance * 2 < entry.len() =>
        {
            format!("did you mean {known}?")
        }
        _ => format!("use one of {}", MASKABLE.join(", ")),
    })
}
