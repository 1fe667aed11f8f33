//! A sender from arguments and settings.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use delivery::{DeadLetters, Outbox, Sink, TokenCache};
use pipeline::RecordPipeline;
use runtime::{Encoder, InvocationMetrics};
use settings::{Settings, TokenSource};

use super::{Sender, Unexplained};
use crate::arguments::{DeliveryArguments, SettingArguments};
use crate::interrupt::Interrupt;
use crate::rate::RateLimiter;
use crate::settings_source;

/// Requests of objects that are gathered before they are sent together.
const REQUESTS_TOGETHER: usize = 4;

/// The most bytes of objects that are gathered, if a single request does not hold more.
const MAX_TOGETHER: usize = 4_000_000;

/// An encoder and a sender for these arguments, and the resolved settings. Dead letters go to
/// `place` unless the arguments name another folder.
pub(crate) async fn prepare(
    arguments: &SettingArguments,
    delivery: &DeliveryArguments,
    place: Option<&Path>,
    interrupt: Interrupt,
) -> Result<(Settings, Encoder, Sender)> {
    let (settings, key, rules) = settings_source::load(arguments)?;
    let source = match delivery.token_file {
        Some(_) => TokenSource::File,
        None => TokenSource::Secret,
    };
    let complete = settings.delivery.complete(source);
    complete.map_err(|problems| anyhow::anyhow!("the settings do not work:\n{problems}"))?;
    let token = token(&settings, delivery.token_file.as_deref()).await?;
    let sink = Sink::new(&settings.delivery, token)?.with_stop(interrupt.stop());
    let folder = delivery.dead_letters.as_deref().or(place);
    let dead_letters = dead_letters(&settings, folder.map(Path::to_owned)).await;
    let max_bytes = settings.delivery.max_bytes;
    let sender = Sender {
        dead_letter_place: dead_letters.place(),
        outbox: Outbox::new(sink, dead_letters, "sightline"),
        rate: RateLimiter::new(delivery.rate),
        retry_budget: Duration::from_secs(delivery.patience),
        bytes_together: (max_bytes * REQUESTS_TOGETHER).min(max_bytes.max(MAX_TOGETHER)),
        interrupt,
        unexplained: Unexplained::default(),
        metrics: InvocationMetrics::default(),
        reason: None,
        misconfigured: false,
    };
    let encoder = Encoder::new(RecordPipeline::new(&settings, key.as_ref(), rules));
    Ok((settings, encoder, sender))
}

async fn token(settings: &Settings, file: Option<&Path>) -> Result<TokenCache> {
    if let Some(file) = file {
        return Ok(TokenCache::file(file).await?);
    }
    #[cfg(feature = "aws")]
    {
        let secrets = delivery::Secrets::new(&delivery::sdk_config().await);
        let name = settings.delivery.secret.as_deref().unwrap_or_default();
        Ok(TokenCache::open(secrets, name).await?)
    }
    #[cfg(not(feature = "aws"))]
    {
        let _unused = settings;
        anyhow::bail!(
            "this build cannot read secrets: give --token-file FILE, or build with --features aws"
        )
    }
}

async fn dead_letters(settings: &Settings, folder: Option<PathBuf>) -> DeadLetters {
    if let Some(folder) = folder {
        return DeadLetters::Folder(folder);
    }
    #[cfg(feature = "aws")]
    if let Some(bucket) = &settings.delivery.dead_letter_bucket {
        let s3 = delivery::S3::new(&delivery::sdk_config().await);
        let bucket = bucket.clone();
        return DeadLetters::Bucket { s3, bucket };
    }
    let _unused = settings;
    DeadLetters::None
}
