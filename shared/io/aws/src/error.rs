//! Errors of the AWS SDK without anything of the request or the response.

use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};

/// The service's error code, or the kind of failure. Never the error's own text: if a response
/// cannot be parsed, that text quotes it, and the response may hold a secret.
pub fn redacted_error<E, R>(error: &SdkError<E, R>) -> String
where
    E: ProvideErrorMetadata,
{
    match error {
        SdkError::ServiceError(service) => service
            .err()
            .code()
            .unwrap_or("an error without a code, or a response that cannot be parsed")
            .to_owned(),
        SdkError::TimeoutError(_) => "no response in time".to_owned(),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => {
            "no connection in time".to_owned()
        }
        SdkError::DispatchFailure(_) => "no connection, or no credentials".to_owned(),
        SdkError::ResponseError(_) => "a response that cannot be parsed".to_owned(),
        _ => "the request cannot be made: are Region and credentials set?".to_owned(),
    }
}
