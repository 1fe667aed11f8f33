//! From the environment to a forwarder that is ready.

use anyhow::{Context, Result};
use delivery::{DeadLetters, MaskKeyCache, Outbox, S3, Secrets, Sink, TokenCache};
use pipeline::Lane;
use settings::{Function, Masking, RawSettings, Settings};
use tracing::warn;

use crate::Encoder;

/// A forwarder that is ready.
pub struct Started {
    /// Its settings.
    pub settings: Settings,
    /// Its lane.
    pub encoder: Encoder,
    /// Its way out.
    pub outbox: Outbox,
    key: Option<MaskKeyCache>,
}

/// The settings in the environment, complete for `function`; warnings go to the log.
///
/// # Errors
/// Every problem with them.
pub fn settings(function: Function) -> Result<Settings> {
    let raw: RawSettings = std::env::vars().collect();
    let settings = function.resolve(&raw).context("settings")?;
    for warning in settings::warnings(&settings) {
        warn!("{warning}");
    }
    Ok(settings)
}

/// The way out by `settings`, for `function`.
///
/// # Errors
/// The token cannot be had, or TLS cannot be set up.
pub async fn outbox(settings: &Settings, function: &str) -> Result<Outbox> {
    let config = delivery::sdk_config().await;
    let secret = settings.delivery.secret.as_deref().unwrap_or_default();
    let token = TokenCache::open(Secrets::new(&config), secret)
        .await
        .context("SECRET_NAME")?;
    let sink = Sink::new(&settings.delivery, token)?;
    let dead_letters = match &settings.delivery.dead_letter_bucket {
        Some(bucket) => DeadLetters::Bucket {
            s3: S3::new(&config),
            bucket: bucket.clone(),
        },
        None => DeadLetters::None,
    };
    Ok(Outbox::new(sink, dead_letters, function))
}

/// A forwarder for the `program`, by the environment. Its dead letters and metrics name `function`.
///
/// # Errors
/// Settings, rules, mask key or token are wrong or cannot be read.
pub async fn start(program: Function, function: &str) -> Result<Started> {
    let settings = settings(program)?;
    let rules = rulebook::load(&settings.detection).context("rules")?;
    for warning in rulebook::warnings(&rules) {
        warn!("{warning}");
    }
    let (cache, key) = match &settings.masking {
        Masking::Hmac {
            key_secret: Some(name),
            ..
        } => {
            let secrets = Secrets::new(&delivery::sdk_config().await);
            let (cache, key) = MaskKeyCache::open(secrets, name)
                .await
                .context("MASK_KEY_SECRET")?;
            (Some(cache), Some(key))
        }
        _ => (None, None),
    };
    Ok(Started {
        encoder: Encoder::new(Lane::new(&settings, key.as_ref(), rules)),
        outbox: outbox(&settings, function).await?,
        settings,
        key: cache,
    })
}

impl Started {
    /// Takes over a mask key that has been rotated. A key that cannot be read keeps the old one.
    pub async fn refresh(&mut self) {
        let Some(cache) = &mut self.key else {
            return;
        };
        match cache.refresh().await {
            Ok(Some(key)) => self.encoder.lane().rekey(&self.settings, &key),
            Ok(None) => {}
            Err(error) => warn!(%error, "keeping the mask key that was read before"),
        }
    }
}
