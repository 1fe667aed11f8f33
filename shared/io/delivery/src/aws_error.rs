//! What went wrong with a call of the AWS SDK, without anything of what was sent or answered.

use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};

/// The service's own word for it, or the kind of failure. Never the error's own text: where an
/// answer cannot be read, that holds the answer.
pub fn reason_of<E, R>(error: &SdkError<E, R>) -> String
where
    E: ProvideErrorMetadata,
{
    match error {
        SdkError::ServiceError(service) => service
            .err()
            .code()
            .unwrap_or("refused without a code, or an answer that cannot be read")
            .to_owned(),
        SdkError::TimeoutError(_) => "no answer in time".to_owned(),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => {
            "no connection in time".to_owned()
        }
        SdkError::DispatchFailure(_) => "no connection, or no credentials".to_owned(),
        SdkError::ResponseError(_) => "an answer that cannot be read".to_owned(),
        _ => "the call cannot be made: are Region and credentials set?".to_owned(),
    }
}
