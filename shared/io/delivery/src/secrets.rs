//! Secrets Manager.

use std::time::SystemTime;

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

/// One version of a secret.
pub struct SecretVersion {
    /// Its value, never empty.
    pub value: Vec<u8>,
    /// When it was created, if Secrets Manager says so.
    pub created: Option<SystemTime>,
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
        self.current(name).await.map(|version| version.value)
    }

    /// The current version of a secret, given its name or ARN.
    ///
    /// # Errors
    /// See [`SecretError`].
    pub async fn current(&self, name: &str) -> Result<SecretVersion, SecretError> {
        self.version(name, "AWSCURRENT").await
    }

    /// The value before the current one, if there is one.
    ///
    /// # Errors
    /// See [`SecretError`].
    pub async fn previous(&self, name: &str) -> Result<Option<Vec<u8>>, SecretError> {
        match self.version(name, "AWSPREVIOUS").await {
            Ok(version) => Ok(Some(version.value)),
            Err(SecretError::Empty { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The version with this staging label (Secrets Manager API reference, `GetSecretValue`).
    async fn version(&self, name: &str, stage: &str) -> Result<SecretVersion, SecretError> {
        let empty = || SecretError::Empty {
            name: name.to_owned(),
        };
        let call = self.client.get_secret_value().secret_id(name);
        let response = call.version_stage(stage).send().await;
        let response = response.map_err(|error| {
            if has_no_version(&error) {
                return empty();
            }
            SecretError::Unavailable {
                name: name.to_owned(),
                reason: reason_of(&error),
            }
        })?;
        let created = response.created_date;
        let created = created.and_then(|created| SystemTime::try_from(created).ok());
        let value = match (response.secret_string, response.secret_binary) {
            (Some(text), _) => text.into_bytes(),
            (None, Some(blob)) => blob.into_inner(),
            (None, None) => Vec::new(),
        };
        if is_unfilled(&value) {
            Err(empty())
        } else {
            Ok(SecretVersion { value, created })
        }
    }
}

/// The message for a secret that does not exist.
const NO_SUCH_SECRET: &str = "Secrets Manager can't find the specified secret.";

/// Whether a secret exists and has no version of the label that was asked for. AWS gives this the same code as a secret that
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
