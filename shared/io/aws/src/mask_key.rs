//! The mask key in Secrets Manager, refreshed so that a rotation arrives.

use std::time::{Duration, Instant};

use hec_client::SecretError;
use settings::{MaskKey, MaskKeys};

use crate::SecretsManager;

/// How long a key is used before its secret is read again.
const MAX_AGE: Duration = Duration::from_secs(300);

/// How long a refresh may delay an invocation.
const REFRESH_TIMEOUT: Duration = Duration::from_secs(2);

/// How soon after a failed refresh the next one is made.
const RETRY_AFTER_FAILURE: Duration = Duration::from_secs(30);

/// A mask key that is refreshed every five minutes.
pub struct MaskKeyCache {
    secret: SecretsManager,
    read_at: Instant,
    key_id: String,
}

impl MaskKeyCache {
    /// The cache and the key that its secret holds now.
    ///
    /// # Errors
    /// The secret cannot be read, or holds no mask key: a function must not start without its key.
    pub async fn load(secret: SecretsManager) -> Result<(Self, MaskKey), SecretError> {
        let key = read(&secret).await?;
        let cache = Self {
            secret,
            read_at: Instant::now(),
            key_id: key.id().to_owned(),
        };
        Ok((cache, key))
    }

    /// The new key, if five minutes have passed and the secret holds a key with another id now.
    ///
    /// # Errors
    /// The secret cannot be read in time, or holds no mask key. The key that was loaded before
    /// remains valid, and the next refresh is made after half a minute.
    pub async fn refresh(&mut self) -> Result<Option<MaskKey>, SecretError> {
        if self.read_at.elapsed() < MAX_AGE {
            return Ok(None);
        }
        // If the refresh fails, events do not wait for the next one.
        self.read_at =
            Instant::now().checked_sub(MAX_AGE).unwrap_or(self.read_at) + RETRY_AFTER_FAILURE;
        let reading = tokio::time::timeout(REFRESH_TIMEOUT, read(&self.secret));
        let key = reading.await.map_err(|_| SecretError::Unreadable {
            location: self.secret.location(),
            reason: "no response in time".to_owned(),
        })??;
        self.read_at = Instant::now();
        if key.id() == self.key_id {
            return Ok(None);
        }
        self.key_id = key.id().to_owned();
        Ok(Some(key))
    }
}

async fn read(secret: &SecretsManager) -> Result<MaskKey, SecretError> {
    let document = secret.current().await?.value;
    let keys = MaskKeys::parse(&document);
    let invalid = |problem| SecretError::Invalid {
        location: secret.location(),
        problem: format!("is not a mask key: {problem}"),
    };
    Ok(keys.map_err(invalid)?.current)
}
