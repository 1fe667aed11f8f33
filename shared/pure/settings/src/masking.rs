//! How people and addresses are masked.

use crate::fields::{self, MASKABLE};
use crate::reader::Reader;
use crate::resolved::KeySource;

/// How the values of the listed keys are masked.
///
/// `fields` holds at least one of [`MASKABLE`], without repeats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Masking {
    /// Nothing is masked.
    Off,
    /// Plain SHA-256 digests, for compatibility.
    Sha256 {
        /// Keys whose values are masked.
        fields: Vec<String>,
        /// Where else they are looked for.
        scope: MaskScope,
    },
    /// Tokens under a secret key.
    Hmac {
        /// Keys whose values are masked.
        fields: Vec<String>,
        /// Where else they are looked for.
        scope: MaskScope,
        /// Name or ARN of the secret that holds the key; `None` exactly when
        /// the caller resolved with [`KeySource::File`].
        key_secret: Option<String>,
    },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Off,
    Sha256,
    Hmac,
}

/// Where in a record people and addresses are masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaskScope {
    /// Under exactly the listed keys, at any depth.
    Keys,
    /// Also wherever the same person or address stands in the record.
    Record,
}

const MODES: &[(&str, Mode)] = &[
    ("off", Mode::Off),
    ("sha256", Mode::Sha256),
    ("hmac", Mode::Hmac),
];

const SCOPES: &[(&str, MaskScope)] = &[("keys", MaskScope::Keys), ("record", MaskScope::Record)];

/// Reads MASK_MODE, MASK_FIELDS, MASK_SCOPE and MASK_KEY_SECRET. The last
/// three are checked with masking off as well: what is wrong then is wrong on
/// the day somebody turns it on.
pub(crate) fn read(reader: &mut Reader<'_>, key_source: KeySource) -> Masking {
    let mode = reader.word("MASK_MODE", MODES, Mode::Off);
    let fields = read_fields(reader);
    let scope = reader.word("MASK_SCOPE", SCOPES, MaskScope::Record);
    let key_secret = read_key_secret(reader);
    if mode == Mode::Hmac && key_source == KeySource::Secret && !reader.is_set("MASK_KEY_SECRET") {
        reader.problem("MASK_KEY_SECRET", "is required by MASK_MODE=hmac");
    }
    match mode {
        Mode::Off => Masking::Off,
        Mode::Sha256 => Masking::Sha256 { fields, scope },
        Mode::Hmac => Masking::Hmac {
            fields,
            scope,
            key_secret: key_secret.filter(|_| key_source == KeySource::Secret),
        },
    }
}

fn read_fields(reader: &mut Reader<'_>) -> Vec<String> {
    let entries = reader
        .entries("MASK_FIELDS")
        .unwrap_or_else(|| vec!["sourceIPAddress", "userName"]);
    for (at, entry) in entries.iter().enumerate() {
        if !MASKABLE.contains(entry) {
            let wrong = fields::unknown(entry);
            reader.problem("MASK_FIELDS", format!("entry {} {wrong}", at + 1));
        }
        if entries[..at].contains(entry) {
            reader.problem(
                "MASK_FIELDS",
                format!("entry {} repeats an earlier one", at + 1),
            );
        }
    }
    reader.resolved("MASK_FIELDS", entries.join(","));
    entries.into_iter().map(str::to_owned).collect()
}

fn read_key_secret(reader: &mut Reader<'_>) -> Option<String> {
    let secret = reader.text("MASK_KEY_SECRET").and_then(|text| {
        secret_reference(text)
            .map(str::to_owned)
            .map_err(|wrong| reader.problem("MASK_KEY_SECRET", wrong))
            .ok()
    });
    reader.resolved("MASK_KEY_SECRET", secret.clone().unwrap_or_default());
    secret
}

/// `text` when it can be the name or ARN of a secret, else what is wrong,
/// without repeating any of it: it may be the key.
fn secret_reference(text: &str) -> Result<&str, &'static str> {
    if text.contains(['{', '"']) || looks_like_a_key(text) {
        return Err(
            "looks like the key itself; store that in Secrets Manager and name the secret here",
        );
    }
    if text.starts_with("arn:") {
        let parts: Vec<&str> = text.splitn(7, ':').collect();
        let ours =
            matches!(parts[..], [_, _, "secretsmanager", _, _, "secret", name] if !name.is_empty());
        if !ours {
            return Err("is an ARN, but not one of a Secrets Manager secret");
        }
    } else if text.len() > 512 || !text.bytes().all(in_secret_name) {
        return Err("is neither a secret's name (1 to 512 letters, digits and /_+=.@-) nor an ARN");
    }
    Ok(text)
}

/// The characters Secrets Manager takes in a name (CreateSecret, `Name`).
fn in_secret_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"/_+=.@-".contains(&b)
}

/// Padded base64 of 32 bytes or more, or as many in hexadecimal: the ways a
/// key is usually at hand. Without padding it cannot be told from a name.
fn looks_like_a_key(text: &str) -> bool {
    let hex = text.len() >= 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let base64 = text.len() >= 44
        && text.ends_with('=')
        && base64_simd::STANDARD.check(text.as_bytes()).is_ok();
    hex || base64
}

#[cfg(test)]
mod tests {
    use super::{MaskScope, Masking};
    use crate::resolved::tests::{problem_of, problems_of, settings_of};
    use crate::resolved::{KeySource, resolve_with};

    const HMAC: [(&str, &str); 3] = [
        ("MASK_MODE", "hmac"),
        ("MASK_SCOPE", "keys"),
        ("MASK_KEY_SECRET", "prod/mask-key"),
    ];

    fn default_fields() -> Vec<String> {
        vec!["sourceIPAddress".to_owned(), "userName".to_owned()]
    }

    #[test]
    fn each_mode_with_its_defaults() {
        assert_eq!(settings_of(&[]).masking, Masking::Off);
        let sha = settings_of(&[("MASK_MODE", "sha256"), ("MASK_SCOPE", "keys")]);
        let fields = default_fields();
        let scope = MaskScope::Keys;
        assert_eq!(sha.masking, Masking::Sha256 { fields, scope });
        let key_secret = Some("prod/mask-key".to_owned());
        let fields = default_fields();
        let expected = Masking::Hmac {
            fields,
            scope,
            key_secret,
        };
        assert_eq!(settings_of(&HMAC).masking, expected);
    }

    #[test]
    fn a_key_file_stands_in_for_the_secret() {
        let masking = |pairs: &[(&str, &str)]| {
            let raw = pairs.iter().copied().collect();
            resolve_with(&raw, KeySource::File).unwrap().masking
        };
        let expected = Masking::Hmac {
            fields: default_fields(),
            scope: MaskScope::Keys,
            key_secret: None,
        };
        assert_eq!(masking(&HMAC[..2]), expected);
        assert_eq!(masking(&HMAC), expected, "the file wins over the secret");
    }

    #[test]
    fn masking_is_never_off_by_mistake() {
        for (value, expected) in [
            ("", "is set but blank"),
            ("  ", "is set but blank"),
            ("HMAC", "\"HMAC\" is not a known word; write hmac"),
            (
                "hmac\n",
                "a value of 5 characters is not a known word; write hmac",
            ),
            ("none", "\"none\" is not a known word"),
        ] {
            let problem = problem_of(&[("MASK_MODE", value)]);
            assert!(problem.starts_with("MASK_MODE: "), "{problem}");
            assert!(problem.contains(expected), "{problem}");
            assert!(problem.ends_with("accepts off, sha256, hmac"), "{problem}");
        }
    }

    #[test]
    fn the_scope_is_the_record_unless_it_is_narrowed() {
        for (pairs, expected) in [
            (&[][..], MaskScope::Record),
            (&[("MASK_SCOPE", "record")], MaskScope::Record),
            (&[("MASK_SCOPE", "keys")], MaskScope::Keys),
        ] {
            let masking = settings_of(&[&[("MASK_MODE", "sha256")][..], pairs].concat()).masking;
            let Masking::Sha256 { scope, .. } = masking else {
                panic!("{masking:?}");
            };
            assert_eq!(scope, expected);
        }
    }

    #[test]
    fn hmac_needs_a_secret_and_says_everything_at_once() {
        let missing = problem_of(&HMAC[..2]);
        assert!(missing.starts_with("MASK_KEY_SECRET: is required by MASK_MODE=hmac"));
        let blank = [HMAC[0], HMAC[1], ("MASK_KEY_SECRET", " ")];
        assert!(problem_of(&blank).contains("is set but blank"));
        let both = problems_of(&[("MASK_MODE", "hmac"), ("MASK_FIELDS", "colour")]);
        let names: Vec<&str> = both.iter().map(|p| p.setting.as_str()).collect();
        assert_eq!(names, ["MASK_FIELDS", "MASK_KEY_SECRET"]);
    }

    #[test]
    fn fields_are_known_ones() {
        let fields = vec!["userName".to_owned(), "accessKeyId".to_owned()];
        let masking = settings_of(&[
            ("MASK_MODE", "sha256"),
            ("MASK_FIELDS", "userName, accessKeyId"),
        ])
        .masking;
        let scope = MaskScope::Record;
        assert_eq!(masking, Masking::Sha256 { fields, scope });
        for (value, expected) in [
            ("userName,", "entry 2 is blank"),
            (",", "entry 1 is blank"),
            ("userName, userName", "entry 2 repeats an earlier one"),
            (
                "userName,sourceIpAddress",
                "entry 2 is not a field that can be masked; did you mean sourceIPAddress?",
            ),
            (
                "favouriteColour",
                "entry 1 is not a field that can be masked; there are accessKeyId, accountId",
            ),
        ] {
            let problem = problem_of(&[("MASK_FIELDS", value)]);
            assert!(problem.starts_with("MASK_FIELDS: "), "{problem}");
            assert!(problem.contains(expected), "{problem}");
        }
    }

    #[test]
    fn a_key_in_place_of_its_secret_is_refused_and_never_repeated() {
        let base64 = "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=";
        let hex = "abcdef0123456789".repeat(4);
        let json = format!(r#"{{"key_id":"k1","key":"{base64}"}}"#);
        for value in [base64, &hex, &json] {
            let problem = problem_of(&[("MASK_KEY_SECRET", value)]);
            assert!(problem.contains("looks like the key itself"), "{problem}");
            assert!(!problem.contains(&value[..8]), "{problem}");
        }
        for value in [
            "arn:aws:kms:eu-west-1:111122223333:key/1234",
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:",
            "two words",
        ] {
            let problem = problem_of(&[("MASK_KEY_SECRET", value)]);
            assert!(problem.contains(" ARN"), "{problem}");
            assert!(!problem.contains(value), "{problem}");
        }
    }

    #[test]
    fn an_arn_of_any_partition_is_taken() {
        for arn in [
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:mask-key-AbCdEf",
            "arn:aws-us-gov:secretsmanager:us-gov-west-1:111122223333:secret:a/b-AbCdEf",
        ] {
            let settings = settings_of(&[HMAC[0], HMAC[1], ("MASK_KEY_SECRET", arn)]);
            let Masking::Hmac { key_secret, .. } = settings.masking else {
                panic!("hmac was asked for");
            };
            assert_eq!(key_secret.as_deref(), Some(arn));
        }
    }
}
