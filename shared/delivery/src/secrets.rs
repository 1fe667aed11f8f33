//! Secrets Manager.

use aws_config::SdkConfig;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::SdkError;
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
    /// The secret has no value yet.
    #[error("the secret {name} has no value; put one into it")]
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
        let answer = self.client.get_secret_value().secret_id(name).send().await;
        let unavailable = |error: SdkError<GetSecretValueError, _>| SecretError::Unavailable {
            name: name.to_owned(),
            reason: reason_of(&error),
        };
        let value = answer.map_err(unavailable)?;
        let bytes = match (value.secret_string, value.secret_binary) {
            (Some(text), _) => text.into_bytes(),
            (None, Some(blob)) => blob.into_inner(),
            (None, None) => Vec::new(),
        };
        if bytes.is_empty() {
            Err(SecretError::Empty {
                name: name.to_owned(),
            })
        } else {
            Ok(bytes)
        }
    }
}
