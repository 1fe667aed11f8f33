//! What is wrong with a set of settings, in words a user can act on.

use std::fmt;

/// One error of one setting.
///
/// `Display`: `NAME: what is wrong; what is accepted`, on one line. Only short plain words are
/// repeated in it, never a value that may be secret or personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError {
    /// Name of the setting, as the user spelled it.
    pub setting: String,
    /// What is wrong with it and what is accepted.
    pub message: String,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Escaped, since the name comes from the environment and an error is one line.
        write!(f, "{}: {}", self.setting.escape_debug(), self.message)
    }
}

/// Every error of a set of settings: at least one.
///
/// `Display` writes one line for each error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", lines(.0))]
pub struct SettingsErrors(pub Vec<SettingsError>);

fn lines(errors: &[SettingsError]) -> String {
    let lines: Vec<String> = errors.iter().map(SettingsError::to_string).collect();
    lines.join("\n")
}

/// `value` in quotes if it is a short plain word, else its length.
///
/// At most 20 letters, digits, `_`, `-` and spaces: long enough for every accepted word and its
/// misspellings, too short for a key, and without the characters of an address.
pub(crate) fn shown(value: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b' ');
    if value.len() <= 20 && value.bytes().all(plain) {
        format!("'{value}'")
    } else {
        format!("a value of length {}", value.chars().count())
    }
}

#[cfg(test)]
mod tests {
    use super::{SettingsError, SettingsErrors, shown};

    #[test]
    fn every_error_has_one_line() {
        let error = |setting: &str| SettingsError {
            setting: setting.to_owned(),
            message: "is wrong".to_owned(),
        };
        let errors = SettingsErrors(vec![error("MASK_MODE"), error("HEC_\nX")]);
        assert_eq!(
            errors.to_string(),
            "MASK_MODE: is wrong\nHEC_\\nX: is wrong"
        );
    }

    #[test]
    fn only_short_plain_words_are_repeated() {
        for (value, expected) in [
            ("HMAC", "'HMAC'"),
            ("hmac ", "'hmac '"),
            ("10.1.2.3", "a value of length 8"),
            ("ann@example.com", "a value of length 15"),
            ("abcdefghijklmnopqrstu", "a value of length 21"),
            ("é", "a value of length 1"),
        ] {
            assert_eq!(shown(value), expected);
        }
    }
}
