//! The collector's token or the relay's access key.

use std::fmt;

use serde::Deserialize;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::secret::SecretError;

/// A token or access key. `Debug` does not show it, and its memory is cleared when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Zeroizing<String>);

#[derive(Deserialize)]
struct Document {
    hec_token: Option<String>,
    api_key: Option<String>,
}

impl Token {
    /// The token in `document`, which was read at `location`: a JSON object with `hec_token` or
    /// `api_key`, or the token itself.
    ///
    /// # Errors
    /// The document holds no token, or one that is not printable ASCII.
    pub fn parse(document: &[u8], location: &str) -> Result<Self, SecretError> {
        let text = std::str::from_utf8(document).unwrap_or_default().trim();
        let token = if text.starts_with('{') {
            let document: Option<Document> = serde_json::from_str(text).ok();
            document.and_then(|document| document.hec_token.or(document.api_key))
        } else {
            Some(text.to_owned())
        };
        let is_token =
            |token: &String| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        let invalid = || {
            SecretError::Invalid {
            location: location.to_owned(),
            problem: "holds no token: use {\"hec_token\":…}, {\"api_key\":…} or the bare token, in printable ASCII"
                .to_owned(),
        }
        };
        let token = token.filter(is_token).ok_or_else(invalid)?;
        Ok(Self(Zeroizing::new(token)))
    }

    /// The token itself, for a header.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether `given` is this token, in constant time for a given length.
    pub fn is(&self, given: &str) -> bool {
        self.0.as_bytes().ct_eq(given.as_bytes()).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_bare_or_in_an_object() {
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
