//! Secrets Manager.

use aws_config::SdkConfig;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use thiserror::Error;

use crate::reason_of;

/// Reads secrets.
#[derive(Debug, Clone)]
pub struct Secrets {
    client: Client,
}

/// Why a secret could not be read. Holds the secret's name, never its value.
#[derive(Debug, Error)]
pub enum SecretError {
    /// Secrets Manager refused or could not be reached.
    #[error("cannot read the secret {name}: {reason}")]
    Unavailable {
        /// Name or ARN as it was asked for.
        name: String,
        /// What kind of failure it was.
        reason: String,
    },
    /// The secret exists and nobody has put a value into it: it has no version, or the value is
    /// blank or `{}`.
    #[error("the secret {name} has no value yet: put one into it")]
    Empty {
        /// Name or ARN as it was asked for.
        name: String,
    },
}

impl Secrets {
    /// Reads secrets with this configuration.
    pub fn new(config: &SdkConfig) -> Self {
        Self {
            client: Client::new(config),
        }
    }

    /// The current value of a secret, given its name or ARN.
    ///
    /// # Errors
    /// See [`SecretError`].
    pub async fn get(&self, name: &str) -> Result<Vec<u8>, SecretError> {
        let empty = || SecretError::Empty {
            name: name.to_owned(),
        };
        let answer = self.client.get_secret_value().secret_id(name).send().await;
        let value = answer.map_err(|error| {
            if has_no_version(&error) {
                return empty();
            }
            SecretError::Unavailable {
                name: name.to_owned(),
                reason: reason_of(&error),
            }
        })?;
        let bytes = match (value.secret_string, value.secret_binary) {
            (Some(text), _) => text.into_bytes(),
            (None, Some(blob)) => blob.into_inner(),
            (None, None) => Vec::new(),
        };
        if is_unfilled(&bytes) {
            Err(empty())
        } else {
            Ok(bytes)
        }
    }
}

/// The message for a secret that does not exist.
const NO_SUCH_SECRET: &str = "Secrets Manager can't find the specified secret.";

/// Whether a secret exists and has no current version. AWS gives this the same code as a secret that
/// does not exist, `ResourceNotFoundException`, and another message: "Secrets Manager can't find the
/// specified secret value for staging label: AWSCURRENT" (observed, see
/// <https://github.com/boto/boto3/issues/2794>; the API reference names the code alone). A message
/// that AWS rewords counts as an empty secret, which fails invocations and not the deployment that
/// creates the secret.
fn has_no_version<R>(error: &SdkError<GetSecretValueError, R>) -> bool {
    error.as_service_error().is_some_and(|error| {
        error.is_resource_not_found_exception() && error.message() != Some(NO_SUCH_SECRET)
    })
}

/// Whether a value is what stands in for one: nothing, or an empty JSON object.
fn is_unfilled(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    let members = value
        .strip_prefix(b"{")
        .and_then(|rest| rest.strip_suffix(b"}"));
    members.unwrap_or(value).trim_ascii().is_empty()
}

#[cfg(test)]
mod tests {
    use super::is_unfilled;

    #[test]
    fn a_value_is_unfilled_if_nothing_is_in_it() {
        for value in ["", " \n", "{}", " { } "] {
            assert!(is_unfilled(value.as_bytes()), "{value:?}");
        }
        for value in ["t", "{", "{\"hec_token\":\"\"}", "[]", "null", "{}{}"] {
            assert!(!is_unfilled(value.as_bytes()), "{value:?}");
        }
    }
}
