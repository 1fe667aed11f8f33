//! Messages in SQS queues.

use std::collections::HashMap;

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::{ChangeMessageVisibilityBatchRequestEntry, QueueAttributeName};
use thiserror::Error;
use tokio::sync::Mutex;

use crate::redacted_error;

/// A call to SQS that failed.
#[derive(Debug, Error)]
#[error("cannot {action} the queue {queue}: {reason}")]
pub struct QueueError {
    action: &'static str,
    queue: String,
    reason: String,
}

/// A message that was received and not deleted yet.
#[derive(Debug, Clone)]
pub struct ReceivedMessage {
    /// Its id, the same each time it is received.
    pub id: String,
    /// Its text.
    pub body: String,
    handle: String,
}

/// How many messages a queue holds. The figures are approximate: SQS may need a minute to bring them
/// up to date (Amazon SQS API Reference, `GetQueueAttributes`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueDepth {
    /// Messages that a consumer can receive now.
    pub visible: u64,
    /// Messages that a consumer has received and neither deleted nor returned. They become visible
    /// when their visibility timeout ends.
    pub in_flight: u64,
    /// Messages that were sent with a delay which has not passed.
    pub delayed: u64,
}

/// Messages of one `ChangeMessageVisibilityBatch` call (Amazon SQS API Reference).
const MAX_BATCH: usize = 10;

/// Sends, receives and deletes messages.
pub struct Sqs {
    client: Client,
    urls: Mutex<HashMap<String, String>>,
}

impl Sqs {
    /// A client with this configuration.
    pub fn new(config: &SdkConfig) -> Self {
        Self {
            client: Client::new(config),
            urls: Mutex::default(),
        }
    }

    /// Sends a message to the queue with this ARN, visible after `delay_seconds` (at most 900).
    ///
    /// # Errors
    /// See [`QueueError`].
    pub async fn send(
        &self,
        arn: &str,
        body: String,
        delay_seconds: i32,
    ) -> Result<(), QueueError> {
        let url = self.url(arn).await?;
        let call = self.client.send_message().queue_url(url).message_body(body);
        let response = call.delay_seconds(delay_seconds.min(900)).send().await;
        response.map_err(|error| failed("send to", arn, error))?;
        Ok(())
    }

    /// Up to ten messages of the queue at `url`, with a visibility timeout of `hidden_seconds`.
    ///
    /// # Errors
    /// See [`QueueError`].
    pub async fn receive(
        &self,
        url: &str,
        hidden_seconds: i32,
    ) -> Result<Vec<ReceivedMessage>, QueueError> {
        let call = self
            .client
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(10);
        let response = call
            .wait_time_seconds(1)
            .visibility_timeout(hidden_seconds)
            .send()
            .await;
        let messages = response
            .map_err(|error| failed("receive from", url, error))?
            .messages;
        let received = messages
            .unwrap_or_default()
            .into_iter()
            .map(|message| ReceivedMessage {
                id: message.message_id.unwrap_or_default(),
                body: message.body.unwrap_or_default(),
                handle: message.receipt_handle.unwrap_or_default(),
            });
        Ok(received.collect())
    }

    /// Deletes a message from the queue at `url`.
    ///
    /// # Errors
    /// See [`QueueError`].
    pub async fn delete(&self, url: &str, message: &ReceivedMessage) -> Result<(), QueueError> {
        let call = self
            .client
            .delete_message()
            .queue_url(url)
            .receipt_handle(&message.handle);
        call.send()
            .await
            .map_err(|error| failed("delete from", url, error))?;
        Ok(())
    }

    /// Makes received messages visible again at once, for the next consumer.
    ///
    /// # Errors
    /// See [`QueueError`]. The messages become visible when their visibility timeout ends.
    pub async fn release(&self, url: &str, messages: &[ReceivedMessage]) -> Result<(), QueueError> {
        for batch in messages.chunks(MAX_BATCH) {
            let entries = batch.iter().enumerate().map(|(number, message)| {
                ChangeMessageVisibilityBatchRequestEntry::builder()
                    .id(number.to_string())
                    .receipt_handle(&message.handle)
                    .visibility_timeout(0)
                    .build()
                    .expect("id and receipt handle are set")
            });
            let call = self.client.change_message_visibility_batch().queue_url(url);
            call.set_entries(Some(entries.collect()))
                .send()
                .await
                .map_err(|error| failed("return messages to", url, error))?;
        }
        Ok(())
    }

    /// How many messages the queue at `url` holds.
    ///
    /// # Errors
    /// See [`QueueError`].
    pub async fn depth(&self, url: &str) -> Result<QueueDepth, QueueError> {
        use QueueAttributeName as Name;
        let names = [
            Name::ApproximateNumberOfMessages,
            Name::ApproximateNumberOfMessagesNotVisible,
            Name::ApproximateNumberOfMessagesDelayed,
        ];
        let call = self.client.get_queue_attributes().queue_url(url);
        let response = call
            .set_attribute_names(Some(names.to_vec()))
            .send()
            .await
            .map_err(|error| failed("count the messages of", url, error))?;
        let attributes = response.attributes.unwrap_or_default();
        let [visible, in_flight, delayed] = names.map(|name| {
            let value = attributes.get(&name);
            value.and_then(|value| value.parse().ok()).unwrap_or(0)
        });
        Ok(QueueDepth {
            visible,
            in_flight,
            delayed,
        })
    }

    /// The URL of the queue with this ARN, requested once.
    async fn url(&self, arn: &str) -> Result<String, QueueError> {
        let mut urls = self.urls.lock().await;
        if let Some(url) = urls.get(arn) {
            return Ok(url.clone());
        }
        let mut parts = arn.rsplit(':');
        let (name, account) = (parts.next().unwrap_or_default(), parts.next());
        let call = self.client.get_queue_url().queue_name(name);
        let response = call
            .set_queue_owner_aws_account_id(account.map(str::to_owned))
            .send()
            .await;
        let response = response.map_err(|error| failed("find", arn, error))?;
        let url = response.queue_url.unwrap_or_default();
        urls.insert(arn.to_owned(), url.clone());
        Ok(url)
    }
}

fn failed<E, R>(action: &'static str, queue: &str, error: SdkError<E, R>) -> QueueError
where
    E: ProvideErrorMetadata,
{
    QueueError {
        action,
        queue: queue.to_owned(),
        reason: redacted_error(&error),
    }
}
