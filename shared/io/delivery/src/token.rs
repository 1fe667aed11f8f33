//! The collector's token, read again when the collector refuses it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;
use subtle::ConstantTimeEq as _;
use thiserror::Error;
use tokio::sync::Mutex;
use tracing::warn;

#[cfg(feature = "secrets")]
use crate::{SecretError, Secrets};

/// A token or access key. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// Why there is no token.
#[derive(Debug, Error)]
pub enum TokenError {
    /// The secret cannot be read.
    #[cfg(feature = "secrets")]
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The file cannot be read.
    #[error("cannot read the token in {file}")]
    File {
        /// Its path.
        file: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// What was read holds none.
    #[error(
        "{place} holds no token: it is to be {{\"hec_token\":…}}, {{\"api_key\":…}} or the bare token, in printable ASCII"
    )]
    NoToken {
        /// The secret or file.
        place: String,
    },
}

#[derive(Deserialize)]
struct Document {
    hec_token: Option<String>,
    api_key: Option<String>,
}

impl Token {
    /// The token in `document`, which was read at `place`: a JSON object with `hec_token` or
    /// `api_key`, or the token itself.
    ///
    /// # Errors
    /// There is none, or one that no header can hold.
    pub fn parse(document: &[u8], place: &str) -> Result<Self, TokenError> {
        let text = std::str::from_utf8(document).unwrap_or_default().trim();
        let token = if text.starts_with('{') {
            let document: Option<Document> = serde_json::from_str(text).ok();
            document.and_then(|document| document.hec_token.or(document.api_key))
        } else {
            Some(text.to_owned())
        };
        let is_token =
            |token: &String| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        let missing = || TokenError::NoToken {
            place: place.to_owned(),
        };
        token.filter(is_token).map(Self).ok_or_else(missing)
    }

    /// The token itself, for a header.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether `given` is this token. The time it takes depends on the lengths alone.
    pub fn is(&self, given: &str) -> bool {
        self.0.as_bytes().ct_eq(given.as_bytes()).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A token that can be read again.
pub struct TokenCache {
    state: Mutex<State>,
    source: Source,
}

struct State {
    current: Arc<Token>,
    /// When it was read again last, and found to be the same.
    unchanged: Option<Instant>,
}

/// How long a token that was found unchanged is not read again: whoever shows wrong keys to a
/// relay must not be able to have a secret read for each.
const UNCHANGED: Duration = Duration::from_secs(1);

/// Where a token is read again.
enum Source {
    /// It stays what it is.
    Fixed(Token),
    File(PathBuf),
    #[cfg(feature = "secrets")]
    Secret {
        secrets: Secrets,
        name: String,
    },
}

impl TokenCache {
    /// This token for good.
    pub fn fixed(token: Token) -> Self {
        Self::with(token.clone(), Source::Fixed(token))
    }

    /// The token in the file at `path`.
    ///
    /// # Errors
    /// See [`TokenError`].
    pub async fn file(path: impl Into<PathBuf>) -> Result<Self, TokenError> {
        let source = Source::File(path.into());
        Ok(Self::with(source.token().await?, source))
    }

    /// The token in the secret `name`.
    ///
    /// # Errors
    /// See [`TokenError`].
    #[cfg(feature = "secrets")]
    pub async fn open(secrets: Secrets, name: &str) -> Result<Self, TokenError> {
        let name = name.to_owned();
        let source = Source::Secret { secrets, name };
        Ok(Self::with(source.token().await?, source))
    }

    fn with(token: Token, source: Source) -> Self {
        Self {
            state: Mutex::new(State {
                current: Arc::new(token),
                unchanged: None,
            }),
            source,
        }
    }

    /// Where the token is read, for people: a file or a secret.
    pub fn place(&self) -> String {
        self.source.place()
    }

    /// The token as it was read last.
    pub async fn current(&self) -> Arc<Token> {
        self.state.lock().await.current.clone()
    }

    /// [`TokenCache::reread`] in at most `time`.
    pub(crate) async fn reread_within(&self, refused: &Token, time: Duration) -> bool {
        let reading = tokio::time::timeout(time, self.reread(refused));
        reading.await.unwrap_or(false)
    }

    /// Reads the token again, after `refused` was refused, and returns whether there is another
    /// one now. Where several ask at once and there is another, one reads for all. One that
    /// is found unchanged is not read again for a second.
    pub async fn reread(&self, refused: &Token) -> bool {
        let mut state = self.state.lock().await;
        if *state.current != *refused {
            return true;
        }
        if state
            .unchanged
            .is_some_and(|read_at| read_at.elapsed() < UNCHANGED)
        {
            return false;
        }
        match self.source.token().await {
            Ok(token) if token != *refused => {
                state.current = Arc::new(token);
                state.unchanged = None;
                return true;
            }
            Ok(_) => {}
            Err(error) => warn!(%error, "the token cannot be read again"),
        }
        state.unchanged = Some(Instant::now());
        false
    }
}

impl Source {
    async fn token(&self) -> Result<Token, TokenError> {
        match self {
            Self::Fixed(token) => Ok(token.clone()),
            Self::File(path) => match std::fs::read(path) {
                Ok(document) => Token::parse(&document, &self.place()),
                Err(source) => Err(TokenError::File {
                    file: path.display().to_string(),
                    source,
                }),
            },
            #[cfg(feature = "secrets")]
            Self::Secret { secrets, name } => {
                Token::parse(&secrets.get(name).await?, &self.place())
            }
        }
    }

    fn place(&self) -> String {
        match self {
            Self::Fixed(_) => "this process".to_owned(),
            Self::File(path) => format!("the file {}", path.display()),
            #[cfg(feature = "secrets")]
            Self::Secret { name, .. } => format!("the secret {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_stands_bare_or_in_an_object() {
        for document in [
            "t0ken",
            " t0ken\n",
            r#"{"hec_token":"t0ken"}"#,
            r#"{"api_key":"t0ken","x":1}"#,
        ] {
            assert_eq!(
                Token::parse(document.as_bytes(), "x").unwrap().expose(),
                "t0ken"
            );
        }
        for document in [
            "",
            "{}",
            r#"{"hec_token":""}"#,
            r#"{"token":"a"}"#,
            "a b",
            "a\u{7f}",
            "{\"hec_token\"",
        ] {
            let error = Token::parse(document.as_bytes(), "the secret hec").unwrap_err();
            assert!(
                error
                    .to_string()
                    .starts_with("the secret hec holds no token")
            );
        }
    }

    #[test]
    fn a_token_is_compared_and_not_shown() {
        let token = Token::parse(b"t0ken", "x").unwrap();
        assert!(token.is("t0ken"));
        assert!(!token.is("t0keN") && !token.is("t0ke") && !token.is("t0kens") && !token.is(""));
        assert!(!format!("{token:?}").contains("t0ken"));
    }
}
