//! The mask key out of its secret, read again from time to time so that a rotation arrives.

use std::time::{Duration, Instant};

use settings::{KeyProblem, MaskKey, MaskKeys};
use thiserror::Error;

use crate::{SecretError, Secrets};

/// How long a key is used before its secret is read again.
const FRESH: Duration = Duration::from_secs(300);

/// How long reading it again may hold up an invocation.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long after a failure it is not read again.
const AFTER_FAILURE: Duration = Duration::from_secs(30);

/// Why there is no mask key.
#[derive(Debug, Error)]
pub enum MaskKeyError {
    /// The secret cannot be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// Reading it again takes too long.
    #[error("the secret {name} was not read in time")]
    Late {
        /// Name or ARN of the secret.
        name: String,
    },
    /// The secret holds something else.
    #[error("the secret {name} is no mask key: {problem}")]
    Problem {
        /// Name or ARN of the secret.
        name: String,
        /// What is wrong, without any of the content.
        problem: KeyProblem,
    },
}

/// A mask key that is read again every five minutes.
pub struct MaskKeyCache {
    secrets: Secrets,
    name: String,
    read_at: Instant,
    key_id: String,
}

impl MaskKeyCache {
    /// Reads the key for the first time.
    ///
    /// # Errors
    /// See [`MaskKeyError`]; a function without its key must not start.
    pub async fn open(secrets: Secrets, name: &str) -> Result<(Self, MaskKey), MaskKeyError> {
        let key = read(&secrets, name).await?;
        let key_id = key.id().to_owned();
        Ok((
            Self {
                secrets,
                name: name.to_owned(),
                read_at: Instant::now(),
                key_id,
            },
            key,
        ))
    }

    /// The new key, if five minutes have gone by and the secret holds one of another id now.
    ///
    /// # Errors
    /// See [`MaskKeyError`]. The old key stays good, and half a minute later it is read again.
    pub async fn refresh(&mut self) -> Result<Option<MaskKey>, MaskKeyError> {
        if self.read_at.elapsed() < FRESH {
            return Ok(None);
        }
        // Should it fail, the old key does for a while: events do not wait for a secret.
        self.read_at = Instant::now().checked_sub(FRESH).unwrap_or(self.read_at) + AFTER_FAILURE;
        let reading = tokio::time::timeout(PATIENCE, read(&self.secrets, &self.name));
        let key = reading.await.map_err(|_| MaskKeyError::Late {
            name: self.name.clone(),
        })??;
        self.read_at = Instant::now();
        if key.id() == self.key_id {
            return Ok(None);
        }
        self.key_id = key.id().to_owned();
        Ok(Some(key))
    }
}

async fn read(secrets: &Secrets, name: &str) -> Result<MaskKey, MaskKeyError> {
    let document = secrets.get(name).await?;
    let keys = MaskKeys::parse(&document);
    let problem = |problem| MaskKeyError::Problem {
        name: name.to_owned(),
        problem,
    };
    Ok(keys.map_err(problem)?.current)
}
