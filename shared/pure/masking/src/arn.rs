//! ARNs in a text, and the principals they name.

use std::ops::Range;

use memchr::memmem::Finder;

use crate::names::{is_id, is_instance_id, is_machine_session, is_unique_id, kind_len};

/// An ARN in a text. All ranges are byte offsets of that text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arn {
    /// From `arn:` to the first byte that may belong to a name: partition, service, Region,
    /// account and resource type are kept, and so are the names of roles and machines. All of an
    /// ARN of a resource that AWS owns, such as a managed policy.
    pub(crate) kept: Range<usize>,
    /// The principal that it names.
    pub(crate) principal: Principal,
    /// The offset after it.
    pub(crate) end: usize,
}

/// The principal that an ARN names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Principal {
    /// No person, by its structure.
    Nobody,
    /// A user.
    User(Range<usize>),
    /// A session of a role or of a federated user, whose name the caller or an identity provider
    /// chose.
    Session(Range<usize>),
    /// A session of a machine: its name is not a person's.
    Machine(Range<usize>),
    /// A role.
    Role(Range<usize>),
}

/// Finds the ARNs of successive texts.
pub(crate) struct ArnFinder {
    arn: Finder<'static>,
    user: Finder<'static>,
    role: Finder<'static>,
}

impl ArnFinder {
    pub(crate) fn new() -> Self {
        Self {
            arn: Finder::new("arn:"),
            user: Finder::new("user/"),
            role: Finder::new(":assumed-role/"),
        }
    }

    /// The ARNs of `text` in its order, and after them the ends of ARNs in patterns.
    pub(crate) fn find(&self, text: &str) -> Vec<Arn> {
        let mut found = Vec::new();
        let bytes = text.as_bytes();
        for at in self.arn.find_iter(bytes) {
            let is_border = !bytes[..at].last().is_some_and(u8::is_ascii_alphanumeric);
            if is_border && let Some(arn) = arn_at(text, at) {
                found.push(arn);
            }
        }
        if memchr::memchr3(b'*', b'%', b'?', bytes).is_none() {
            return found;
        }
        let whole = found.len();
        let users = self.user.find_iter(bytes).map(|at| (at, "user/"));
        let roles = self
            .role
            .find_iter(bytes)
            .map(|at| (at + 1, "assumed-role/"));
        for (at, kind) in users.chain(roles) {
            let later = found[..whole].partition_point(|arn| arn.end <= at);
            if found[..whole]
                .get(later)
                .is_none_or(|arn| arn.kept.start > at)
            {
                found.extend(pattern_end(text, at, kind));
            }
        }
        found
    }
}

/// The end of an ARN after a wildcard or a space, as in the pattern `*:user/asha`: `at` is the
/// offset of its `kind`.
fn pattern_end(text: &str, at: usize, kind: &str) -> Option<Arn> {
    let before = text[..at].strip_suffix("federated-").unwrap_or(&text[..at]);
    let (rest, digits) = (before.strip_suffix(':')?, |c: char| c.is_ascii_digit());
    if !rest
        .trim_end_matches(digits)
        .ends_with(['*', '%', ':', '?'])
    {
        return None;
    }
    let service = if kind == "user/" { "iam" } else { "sts" };
    let end = at + resource_len(text, before.len(), at);
    let (_, principal) = principal(
        text,
        service,
        kind.trim_end_matches('/'),
        at,
        at + kind.len()..end,
    );
    let kept = at..at + kind.len();
    Some(Arn {
        kept,
        principal,
        end,
    })
}

/// The ARN at `start`, where `text` has `arn:`; `None` if it is not an ARN.
pub(crate) fn arn_at(text: &str, start: usize) -> Option<Arn> {
    let mut at = start + "arn:".len();
    let mut parts = [""; 4];
    for part in &mut parts {
        let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'*' | b'_' | b'?');
        let rest = text.as_bytes()[at..].iter().take(64);
        let length = rest.take_while(|b| is_part(b)).count();
        if text.as_bytes().get(at + length) != Some(&b':') {
            return None;
        }
        *part = &text[at..at + length];
        at += length + 1;
    }
    let [_, service, _, account] = parts;
    let end = at + resource_len(text, start, at);
    let resource = &text[at..end];
    let kind_len = resource.find(['/', ':']).map_or(resource.len(), |i| i + 1);
    let kind = resource[..kind_len].trim_end_matches(['/', ':']);
    let (kept_to, principal) = principal(text, service, kind, at, at + kind_len..end);
    let kept_to = if account == "aws" { end } else { kept_to };
    Some(Arn {
        kept: start..kept_to,
        principal,
        end,
    })
}

/// The maximum length of a resource; IAM ARNs have at most 2,048 characters.
const MAX_LEN: usize = 2048;

/// Bytes that do not occur in ARNs.
const ENDS: [bool; 256] = {
    let mut ends = [false; 256];
    let none = b" \t\n\r\x0c\"'<>()[];|\\`&";
    let mut at = 0;
    while at < none.len() {
        ends[none[at] as usize] = true;
        at += 1;
    }
    ends
};

/// The length in bytes of the resource at `at`, in the ARN at `start`. An ARN ends at the end
/// of its text or before a byte that does not occur in ARNs; a full stop that ends a sentence
/// does not belong to it.
fn resource_len(text: &str, start: usize, at: usize) -> usize {
    let bytes = text.as_bytes();
    let rest = &bytes[at..];
    let ends = |(at, byte): (usize, &u8)| {
        if *byte == b',' {
            let next = &rest[at + 1..];
            matches!(next.first(), None | Some(b' ' | b'"')) || next.starts_with(b"arn:")
        } else {
            ENDS[usize::from(*byte)]
        }
    };
    let within = &rest[..rest.len().min(MAX_LEN)];
    let length = within
        .iter()
        .enumerate()
        .position(ends)
        .unwrap_or(within.len());
    let resource = &text[at..text.floor_char_boundary(at + length)];
    let is_mark = |c: char| !c.is_ascii() && !c.is_alphanumeric();
    let mark = if resource.is_ascii() {
        None
    } else {
        resource.find(is_mark)
    };
    let length = mark.unwrap_or(resource.len());
    let is_quote = |byte: Option<&u8>| byte.is_none_or(|byte| *byte == b'"');
    let before = start.checked_sub(1).map(|at| &bytes[at]);
    if is_quote(before) && is_quote(rest.get(length)) {
        length
    } else {
        let marks = |c: char| !c.is_alphanumeric() && !"*/_+=@-".contains(c);
        text[at..at + length].trim_end_matches(marks).len()
    }
}

/// The start of the name, and the principal it names. The resource starts at `at`; `named` is
/// the text after its `kind`.
fn principal(
    text: &str,
    service: &str,
    kind: &str,
    at: usize,
    named: Range<usize>,
) -> (usize, Principal) {
    let begin = named.start;
    let last_of = |range: Range<usize>| {
        let slash = text[range.clone()].rfind('/');
        slash.map_or(range.start, |at| range.start + at + 1)..range.end
    };
    match (service, kind) {
        // Of any service: some records have the parts of the ARN in another order.
        (_, "assumed-role") => assumed_role(text, named),
        (_, "federated-user") => (begin, session(text, named)),
        ("iam", "role") => (begin, Principal::Role(role_in(text, named))),
        ("iam", "mfa" | "sms-mfa") if &text[named.clone()] != "root-account-mfa-device" => {
            (begin, user(text, last_of(named)))
        }
        ("iam", "u2f") => security_key(text, named),
        ("ssm", "session") => {
            let owner = session_owner(text, named);
            (begin, owner.map_or(Principal::Nobody, Principal::Session))
        }
        (_, "dbuser") => {
            let name = last_of(named);
            let kind = kind_len(&text[name.clone()]);
            (begin, user(text, name.start + kind..name.end))
        }
        // A name of digits is a name; only other services' users are named by ids.
        ("iam", "user") => {
            let name = name_in(text, last_of(named));
            let name = name.filter(|name| !is_unique_id(&text[name.clone()]));
            (begin, name.map_or(Principal::Nobody, Principal::User))
        }
        (_, "user" | "user-profile") => (begin, user(text, last_of(named))),
        _ if RESOURCES.contains(&kind) => (begin, Principal::Nobody),
        _ => (at, Principal::Nobody),
    }
}

/// The user of a FIDO security key, which comes before its id: `u2f/user/asha/key-1`.
fn security_key(text: &str, named: Range<usize>) -> (usize, Principal) {
    match text[named.clone()].strip_prefix("user/") {
        Some(rest) => {
            let name = named.end - rest.len();
            let length = rest.find('/').unwrap_or(rest.len());
            (name, user(text, name..name + length))
        }
        None => (named.start, Principal::Nobody),
    }
}

/// The session after the role, or the role alone.
fn assumed_role(text: &str, named: Range<usize>) -> (usize, Principal) {
    let Some(slash) = text[named.clone()].find('/') else {
        return (named.start, Principal::Role(role_in(text, named)));
    };
    let role = &text[named.start..named.start + slash];
    let name = named.start + slash + 1..named.end;
    if is_machine_session(role, &text[name.clone()]) {
        (name.start, Principal::Machine(name))
    } else {
        (name.start, session(text, name))
    }
}

/// Resource types that a person may have the name of.
const RESOURCES: &[&str] = &[
    "alias",
    "build",
    "bus",
    "channel",
    "cluster",
    "container",
    "dashboard",
    "database",
    "db",
    "domain",
    "event-bus",
    "file-system",
    "group",
    "image",
    "instance",
    "key",
    "layer",
    "log-group",
    "network-interface",
    "parameter",
    "pipeline",
    "policy",
    "project",
    "repository",
    "secret",
    "security-group",
    "server",
    "service",
    "snapshot",
    "stack",
    "stream",
    "subnet",
    "table",
    "task",
    "trail",
    "volume",
    "vpc",
    "workgroup",
];

/// The role name in a path and name, up to the first character that role names do not contain.
fn role_in(text: &str, named: Range<usize>) -> Range<usize> {
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || b"_+.@/-".contains(b);
    let length = text.as_bytes()[named.clone()]
        .iter()
        .take_while(|b| is_part(b))
        .count();
    let end = named.start + length;
    let slash = text[named.start..end].rfind('/');
    slash.map_or(named.start, |at| named.start + at + 1)..end
}

/// The user at `range`, unless the name is an id.
fn user(text: &str, range: Range<usize>) -> Principal {
    match name_in(text, range) {
        Some(name) if !is_id(&text[name.clone()]) => Principal::User(name),
        _ => Principal::Nobody,
    }
}

/// The session at `range`, whatever its name looks like: the same name is masked under other
/// keys.
fn session(text: &str, range: Range<usize>) -> Principal {
    name_in(text, range).map_or(Principal::Nobody, Principal::Session)
}

/// The name at `range` without the wildcard at its end; `None` if it is empty, a wildcard or a
/// policy variable.
fn name_in(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let name = text[range.clone()].trim_end_matches(['*', '?', '%']);
    let is_cut = name.len() < range.len();
    let is_nobody = name.is_empty()
        || name.contains(['*', '?', '$', '{'])
        || is_cut && !name.ends_with(|c: char| c.is_alphanumeric() || c == '@');
    (!is_nobody).then(|| range.start..range.start + name.len())
}

/// The name in the id of a Session Manager session: the text before the last hyphen and the 17
/// or more letters and digits after it. `None` if the id has another form.
pub(crate) fn session_owner(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let (owner, id) = text[range.clone()].rsplit_once('-')?;
    let is_id = id.len() >= 17 && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'z'));
    let is_machine = is_instance_id(owner) || owner.is_empty();
    (is_id && !is_machine).then(|| range.start..range.start + owner.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Option<&str> {
        let found = ArnFinder::new().find(text);
        match found.first()?.principal.clone() {
            Principal::User(range) | Principal::Session(range) => Some(&text[range]),
            _ => None,
        }
    }

    #[test]
    fn finds_whom_an_arn_names() {
        for (text, name) in [
            ("arn:aws:iam::111122223333:user/asha.rao", "asha.rao"),
            (
                "arn:aws-cn:iam::111122223333:user/team/a/asha.rao",
                "asha.rao",
            ),
            (
                "arn:aws:sts::111122223333:assumed-role/ops/asha+x@acme.example",
                "asha+x@acme.example",
            ),
            ("arn:aws:sts::111122223333:federated-user/asha", "asha"),
            ("arn:aws:iam::111122223333:mfa/asha-phone", "asha-phone"),
            (
                "arn:aws:iam::111122223333:u2f/user/anaya/default-AAAA",
                "anaya",
            ),
            (
                "arn:aws:quicksight:eu-west-1:111122223333:user/default/asha",
                "asha",
            ),
            (
                "arn:aws:redshift:eu-west-1:111122223333:dbuser:c1/asha",
                "asha",
            ),
            (
                "arn:aws:ssm:eu-west-1:111122223333:session/asha.rao-0123456789abcdef0",
                "asha.rao",
            ),
            ("User: arn:aws:iam::111122223333:user/asha is not", "asha"),
            ("by arn:aws:iam::111122223333:user/asha.", "asha"),
            ("arn:aws:iam::111122223333:user/asha*", "asha"),
            ("arn:aws:iam::111122223333:user/asha’s", "asha"),
            ("is it arn:aws:iam::111122223333:user/asha?", "asha"),
            ("“arn:aws:iam::111122223333:user/asha”", "asha"),
            ("{arn:aws:iam::111122223333:user/asha}", "asha"),
            ("arn:aws:iam::111122223333:user/rao,asha", "rao,asha"),
            (
                "arn:aws:redshift:eu-west-1:111122223333:dbuser:c1/IAM:asha",
                "asha",
            ),
            (
                "arn:aws:sts::111122223333:assumed-role/ops/111122223333",
                "111122223333",
            ),
            (
                "arn:aws:iam::111122223333:user/111122223333",
                "111122223333",
            ),
            ("LIKE '%:user/asha%'", "asha"),
            ("*:federated-user/asha", "asha"),
            ("*:111122223333:assumed-role/ops/asha", "asha"),
            (
                "arn:aws:iam::111122223333:user/a,arn:aws:iam::1:user/b",
                "a",
            ),
        ] {
            assert_eq!(named(text), Some(name), "{text}");
        }
    }

    #[test]
    fn finds_nobody_elsewhere() {
        for text in [
            "arn:aws:iam::111122223333:root",
            "arn:aws:iam::111122223333:role/ops",
            "arn:aws:sts::111122223333:assumed-role/ops/ops",
            "arn:aws:sts::111122223333:assumed-role/ops/i-0123456789abcdef0",
            "arn:aws:sts::111122223333:assumed-role/ops",
            "arn:aws:iam::111122223333:mfa/root-account-mfa-device",
            "arn:aws:iam::111122223333:user/*",
            "arn:aws:iam::111122223333:user/dev-*",
            "arn:aws:iam::111122223333:user/AIDAEXAMPLE0000000002",
            "arn:aws:iam::111122223333:user/${aws:username}",
            "arn:aws:s3:::bucket/user/asha",
            "arn:aws:identitystore:::user/94d00cd8-e9e6-4810-b177-b08e84775435",
            "arn: user/asha",
            "s3://home:user/asha",
            "https://x.example/user/asha",
        ] {
            assert_eq!(named(text), None, "{text}");
        }
    }

    #[test]
    fn keeps_the_structure() {
        let text = "arn:aws:sts::1:assumed-role/ops/asha";
        assert_eq!(
            &text[arn_at(text, 0).unwrap().kept],
            "arn:aws:sts::1:assumed-role/ops/"
        );
        let text = "arn:aws:s3:::home/asha/x";
        assert_eq!(&text[arn_at(text, 0).unwrap().kept], "arn:aws:s3:::");
        let text = "arn:aws:iam::1:role/path/asha,USER=x";
        let arn = arn_at(text, 0).unwrap();
        assert_eq!(&text[arn.kept], "arn:aws:iam::1:role/");
        assert_eq!(arn.principal, Principal::Role(25..29));
        let text = "arn:aws:iam::aws:policy/AdministratorAccess";
        assert_eq!(&text[arn_at(text, 0).unwrap().kept], text);
        let text = "arn:aws:secretsmanager:eu-west-1:1:secret:asha";
        assert_eq!(
            &text[arn_at(text, 0).unwrap().kept],
            "arn:aws:secretsmanager:eu-west-1:1:secret:"
        );
    }
}
