//! How names look, and which words are not names.

use std::ops::Range;

/// Whether a session has the name of an EC2 instance: `i-` and 8 or 17 hexadecimal digits.
pub(crate) fn is_instance_id(text: &str) -> bool {
    text.strip_prefix("i-").is_some_and(|id| {
        matches!(id.len(), 8 | 17) && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    })
}

/// Whether a session of `role` belongs to a machine: an EC2 instance, a service-linked role, or
/// a service that uses the role's name for the session.
pub(crate) fn is_machine_session(role: &str, session: &str) -> bool {
    is_instance_id(session) || role.starts_with("AWSServiceRoleFor") || role == session
}

/// Whether `text` is an identifier assigned by AWS: an account id, an IAM unique id, a UUID, an
/// S3 canonical user id.
pub(crate) fn is_id(text: &str) -> bool {
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    const PREFIXES: &[&str] = &[
        "ABIA", "ACCA", "AGPA", "AIDA", "AIPA", "AKIA", "ANPA", "ANVA", "APKA", "AROA", "ASCA",
        "ASIA",
    ];
    let all = |test: fn(&u8) -> bool| !text.is_empty() && text.as_bytes().iter().all(test);
    let is_iam = text.len() >= 12
        && all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && PREFIXES.iter().any(|prefix| text.starts_with(prefix));
    let is_account = text.len() == 12 && all(u8::is_ascii_digit);
    let is_hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
    let is_canonical = text.len() == 64 && is_hex(text);
    is_iam || is_account || is_canonical || is_uuid(text)
}

/// Five groups of hexadecimal digits, with or without the prefix of an identity store.
pub(crate) fn is_uuid(text: &str) -> bool {
    if text.len() < 36 {
        return false;
    }
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    matches!(
        groups[..],
        [8, 4, 4, 4, 12] | [10, 8, 4, 4, 4, 12] | [12, 8, 4, 4, 4, 12]
    ) && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}

/// AWS vocabulary in records. A person may have such a name; in free text the word is treated
/// as AWS's.
const VOCABULARY: &[&str] = &[
    "action",
    "admin",
    "administrator",
    "allow",
    "amazon",
    "amazonaws",
    "anonymous",
    "apigateway",
    "assumed-role",
    "athena",
    "autoscaling",
    "backup",
    "batch",
    "bucket",
    "cloudformation",
    "cloudfront",
    "cloudtrail",
    "cloudwatch",
    "cognito",
    "config",
    "console",
    "default",
    "dbadmin",
    "deny",
    "dynamodb",
    "effect",
    "elasticloadbalancing",
    "event",
    "events",
    "false",
    "federated-user",
    "firehose",
    "function",
    "glue",
    "group",
    "guardduty",
    "instance",
    "kinesis",
    "lambda",
    "logs",
    "mariadb",
    "monitoring",
    "mysql",
    "name",
    "nginx",
    "node",
    "none",
    "null",
    "oracle",
    "organizations",
    "policy",
    "postgres",
    "postgresql",
    "principal",
    "private",
    "public",
    "rdsadmin",
    "redis",
    "resource",
    "role",
    "root",
    "route53",
    "sagemaker",
    "secretsmanager",
    "securityhub",
    "service",
    "session",
    "signin",
    "statement",
    "stream",
    "system",
    "test",
    "trail",
    "true",
    "type",
    "user",
    "value",
    "version",
];

/// Whether `name` can be distinguished from AWS vocabulary in free text. Names of fewer than
/// four characters, short numbers, AWS vocabulary and names like those of Regions cannot; they
/// are masked only where the structure of the record defines them as names.
pub(crate) fn is_distinct(name: &str) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let is_number = digits == name.len();
    let is_word = VOCABULARY
        .iter()
        .any(|word| name.eq_ignore_ascii_case(word));
    name.chars().count() >= 4
        && !(is_number && (digits < 8 || digits == 12))
        && !is_word
        && !is_region(name)
}

/// `us-east-1`, `ap-southeast-2a`, `us-gov-west-1`.
pub(crate) fn is_region(name: &str) -> bool {
    const AREAS: &[&str] = &[
        "af", "ap", "ca", "cn", "eu", "eusc", "il", "me", "mx", "sa", "us",
    ];
    const DIRECTIONS: &[&str] = &[
        "central",
        "east",
        "north",
        "northeast",
        "northwest",
        "south",
        "southeast",
        "southwest",
        "west",
    ];
    let parts: Vec<&str> = name.split('-').collect();
    let (area, direction, number) = match parts[..] {
        [area, direction, number] => (area, direction, number),
        [
            area,
            "gov" | "iso" | "isob" | "isoe" | "isof" | "de",
            direction,
            number,
        ] => (area, direction, number),
        _ => return false,
    };
    AREAS.contains(&area)
        && DIRECTIONS.contains(&direction)
        && matches!(
            number.as_bytes(),
            [b'1'..=b'9'] | [b'1'..=b'9', b'a'..=b'f']
        )
}

/// Tools whose names technical accounts often have, as written in `userAgent`.
pub(crate) fn is_tool(name: &str) -> bool {
    const TOOLS: &[&str] = &[
        "ansible",
        "argocd",
        "aws-cli",
        "aws-sdk",
        "boto3",
        "botocore",
        "checkov",
        "cloudcustodian",
        "crossplane",
        "datadog",
        "github",
        "gitlab",
        "jenkins",
        "kubectl",
        "opentofu",
        "packer",
        "prowler",
        "pulumi",
        "serverless",
        "spinnaker",
        "steampipe",
        "terraform",
        "terragrunt",
        "vault",
    ];
    TOOLS.contains(&name)
}

/// Whether `range` of `text` is a whole word: no character of the same script continues it at
/// either end. Scripts without spaces between words have no such boundaries.
pub(crate) fn is_whole_word(text: &str, range: &Range<usize>) -> bool {
    let name = &text[range.clone()];
    let joined = |a: Option<char>, b: Option<char>| {
        let script = a.and_then(script);
        script.is_some() && script == b.and_then(self::script)
    };
    !joined(text[..range.start].chars().next_back(), name.chars().next())
        && !joined(name.chars().next_back(), text[range.end..].chars().next())
}

#[derive(PartialEq, Eq)]
enum Script {
    Latin,
    Other,
}

/// The script of a letter or digit; `None` for other characters and for scripts without spaces
/// between words.
fn script(c: char) -> Option<Script> {
    match c {
        c if !c.is_alphanumeric() => None,
        '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => Some(Script::Latin),
        // Thai and the following blocks, and East Asian scripts.
        '\u{e00}'..='\u{fff}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}' => None,
        '\u{2e80}'.. => None,
        _ => Some(Script::Other),
    }
}

/// Whether the name at `range` is a part of another name: of a Region (`us-east-1`), a
/// service's host (`codebuild.amazonaws.com`), or one of `roles`.
pub(crate) fn is_of_longer_name(text: &str, range: &Range<usize>, roles: &[String]) -> bool {
    // Longer names are not.
    const WINDOW: usize = 128;
    let bytes = text.as_bytes();
    let around = |also: &[u8]| {
        let is_part = |b: &&u8| b.is_ascii_alphanumeric() || also.contains(b);
        let before = bytes[..range.start]
            .iter()
            .rev()
            .take(WINDOW)
            .take_while(is_part);
        let after = bytes[range.end..].iter().take(WINDOW).take_while(is_part);
        &text[range.start - before.count()..range.end + after.count()]
    };
    let is_longer = |name: &str| name.len() > range.len();
    let host = around(b"-.").trim_end_matches('.');
    let is_service = [".amazonaws.com", ".amazonaws.com.cn"]
        .iter()
        .any(|domain| {
            let labels = host.strip_suffix(domain).map(|rest| rest.split_once('.'));
            matches!(labels, Some(None))
                || labels.flatten().is_some_and(|(_, last)| is_region(last))
        });
    let role = around(b"_+=,.@-");
    is_region(around(b"-"))
        || is_longer(host) && is_service
        || is_longer(role) && roles.iter().any(|known| known == role)
}

/// Redshift's prefixes for the origin of a database user.
const KINDS: &[&str] = &["IAM:", "IAMA:", "IAMR:", "AWSIDC:"];

/// The number of bytes of such a prefix before a name.
pub(crate) fn kind_len(value: &str) -> usize {
    let kind = KINDS.iter().find(|kind| value.starts_with(**kind));
    kind.map_or(0, |kind| kind.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_machines_from_people() {
        for (role, session, expected) in [
            ("app", "i-0123456789abcdef0", true),
            ("app", "i-81e2f56c", true),
            ("app", "i-81e2f56", false),
            ("app", "app", true),
            ("AWSServiceRoleForRDS", "SLRManagement", true),
            ("ops", "asha.rao@acme.example", false),
        ] {
            assert_eq!(is_machine_session(role, session), expected, "{session}");
        }
    }

    #[test]
    fn tells_ids_from_names() {
        for id in [
            "111122223333",
            "AIDAEXAMPLE0000000002",
            "94d00cd8-e9e6-4810-b177-b08e84775435",
            "9067000000-94d00cd8-e9e6-4810-b177-b08e84775435",
        ] {
            assert!(is_id(id), "{id}");
        }
        for name in [
            "",
            "asha.rao",
            "ASHA",
            "ASHA_KUMARI_RAO",
            "AKIAtest",
            "1234",
            "108204268033311374519",
            "a-b-c-d-e",
        ] {
            assert!(!is_id(name), "{name}");
        }
    }

    #[test]
    fn tells_names_from_parts_of_others() {
        let is_part = |text: &str, name: &str| {
            let at = text.find(name).unwrap();
            is_of_longer_name(text, &(at..at + name.len()), &["deploy-role".into()])
        };
        for (text, name) in [
            ("in us-east-1.", "east"),
            ("by codebuild.amazonaws.com", "codebuild"),
            ("at codebuild.eu-west-1.amazonaws.com.", "codebuild"),
            (r#"["deploy-role"]"#, "deploy"),
        ] {
            assert!(is_part(text, name), "{text}");
        }
        for (text, name) in [
            ("asha.s3.amazonaws.com", "asha"),
            ("asha.s3.eu-west-1.amazonaws.com", "asha"),
            ("deploy", "deploy"),
            ("deploy-roles", "deploy"),
            ("east-1", "east"),
        ] {
            assert!(!is_part(text, name), "{text}");
        }
    }

    #[test]
    fn tells_names_from_words() {
        for name in [
            "asha",
            "asha.rao",
            "user1",
            "108204268033311374519",
            "us-east-x",
        ] {
            assert!(is_distinct(name), "{name}");
        }
        for word in [
            "",
            "x",
            "bob",
            "root",
            "Session",
            "us-east-1",
            "us-gov-west-1",
            "postgres",
            "1234",
            "111122223333",
        ] {
            assert!(!is_distinct(word), "{word}");
        }
    }
}
