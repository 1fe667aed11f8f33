//! The collector's token, refreshed when the collector rejects it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tracing::warn;

use crate::secret::{SecretError, SecretSource};
use crate::token::Token;

/// How long a token that was found unchanged is not read again, so that rejected requests cannot
/// cause a call to Secrets Manager each.
const MIN_REFRESH_INTERVAL: Duration = Duration::from_secs(1);

/// A token that can be refreshed.
pub struct TokenCache {
    state: Mutex<State>,
    /// `None` for a token that never changes.
    source: Option<Box<dyn SecretSource>>,
}

struct State {
    current: Arc<Token>,
    /// When a refresh last found the same token.
    unchanged_at: Option<Instant>,
}

impl TokenCache {
    /// A token that never changes.
    pub fn fixed(token: Token) -> Self {
        Self::with(token, None)
    }

    /// The token in `source`.
    ///
    /// # Errors
    /// The source cannot be read, or holds no token.
    pub async fn load(source: impl SecretSource + 'static) -> Result<Self, SecretError> {
        let token = read(&source).await?;
        Ok(Self::with(token, Some(Box::new(source))))
    }

    fn with(token: Token, source: Option<Box<dyn SecretSource>>) -> Self {
        Self {
            state: Mutex::new(State {
                current: Arc::new(token),
                unchanged_at: None,
            }),
            source,
        }
    }

    /// Where the token is stored, in words: a file or a secret.
    pub(crate) fn location(&self) -> String {
        let source = self.source.as_ref();
        source.map_or_else(|| "this process".to_owned(), |source| source.location())
    }

    /// The token as it was read last.
    pub(crate) async fn current(&self) -> Arc<Token> {
        self.state.lock().await.current.clone()
    }

    /// Reads the token again within `time` after the collector rejected `rejected`, and returns
    /// whether there is another one now. Concurrent calls read it once. A token that was found
    /// unchanged is not read again for a second.
    pub(crate) async fn refresh(&self, rejected: &Token, time: Duration) -> bool {
        let refreshed = tokio::time::timeout(time, self.refresh_now(rejected));
        refreshed.await.unwrap_or(false)
    }

    async fn refresh_now(&self, rejected: &Token) -> bool {
        let mut state = self.state.lock().await;
        if *state.current != *rejected {
            return true;
        }
        let Some(source) = &self.source else {
            return false;
        };
        let unchanged_at = state.unchanged_at;
        if unchanged_at.is_some_and(|at| at.elapsed() < MIN_REFRESH_INTERVAL) {
            return false;
        }
        match read(source.as_ref()).await {
            Ok(token) if token != *rejected => {
                state.current = Arc::new(token);
                state.unchanged_at = None;
                return true;
            }
            Ok(_) => {}
            Err(error) => warn!(%error, "the token cannot be refreshed"),
        }
        state.unchanged_at = Some(Instant::now());
        false
    }
}

async fn read(source: &dyn SecretSource) -> Result<Token, SecretError> {
    let document = source.read().await?;
    Token::parse(&document, &source.location())
}
