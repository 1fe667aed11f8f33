//! Builds a sender from arguments and settings.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use hec_client::{
    DeadLetterFolder, DeadLetterStore, DeliveryClient, HecClient, SecretFile, TokenCache,
};
use pipeline::RecordPipeline;
use runtime::{Encoder, InvocationMetrics};
use settings::{KeySource, Settings};

use super::bad_requests::BadRequests;
use super::delivery::Sender;
use super::rate::RateLimiter;
use crate::arguments::{DeliveryArguments, SettingArguments};
use crate::interrupt::Interrupt;
use crate::settings_source;

/// Requests per batch.
const REQUESTS_PER_BATCH: usize = 4;

/// Largest batch in bytes, unless a single request may be larger.
const MAX_BATCH_BYTES: usize = 4_000_000;

/// The resolved settings, an encoder and a sender for these arguments. Dead letters go to
/// `default_folder` unless the arguments name another folder.
///
/// # Errors
/// The settings are not valid, or the mask key, the rules, the token or the CA file cannot be
/// loaded.
pub(crate) async fn prepare(
    arguments: &SettingArguments,
    delivery: &DeliveryArguments,
    default_folder: Option<&Path>,
    interrupt: Interrupt,
) -> Result<(Settings, Encoder, Sender)> {
    let (settings, key, rules) = settings_source::load(arguments)?;
    let source = match delivery.token_file {
        Some(_) => KeySource::File,
        None => KeySource::Secret,
    };
    let complete = settings.delivery.complete(source);
    complete.map_err(settings_source::not_valid)?;
    let token = token(&settings, delivery.token_file.as_deref()).await?;
    let client = HecClient::new(&settings.delivery, token)?.with_stop(interrupt.stop());
    let folder = delivery.dead_letters.as_deref().or(default_folder);
    let store = dead_letter_store(&settings, folder).await;
    let max_bytes = settings.delivery.max_bytes;
    let sender = Sender {
        dead_letter_location: store.as_ref().map(|store| store.location()),
        client: DeliveryClient::new(client, store, "sightline"),
        rate: RateLimiter::new(delivery.rate),
        retry_budget: Duration::from_secs(delivery.patience),
        batch_bytes: (max_bytes * REQUESTS_PER_BATCH).min(max_bytes.max(MAX_BATCH_BYTES)),
        interrupt,
        bad_requests: BadRequests::default(),
        metrics: InvocationMetrics::default(),
        reason: None,
        misconfigured: false,
    };
    let encoder = Encoder::new(RecordPipeline::new(&settings, key.as_ref(), rules));
    Ok((settings, encoder, sender))
}

async fn token(settings: &Settings, file: Option<&Path>) -> Result<TokenCache> {
    if let Some(file) = file {
        return Ok(TokenCache::load(SecretFile::new(file)).await?);
    }
    #[cfg(feature = "aws")]
    {
        let name = settings.delivery.secret.as_deref().unwrap_or_default();
        let secret = aws::SecretsManager::new(&aws::sdk_config().await, name);
        Ok(TokenCache::load(secret).await?)
    }
    #[cfg(not(feature = "aws"))]
    {
        let _unused = settings;
        anyhow::bail!(
            "this build cannot access Secrets Manager; use --token-file FILE, or build with --features aws"
        )
    }
}

async fn dead_letter_store(
    settings: &Settings,
    folder: Option<&Path>,
) -> Option<Box<dyn DeadLetterStore>> {
    if let Some(folder) = folder {
        return Some(Box::new(DeadLetterFolder::new(folder)));
    }
    #[cfg(feature = "aws")]
    if let Some(bucket) = &settings.delivery.dead_letter_bucket {
        let s3 = aws::S3::new(&aws::sdk_config().await);
        return Some(Box::new(aws::DeadLetterBucket::new(s3, bucket)));
    }
    let _unused = settings;
    None
}
