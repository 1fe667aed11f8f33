//! Secrets that exist and have no value yet.

use thiserror::Error;

use crate::secret::SecretError;

/// Settings whose secrets have no value yet. A first deployment creates its secrets like that, and
/// an operator fills them afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", .0.join("; "))]
pub struct EmptySecrets(Vec<String>);

impl EmptySecrets {
    /// `error`, with the name of the `setting` that refers to the secret, if it says that the
    /// secret has no value yet.
    pub fn from_error(setting: &str, error: &SecretError) -> Option<Self> {
        matches!(error, SecretError::Empty { .. })
            .then(|| Self(vec![format!("{setting}: {error}")]))
    }

    /// One message for each secret, with the name of its setting.
    pub fn messages(&self) -> &[String] {
        &self.0
    }

    /// These secrets and the `other` ones.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_missing_value_counts_as_empty() {
        let location = "the secret hec".to_owned();
        let empty = SecretError::Empty {
            location: location.clone(),
        };
        let found = EmptySecrets::from_error("SECRET_NAME", &empty).unwrap();
        let text = "SECRET_NAME: the secret hec has no value yet: put one into it";
        assert_eq!(found.messages(), [text]);
        let unreadable = SecretError::Unreadable {
            location,
            reason: "AccessDeniedException".into(),
        };
        assert_eq!(EmptySecrets::from_error("SECRET_NAME", &unreadable), None);
    }
}
