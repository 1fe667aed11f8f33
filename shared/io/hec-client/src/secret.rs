//! Where secrets are read, and why one cannot be.

use std::path::PathBuf;

use futures_util::future::BoxFuture;
use thiserror::Error;

/// Where a secret is stored.
pub trait SecretSource: Send + Sync {
    /// The place in words, for messages: `the file token.txt`, `the secret hec`.
    fn location(&self) -> String;

    /// The value that is stored now.
    fn read(&self) -> BoxFuture<'_, Result<Vec<u8>, SecretError>>;
}

/// Why a secret cannot be used. Holds its location, never its value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SecretError {
    /// The secret exists and has no value yet: nobody has put one into it.
    #[error("{location} has no value yet: put one into it")]
    Empty {
        /// [`SecretSource::location`].
        location: String,
    },
    /// The secret cannot be read.
    #[error("cannot read {location}: {reason}")]
    Unreadable {
        /// [`SecretSource::location`].
        location: String,
        /// The kind of failure.
        reason: String,
    },
    /// The secret holds something else.
    #[error("{location} {problem}")]
    Invalid {
        /// [`SecretSource::location`].
        location: String,
        /// What is wrong and what is accepted, without any of the value.
        problem: String,
    },
}

/// A file with a token.
pub struct SecretFile(PathBuf);

impl SecretFile {
    /// The token in the file at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }
}

impl SecretSource for SecretFile {
    fn location(&self) -> String {
        format!("the file {}", self.0.display())
    }

    fn read(&self) -> BoxFuture<'_, Result<Vec<u8>, SecretError>> {
        let content = std::fs::read(&self.0).map_err(|error| SecretError::Unreadable {
            location: format!("the token in {}", self.location()),
            reason: error.to_string(),
        });
        Box::pin(std::future::ready(content))
    }
}
