//! Records put onto a delivery stream.

use aws_sdk_firehose::Client;
use aws_sdk_firehose::config::retry::RetryConfig;
use aws_sdk_firehose::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_firehose::primitives::Blob;
use aws_sdk_firehose::types::Record;
use firehose::PutError;
use tokio::sync::OnceCell;

use crate::{redacted_error, sdk_config};

/// Error codes of `PutRecordBatch` after which the same call fails again.
const PERMANENT_CODES: &[&str] = &[
    "AccessDeniedException",
    "InvalidArgumentException",
    "InvalidKMSResourceException",
    "InvalidSourceException",
    "ResourceNotFoundException",
    "UnrecognizedClientException",
];

/// Puts records onto delivery streams. The client is built on first use, since most invocations
/// re-ingest nothing and building it would slow down every cold start.
#[derive(Default)]
pub struct StreamWriter {
    client: OnceCell<Client>,
}

impl StreamWriter {
    /// Puts the records (500 and 4 MiB at most) onto the stream `name` and returns the indices of
    /// those that it did not accept. Does not retry.
    ///
    /// # Errors
    /// The call failed as a whole: no record was accepted.
    pub async fn put(&self, name: &str, records: &[Vec<u8>]) -> Result<Vec<usize>, PutError> {
        let records = records.iter().map(|data| {
            let record = Record::builder().data(Blob::new(data.clone())).build();
            record.expect("a record with data is complete")
        });
        let client = self.client.get_or_init(client).await;
        let call = client.put_record_batch().delivery_stream_name(name);
        let response = call.set_records(Some(records.collect())).send().await;
        let response = response.map_err(put_error)?;
        let results = response.request_responses().iter().enumerate();
        Ok(results
            .filter(|(_, result)| result.error_code().is_some())
            .map(|(index, _)| index)
            .collect())
    }
}

async fn client() -> Client {
    let config = aws_sdk_firehose::config::Builder::from(&sdk_config().await)
        .retry_config(RetryConfig::disabled())
        .build();
    Client::from_conf(config)
}

fn put_error<E, R>(error: SdkError<E, R>) -> PutError
where
    E: ProvideErrorMetadata,
{
    let code = error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code);
    PutError {
        is_transient: code.is_none_or(|code| !PERMANENT_CODES.contains(&code)),
        reason: redacted_error(&error),
    }
}
