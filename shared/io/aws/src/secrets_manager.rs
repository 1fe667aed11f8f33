//! Secrets Manager.

use std::time::SystemTime;

use aws_config::SdkConfig;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use futures_util::future::BoxFuture;
use hec_client::{SecretError, SecretSource};

use crate::redacted_error;

/// One secret in Secrets Manager.
#[derive(Debug, Clone)]
pub struct SecretsManager {
    client: Client,
    /// Name or ARN.
    secret: String,
}

/// One version of a secret.
pub struct SecretVersion {
    /// Its value, never empty.
    pub value: Vec<u8>,
    /// When it was created, if Secrets Manager says so.
    pub created: Option<SystemTime>,
}

impl SecretsManager {
    /// The secret with this name or ARN.
    pub fn new(config: &SdkConfig, secret: impl Into<String>) -> Self {
        Self {
            client: Client::new(config),
            secret: secret.into(),
        }
    }

    /// The secret in words, for messages: `the secret <name or ARN>`.
    pub fn location(&self) -> String {
        format!("the secret {}", self.secret)
    }

    /// The current version of the secret.
    ///
    /// # Errors
    /// See [`SecretError`].
    pub async fn current(&self) -> Result<SecretVersion, SecretError> {
        self.version("AWSCURRENT").await
    }

    /// The value before the current one, if there is one.
    ///
    /// # Errors
    /// See [`SecretError`].
    pub async fn previous(&self) -> Result<Option<Vec<u8>>, SecretError> {
        match self.version("AWSPREVIOUS").await {
            Ok(version) => Ok(Some(version.value)),
            Err(SecretError::Empty { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The version with this staging label (Secrets Manager API Reference, `GetSecretValue`).
    async fn version(&self, stage: &str) -> Result<SecretVersion, SecretError> {
        let empty = || SecretError::Empty {
            location: self.location(),
        };
        let call = self.client.get_secret_value().secret_id(&self.secret);
        let response = call.version_stage(stage).send().await;
        let response = response.map_err(|error| {
            if has_no_version(&error) {
                return empty();
            }
            SecretError::Unreadable {
                location: self.location(),
                reason: redacted_error(&error),
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

impl SecretSource for SecretsManager {
    fn location(&self) -> String {
        self.location()
    }

    fn read(&self) -> BoxFuture<'_, Result<Vec<u8>, SecretError>> {
        Box::pin(async { Ok(self.current().await?.value) })
    }
}

/// The message for a secret that does not exist.
const NO_SUCH_SECRET: &str = "Secrets Manager can't find the specified secret.";

/// Whether a secret exists and has no version with the requested label. AWS returns the same code
/// as for a secret that does not exist, `ResourceNotFoundException`, with another message: "Secrets
/// Manager can't find the specified secret value for staging label: AWSCURRENT" (observed, see
/// <https://github.com/boto/boto3/issues/2794>; the API Reference lists the code only). If AWS
/// rewords the message, a missing secret counts as empty: invocations fail then, instead of the
/// deployment that creates the secret.
fn has_no_version<R>(error: &SdkError<GetSecretValueError, R>) -> bool {
    error.as_service_error().is_some_and(|error| {
        error.is_resource_not_found_exception() && error.message() != Some(NO_SUCH_SECRET)
    })
}

/// Whether a value is only a placeholder: blank, or an empty JSON object.
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
    fn blank_values_and_empty_objects_are_unfilled() {
        for value in ["", " \n", "{}", " { } "] {
            assert!(is_unfilled(value.as_bytes()), "{value:?}");
        }
        for value in ["t", "{", "{\"hec_token\":\"\"}", "[]", "null", "{}{}"] {
            assert!(!is_unfilled(value.as_bytes()), "{value:?}");
        }
    }
}
