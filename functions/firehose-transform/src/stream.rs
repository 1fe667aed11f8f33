//! The delivery stream itself, through the AWS SDK.

use aws_sdk_firehose::Client;
use aws_sdk_firehose::config::retry::RetryConfig;
use aws_sdk_firehose::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_firehose::primitives::Blob;
use aws_sdk_firehose::types::Record;
use tokio::sync::OnceCell;

use runtime::transform::{DeliveryStream, PutError};

/// The stream that invokes the function. Its client is built on first use, since most invocations
/// re-ingest nothing and building it would slow down every cold start.
#[derive(Default)]
pub(crate) struct OwnStream {
    client: OnceCell<Client>,
}

impl OwnStream {
    async fn client(&self) -> &Client {
        self.client
            .get_or_init(|| async {
                let config = aws::sdk_config().await;
                let config = aws_sdk_firehose::config::Builder::from(&config)
                    .retry_config(RetryConfig::disabled())
                    .build();
                Client::from_conf(config)
            })
            .await
    }
}

impl DeliveryStream for OwnStream {
    async fn put_record_batch(
        &self,
        name: &str,
        records: &[Vec<u8>],
    ) -> Result<Vec<usize>, PutError> {
        let records = records.iter().map(|data| {
            let record = Record::builder().data(Blob::new(data.clone())).build();
            record.expect("a record with data is complete")
        });
        let call = self
            .client()
            .await
            .put_record_batch()
            .delivery_stream_name(name);
        let answer = call
            .set_records(Some(records.collect()))
            .send()
            .await
            .map_err(put_error)?;
        let responses = answer.request_responses().iter().enumerate();
        Ok(responses
            .filter(|(_, r)| r.error_code().is_some())
            .map(|(place, _)| place)
            .collect())
    }
}

fn put_error<E, R>(error: SdkError<E, R>) -> PutError
where
    E: ProvideErrorMetadata,
{
    let code = error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code);
    let permanent = [
        "AccessDeniedException",
        "InvalidArgumentException",
        "InvalidKMSResourceException",
        "InvalidSourceException",
        "ResourceNotFoundException",
        "UnrecognizedClientException",
    ];
    PutError {
        is_transient: code.is_none_or(|code| !permanent.contains(&code)),
        reason: aws::redacted_error(&error),
    }
}
