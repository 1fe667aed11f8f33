//! Settings that are allowed and probably not what the user means.

use std::fmt;

use crate::masking::Masking;
use crate::resolved::Settings;

/// One thing that is probably not meant.
///
/// `Display`: one sentence that names the setting and never repeats its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Name of the setting.
    pub setting: &'static str,
    /// The sentence.
    pub text: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The warnings about `settings`, to be shown at start.
#[must_use]
pub fn warnings(settings: &Settings) -> Vec<Warning> {
    match &settings.masking {
        Masking::Off if !settings.is_set("MASK_MODE") => {
            let unused = ["MASK_FIELDS", "MASK_SCOPE", "MASK_KEY_SECRET"];
            let unused = unused.into_iter().filter(|name| settings.is_set(name));
            unused
                .map(|setting| Warning {
                    setting,
                    text: format!("{setting} is set but MASK_MODE is not: nothing is masked"),
                })
                .collect()
        }
        Masking::Sha256 { .. } => vec![Warning {
            setting: "MASK_MODE",
            text: "MASK_MODE=sha256: plain digests of IPv4 addresses can be reversed in minutes; \
                 use MASK_MODE=hmac"
                .to_owned(),
        }],
        Masking::Off | Masking::Hmac { .. } => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::warnings;
    use crate::resolved::tests::settings_of;

    #[test]
    fn a_warning_names_the_setting_that_is_probably_not_meant() {
        let sha256 = "MASK_MODE=sha256: plain digests of IPv4 addresses can be reversed in minutes; use MASK_MODE=hmac";
        let unused = "MASK_KEY_SECRET is set but MASK_MODE is not: nothing is masked";
        for (pairs, expected) in [
            (&[][..], &[][..]),
            (&[("MASK_MODE", "off"), ("MASK_FIELDS", "userName")], &[]),
            (
                &[("MASK_MODE", "sha256"), ("MASK_SCOPE", "keys")],
                &[("MASK_MODE", sha256)],
            ),
            (&[("MASK_KEY_SECRET", "k")], &[("MASK_KEY_SECRET", unused)]),
        ] {
            let found = warnings(&settings_of(pairs));
            let found: Vec<_> = found
                .iter()
                .map(|warning| (warning.setting, warning.text.as_str()))
                .collect();
            assert_eq!(found, expected);
        }
    }
}
