//! Secrets that exist and have no value yet.

use std::error::Error;

use thiserror::Error as ThisError;

use crate::{MaskKeyError, SecretError, TokenError};

/// Settings whose secrets have no value yet. A first deployment creates its secrets like that, and
/// an operator fills them afterwards.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
#[error("{}", .0.join("; "))]
pub struct EmptySecrets(Vec<String>);

impl EmptySecrets {
    /// Whether `error`, met while reading the secret that `setting` names, says that it has no
    /// value yet; then as an error of its own.
    pub fn from_error(setting: &str, error: &(dyn Error + 'static)) -> Option<Self> {
        let secret = match (error.downcast_ref(), error.downcast_ref()) {
            (Some(TokenError::Secret(secret)), _) | (_, Some(MaskKeyError::Secret(secret))) => {
                secret
            }
            _ => error.downcast_ref()?,
        };
        matches!(secret, SecretError::Empty { .. })
            .then(|| Self(vec![format!("{setting}: {secret}")]))
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
        let empty = || SecretError::Empty { name: "hec".into() };
        let other = || SecretError::Unavailable {
            name: "hec".into(),
            reason: "AccessDeniedException".into(),
        };
        let text = "SECRET_NAME: the secret hec has no value yet: put one into it";
        let errors: [Box<dyn Error>; 3] = [
            Box::new(empty()),
            Box::new(TokenError::Secret(empty())),
            Box::new(MaskKeyError::Secret(empty())),
        ];
        for error in errors {
            let found = EmptySecrets::from_error("SECRET_NAME", &*error).unwrap();
            assert_eq!(found.messages(), [text]);
        }
        let errors: [Box<dyn Error>; 4] = [
            Box::new(other()),
            Box::new(TokenError::Secret(other())),
            Box::new(TokenError::NoToken { place: "x".into() }),
            Box::new(std::fmt::Error),
        ];
        for error in errors {
            assert_eq!(EmptySecrets::from_error("SECRET_NAME", &*error), None);
        }
    }
}
