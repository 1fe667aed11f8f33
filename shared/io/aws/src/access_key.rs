//! The access keys of a relay in Secrets Manager, refreshed so that a rotation arrives.

use std::time::{Duration, Instant, SystemTime};

use firehose::http_endpoint::AccessKeys;
use hec_client::{SecretError, Token};
use tokio::sync::Mutex;
use tracing::warn;

use crate::SecretsManager;

/// How long keys are used before their secret is read again.
const MAX_AGE: Duration = Duration::from_secs(5 * 60);

/// How soon after a failed refresh the next one is made.
const RETRY_AFTER_FAILURE: Duration = Duration::from_secs(30);

/// How long a refresh may delay a request.
const REFRESH_TIMEOUT: Duration = Duration::from_secs(2);

/// The minimum time between two refreshes because of an unknown key, so that requests without a
/// valid key cannot cause a call to Secrets Manager each.
const MIN_REFRESH_INTERVAL: Duration = Duration::from_secs(1);

/// The access keys in one secret. After a rotation the previous key is accepted for a limited time,
/// however long this process has been running: a new process reads the previous version as well.
pub struct AccessKeyCache {
    state: Mutex<State>,
    /// `None` for a key that never changes.
    secret: Option<SecretsManager>,
}

struct State {
    keys: AccessKeys,
    read_at: Instant,
    refresh_at: Instant,
}

impl AccessKeyCache {
    /// A key that never changes.
    pub fn fixed(key: &Token) -> Self {
        Self::with(AccessKeys::new(key.expose()), None)
    }

    /// The keys in `secret`.
    ///
    /// # Errors
    /// The secret cannot be read, or its current version holds no key.
    pub async fn load(secret: SecretsManager) -> Result<Self, SecretError> {
        let keys = read(&secret).await?;
        Ok(Self::with(keys, Some(secret)))
    }

    fn with(keys: AccessKeys, secret: Option<SecretsManager>) -> Self {
        let now = Instant::now();
        Self {
            state: Mutex::new(State {
                keys,
                read_at: now,
                refresh_at: now + MAX_AGE,
            }),
            secret,
        }
    }

    /// Whether `given` is an accepted key. The secret is read again if that is due, and at most
    /// once a second if the key is unknown.
    pub async fn authorize(&self, given: &str) -> bool {
        let mut state = self.state.lock().await;
        if state.refresh_at <= Instant::now() {
            self.refresh(&mut state).await;
        }
        if state.keys.authorize(given, SystemTime::now()) {
            return true;
        }
        if given.is_empty() || state.read_at.elapsed() < MIN_REFRESH_INTERVAL {
            return false;
        }
        self.refresh(&mut state).await;
        state.keys.authorize(given, SystemTime::now())
    }

    /// Reads the secret again. If that fails, the keys stay as they are.
    async fn refresh(&self, state: &mut State) {
        let Some(secret) = &self.secret else {
            return;
        };
        state.read_at = Instant::now();
        state.refresh_at = state.read_at + RETRY_AFTER_FAILURE;
        match tokio::time::timeout(REFRESH_TIMEOUT, read(secret)).await {
            Ok(Ok(keys)) => {
                state.keys = keys;
                state.refresh_at = state.read_at + MAX_AGE;
            }
            Ok(Err(error)) => {
                warn!(%error, "the access key is not refreshed: the previous one stays in use");
            }
            Err(_) => warn!(
                "the access key is not refreshed, no response in time: the previous one stays in use"
            ),
        }
    }
}

async fn read(secret: &SecretsManager) -> Result<AccessKeys, SecretError> {
    let current = secret.current().await?;
    let location = secret.location();
    let keys = AccessKeys::new(Token::parse(&current.value, &location)?.expose());
    let overlap_end = current.created.map(AccessKeys::overlap_end);
    let Some(end) = overlap_end.filter(|end| SystemTime::now() < *end) else {
        return Ok(keys);
    };
    // Without a usable previous key, the current one is accepted alone.
    let previous = secret.previous().await.unwrap_or_default();
    let previous = previous.and_then(|document| Token::parse(&document, &location).ok());
    Ok(match previous {
        Some(previous) => keys.with_previous(previous.expose(), end),
        None => keys,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_fixed_key_is_the_only_one() {
        let keys = AccessKeyCache::fixed(&Token::parse(b"key", "a test").unwrap());
        assert!(keys.authorize("key").await);
        assert!(!keys.authorize("kez").await && !keys.authorize("").await);
    }
}
