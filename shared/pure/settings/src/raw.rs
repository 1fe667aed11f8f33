//! Names and values as they were found.

use std::collections::BTreeMap;
use std::fmt;

/// Names and values as a binary found them, unchecked.
///
/// Collect a whole environment into it: `resolve` ignores other names unless they look like a
/// misspelled setting. A later value of a name replaces an earlier one. `Debug` shows names only,
/// since an environment holds credentials.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RawSettings(BTreeMap<String, String>);

impl RawSettings {
    /// Sets one value and replaces an earlier one: a flag replaces an environment variable.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    /// The value of `name` exactly as given, empty or not.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Every name, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for RawSettings {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

impl fmt::Debug for RawSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::RawSettings;

    #[test]
    fn a_flag_replaces_the_environment() {
        let mut raw: RawSettings = [("MASK_MODE", "off")].into_iter().collect();
        raw.set("MASK_MODE", "hmac");
        assert_eq!(raw.get("MASK_MODE"), Some("hmac"));
    }

    #[test]
    fn debug_shows_names_and_no_value() {
        let raw: RawSettings = [("AWS_SECRET_ACCESS_KEY", "wJalr")].into_iter().collect();
        assert_eq!(format!("{raw:?}"), r#"{"AWS_SECRET_ACCESS_KEY"}"#);
    }
}
