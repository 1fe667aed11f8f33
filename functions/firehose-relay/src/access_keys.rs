//! The access keys that the relay accepts: the current one, and for a short time the one before.
//!
//! After a rotation Firehose still sends the previous key, since it refreshes its copy of the
//! secret every ten minutes (Amazon Data Firehose Developer Guide, "Use the secret"). The relay
//! accepts that key until 15 minutes after the current one was created, however long its process
//! has been running: it reads the secret again every five minutes, and a new process reads the
//! previous version as well.

use std::time::{Duration, Instant, SystemTime};

use aws::SecretsManager;
use hec_client::{SecretError, Token};
use tokio::sync::Mutex;
use tracing::warn;

/// How long after the creation of the current key the previous one is accepted: Firehose's ten
/// minutes, and five for requests that it repeats.
const GRACE: Duration = Duration::from_secs(15 * 60);

/// How long keys are used before the secret is read again.
const FRESH: Duration = Duration::from_secs(5 * 60);

/// How soon after a failure it is read again.
const AFTER_FAILURE: Duration = Duration::from_secs(30);

/// How long reading it may delay a request.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The shortest time between two readings for the sake of an unknown key: a stranger must not be
/// able to have the secret read with every request.
const BETWEEN: Duration = Duration::from_secs(1);

/// The access keys in one secret.
pub struct AccessKeys {
    state: Mutex<State>,
    /// `None` for a key that never changes.
    secret: Option<SecretsManager>,
}

struct State {
    keys: Keys,
    read_at: Instant,
    /// When the secret is read again.
    due: Instant,
}

struct Keys {
    current: Token,
    /// The key before, and the end of its time.
    previous: Option<(Token, SystemTime)>,
}

impl AccessKeys {
    /// A key that never changes.
    pub fn fixed(key: Token) -> Self {
        let previous = None;
        let keys = Keys {
            current: key,
            previous,
        };
        Self::with(keys, None)
    }

    /// The keys in `secret`.
    ///
    /// # Errors
    /// The secret cannot be read, or its current version holds no key.
    pub async fn load(secret: SecretsManager) -> Result<Self, SecretError> {
        let keys = Keys::read(&secret).await?;
        Ok(Self::with(keys, Some(secret)))
    }

    fn with(keys: Keys, secret: Option<SecretsManager>) -> Self {
        let now = Instant::now();
        Self {
            state: Mutex::new(State {
                keys,
                read_at: now,
                due: now + FRESH,
            }),
            secret,
        }
    }

    /// Whether `given` is an accepted key. The secret is read again if that is due, and at most
    /// once a second if the key is unknown.
    pub async fn accept(&self, given: &str) -> bool {
        let mut state = self.state.lock().await;
        if state.due <= Instant::now() {
            self.refresh(&mut state).await;
        }
        if state.keys.accept(given, SystemTime::now()) {
            return true;
        }
        if given.is_empty() || state.read_at.elapsed() < BETWEEN {
            return false;
        }
        self.refresh(&mut state).await;
        state.keys.accept(given, SystemTime::now())
    }

    /// Reads the secret again. If that fails, the keys stay as they are.
    async fn refresh(&self, state: &mut State) {
        let Some(secret) = &self.secret else {
            return;
        };
        state.read_at = Instant::now();
        state.due = state.read_at + AFTER_FAILURE;
        match tokio::time::timeout(TIMEOUT, Keys::read(secret)).await {
            Ok(Ok(keys)) => {
                state.keys = keys;
                state.due = state.read_at + FRESH;
            }
            Ok(Err(error)) => warn!(%error, "keeping the access key that was read before"),
            Err(_) => warn!("keeping the access key that was read before: no reply in time"),
        }
    }
}

impl Keys {
    async fn read(secret: &SecretsManager) -> Result<Self, SecretError> {
        let current = secret.current().await?;
        let location = secret.location();
        let end = current.created.map(|created| created + GRACE);
        let previous = match end.filter(|end| SystemTime::now() < *end) {
            // One that cannot be read or used is not worth refusing the current key.
            Some(end) => {
                let previous = secret.previous().await.unwrap_or_default();
                let key = previous.and_then(|document| Token::parse(&document, &location).ok());
                key.map(|key| (key, end))
            }
            None => None,
        };
        Ok(Self {
            current: Token::parse(&current.value, &location)?,
            previous,
        })
    }

    fn accept(&self, given: &str, now: SystemTime) -> bool {
        let is_previous = |(key, end): &(Token, SystemTime)| now < *end && key.is(given);
        self.current.is(given) || self.previous.as_ref().is_some_and(is_previous)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(text: &str) -> Token {
        Token::parse(text.as_bytes(), "a test").unwrap()
    }

    #[test]
    fn the_previous_key_is_accepted_for_a_limited_time() {
        let end = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let keys = Keys {
            current: token("second"),
            previous: Some((token("first"), end)),
        };
        let (before, after) = (end - Duration::from_secs(1), end);
        for (given, at, accepted) in [
            ("second", before, true),
            ("second", after, true),
            ("first", before, true),
            ("first", after, false),
            ("third", before, false),
            ("", before, false),
        ] {
            assert_eq!(keys.accept(given, at), accepted, "{given}");
        }
    }

    #[tokio::test]
    async fn a_fixed_key_is_the_only_one() {
        let keys = AccessKeys::fixed(token("key"));
        assert!(keys.accept("key").await);
        assert!(!keys.accept("kez").await && !keys.accept("").await);
    }
}
