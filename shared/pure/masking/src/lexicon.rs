//! AWS vocabulary: words that a record uses independently of its caller, and which therefore stay
//! readable outside of the fields that hold names.
//!
//! Without it a caller could erase evidence by choosing a name: a role session that is named
//! `AdministratorAccess` would remove the policy of that name from the event.

use std::cmp::Ordering;
use std::ops::Range;

/// Words of AWS names in lower case, one per line, sorted by bytes: parts of actions, managed
/// policies, error codes, statuses and services, and whole names of tools. No entry is a
/// person's name. `xtask/lexicon.py` generates it.
const WORDS: &str = include_str!("lexicon/words.txt");

/// Parts of AWS names with fewer letters, which count next to a word: the `S` and `3` of
/// `AmazonS3FullAccess`.
const SHORT_PARTS: &str = include_str!("lexicon/short_parts.txt");

/// Short words that may stand between separators: the `ec2` of `ec2:RunInstances`.
const SHORT_TOKENS: &str = include_str!("lexicon/short_tokens.txt");

/// Words that occur in most records, sorted. A name that equals one of them is never searched for in
/// other text.
const COMMON: &[&str] = &[
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
    "dbadmin",
    "default",
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

/// Whether `name` is AWS vocabulary: a listed word, a Region, the host name of a service, or a
/// name that consists of words of AWS names and numbers, such as `GetObject` or `db.t3.medium`.
/// People join words by hyphens in the names of technical users, so that such names have to be
/// listed as a whole.
pub(crate) fn is_vocabulary(name: &str) -> bool {
    let name = name.trim_matches(|c: char| "-_.=+@,".contains(c));
    let lower = name.to_ascii_lowercase();
    if is_common(&lower) || is_region(&lower) || is_service(&lower) || is_listed(WORDS, &lower) {
        return true;
    }
    let mut has_word = false;
    for token in name
        .split(['.', '_', ':', '/'])
        .filter(|token| !token.is_empty())
    {
        match token_kind(token) {
            TokenKind::Word => has_word = true,
            TokenKind::Short => {}
            TokenKind::Name => return false,
        }
    }
    has_word
}

/// What the text between two separators is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TokenKind {
    /// It has a word of AWS names, and all of it is vocabulary.
    Word,
    /// It may stand next to a word.
    Short,
    /// Anything else.
    Name,
}

fn token_kind(token: &str) -> TokenKind {
    let lower = token.to_ascii_lowercase();
    let unnumbered = lower.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_in = |list| is_listed(list, &lower) || is_listed(list, unnumbered);
    if is_in(WORDS) {
        return TokenKind::Word;
    }
    if is_in(SHORT_TOKENS) {
        return TokenKind::Short;
    }
    let parts = parts(token);
    let has_word = parts.iter().any(|part| is_listed(WORDS, part));
    let is_part = |part: &String| {
        part.bytes().all(|b| b.is_ascii_digit())
            || is_listed(WORDS, part)
            || has_word && is_listed(SHORT_PARTS, part)
    };
    match has_word {
        _ if !parts.iter().all(is_part) => TokenKind::Name,
        true => TokenKind::Word,
        false => TokenKind::Short,
    }
}

/// The parts of a token in lower case, cut where letters and digits meet and where a word with a
/// capital begins: `DescribeDBInstances2` is `describe`, `db`, `instances`, `2`.
fn parts(token: &str) -> Vec<String> {
    let letters: Vec<char> = token.chars().collect();
    let mut parts: Vec<String> = Vec::new();
    for (at, letter) in letters.iter().enumerate() {
        let starts = at == 0 || {
            let before = letters[at - 1];
            let is_word = letters.get(at + 1).is_some_and(|next| next.is_lowercase());
            before.is_numeric() != letter.is_numeric()
                || letter.is_uppercase() && (!before.is_uppercase() || is_word)
        };
        if starts {
            parts.push(String::new());
        }
        let part = parts.last_mut().expect("the first letter starts a part");
        part.push(letter.to_ascii_lowercase());
    }
    parts
}

/// Whether `name` is one of the words that occur in most records, or a Region.
pub(crate) fn is_common_word(name: &str) -> bool {
    is_common(&name.to_ascii_lowercase()) || is_region(name)
}

fn is_common(name: &str) -> bool {
    COMMON.binary_search(&name).is_ok()
}

/// Whether a line of `list` is `name`: a binary search over the bytes, from line to line.
fn is_listed(list: &str, name: &str) -> bool {
    let (mut low, mut high) = (0, list.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = list[low..middle].rfind('\n').map_or(low, |at| low + at + 1);
        let end = list[start..high].find('\n').map_or(high, |at| start + at);
        match list[start..end].cmp(name) {
            Ordering::Equal => return true,
            Ordering::Less => low = (end + 1).min(high),
            Ordering::Greater => high = start,
        }
    }
    false
}

/// `us-east-1`, `ap-southeast-2a`, `us-gov-west-1`.
fn is_region(name: &str) -> bool {
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

/// The host name of an AWS service: `codebuild.amazonaws.com`, `s3.eu-west-1.amazonaws.com`.
fn is_service(host: &str) -> bool {
    [".amazonaws.com", ".amazonaws.com.cn"]
        .iter()
        .any(|domain| {
            let labels = host.strip_suffix(domain).map(|rest| rest.split_once('.'));
            matches!(labels, Some(None))
                || labels.flatten().is_some_and(|(_, last)| is_region(last))
        })
}

/// The longest names that contain the one at `range`: of a host or Region, joined by `-` and `.`,
/// and of a role, by all that role names contain. Neither is longer than twice 128 bytes.
pub(crate) struct Surroundings<'t> {
    region: &'t str,
    pub(crate) host: &'t str,
    pub(crate) name: &'t str,
}

impl<'t> Surroundings<'t> {
    pub(crate) fn of(text: &'t str, range: &Range<usize>) -> Self {
        let around = |joins: &[u8]| {
            let is_part = |b: &&u8| b.is_ascii_alphanumeric() || joins.contains(b);
            let (before, after) = (
                &text.as_bytes()[..range.start],
                &text.as_bytes()[range.end..],
            );
            let before = before.iter().rev().take(128).take_while(is_part).count();
            let after = after.iter().take(128).take_while(is_part).count();
            &text[range.start - before..range.end + after]
        };
        Self {
            region: around(b"-"),
            host: around(b"-.").trim_end_matches('.'),
            name: around(b"_+=,.@-"),
        }
    }

    /// Whether the name is a part of the name of a Region or an AWS service.
    pub(crate) fn are_aws(&self, length: usize) -> bool {
        is_region(self.region) || self.host.len() > length && is_service(self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted() {
        assert!(COMMON.is_sorted());
        for list in [WORDS, SHORT_PARTS, SHORT_TOKENS] {
            let lines: Vec<&str> = list.lines().collect();
            assert!(lines.is_sorted() && list.is_ascii() && list.ends_with('\n'));
            for line in lines {
                assert!(is_listed(list, line), "{line}");
                assert_eq!(line, line.to_ascii_lowercase());
            }
            assert!(!is_listed(list, "") && !is_listed(list, "zzzzzz"));
        }
    }

    #[test]
    fn tokens_are_cut_into_words() {
        assert_eq!(
            parts("DescribeDBInstances2"),
            ["describe", "db", "instances", "2"]
        );
        assert_eq!(parts("assumeRole"), ["assume", "role"]);
        assert_eq!(parts("ABC"), ["abc"]);
    }

    #[test]
    fn vocabulary_is_distinguished_from_names() {
        for word in [
            "AdministratorAccess",
            "Success",
            "Enabled",
            "GetObject",
            "Boto3",
            "prod",
            "us-east-1",
            "us-gov-west-1",
            "root",
            "Session",
            "cloudtrail.amazonaws.com",
            "AmazonS3FullAccess",
            "DescribeDBInstances",
            "s3:GetObject",
            "aws-cli",
            "athena",
            "internet-facing",
            "db.t3.medium",
            "CREATE_COMPLETE",
            "AccessDenied",
        ] {
            assert!(is_vocabulary(word), "{word}");
        }
        for name in [
            "asha",
            "asha.rao",
            "us-east-x",
            "",
            "joanna",
            "matthew",
            "Lex",
            "hjacobs",
            "GetAsha",
            "trail-of-asha",
            "malicious-iam-user",
            "42",
        ] {
            assert!(!is_vocabulary(name), "{name}");
        }
    }

    #[test]
    fn distinguishes_names_from_parts_of_others() {
        let is_part = |text: &str, name: &str| {
            let at = text.find(name).unwrap();
            Surroundings::of(text, &(at..at + name.len())).are_aws(name.len())
        };
        for (text, name) in [
            ("in us-east-1.", "east"),
            ("by codebuild.amazonaws.com", "codebuild"),
            ("at codebuild.eu-west-1.amazonaws.com.", "codebuild"),
        ] {
            assert!(is_part(text, name), "{text}");
        }
        for (text, name) in [
            ("asha.s3.amazonaws.com", "asha"),
            ("asha.s3.eu-west-1.amazonaws.com", "asha"),
            ("deploy", "deploy"),
            ("east-1", "east"),
        ] {
            assert!(!is_part(text, name), "{text}");
        }
    }
}
