//! The start of a function: settings from the environment, rules, secrets, pipeline, delivery.

use anyhow::{Context, Result};
use aws::{DeadLetterBucket, MaskKeyCache, S3, SecretsManager};
use hec_client::{
    DeadLetterStore, DeliveryClient, EmptySecrets, HecClient, SecretError, TokenCache,
};
use pipeline::{RecordPipeline, Rules};
use settings::{Function, MaskKey, MaskMode, MaskingSettings, RawSettings, Settings};
use tracing::warn;

use crate::encoder::Encoder;
use crate::rules;

/// A forwarder that has started.
pub struct ForwarderContext {
    /// Its settings.
    pub settings: Settings,
    /// Turns texts into HEC objects.
    pub encoder: Encoder,
    /// Delivers HEC objects.
    pub client: DeliveryClient,
    key: Option<RotatingMaskKey>,
}

/// The settings in the environment, complete for `function`. Logs warnings about them.
///
/// # Errors
/// All problems with the settings.
pub fn settings(function: Function) -> Result<Settings> {
    let raw: RawSettings = std::env::vars().collect();
    let settings = function.resolve(&raw).context("settings")?;
    for warning in settings::warnings(&settings) {
        warn!("{warning}");
    }
    Ok(settings)
}

/// A client that delivers with these `settings`, for `function`.
///
/// # Errors
/// The URL or `HEC_CA_FILE` cannot be used, the token cannot be read, or TLS cannot be set up.
pub async fn delivery_client(settings: &Settings, function: &str) -> Result<DeliveryClient> {
    // Checked before the secret is read: an empty secret must not hide another problem.
    HecClient::check(&settings.delivery)?;
    let config = aws::sdk_config().await;
    let secret = settings.delivery.secret.as_deref().unwrap_or_default();
    let token = TokenCache::load(SecretsManager::new(&config, secret)).await;
    let client = HecClient::new(&settings.delivery, opened_secret("SECRET_NAME", token)?)?;
    let bucket = settings.delivery.dead_letter_bucket.as_ref();
    let store = bucket.map(|bucket| -> Box<dyn DeadLetterStore> {
        Box::new(DeadLetterBucket::new(S3::new(&config), bucket))
    });
    Ok(DeliveryClient::new(client, store, function))
}

/// The value of `opened`, which was read from the secret that `setting` names.
///
/// # Errors
/// [`EmptySecrets`] if the secret has no value yet; any other error with the setting's name.
pub fn opened_secret<T>(setting: &'static str, opened: Result<T, SecretError>) -> Result<T> {
    opened.map_err(|error| match EmptySecrets::from_error(setting, &error) {
        Some(empty) => empty.into(),
        None => anyhow::Error::new(error).context(setting),
    })
}

/// The results of two parts of a start.
///
/// # Errors
/// The error of either part. [`EmptySecrets`] only if nothing else is: an empty secret must not
/// hide a problem that filling it does not solve.
pub fn both<A, B>(first: Result<A>, second: Result<B>) -> Result<(A, B)> {
    match (first, second) {
        (Ok(first), Ok(second)) => Ok((first, second)),
        (Err(error), Ok(_)) | (Ok(_), Err(error)) => Err(error),
        (Err(first), Err(second)) => {
            let first: EmptySecrets = first.downcast()?;
            let second: EmptySecrets = second.downcast()?;
            Err(first.and(second).into())
        }
    }
}

/// The settings in the environment, complete for `function`, and the rules that they name. Logs
/// warnings about both.
///
/// # Errors
/// All problems with the settings, or rules that cannot be loaded.
pub fn settings_and_rules(function: Function) -> Result<(Settings, Rules)> {
    let settings = settings(function)?;
    let rules = rules::load(&settings.detection).context("rules")?;
    for warning in rules::warnings(&rules) {
        warn!("{warning}");
    }
    Ok((settings, rules))
}

/// The mask key of a function, which follows rotations of its secret.
pub struct RotatingMaskKey(MaskKeyCache);

impl RotatingMaskKey {
    /// The key that `masking` requires; `None` if it requires none.
    ///
    /// # Errors
    /// The secret cannot be read: nothing may be sent without the key.
    pub async fn open(masking: &MaskingSettings) -> Result<Option<(Self, MaskKey)>> {
        let (MaskMode::Hmac, Some(name)) = (masking.mode, &masking.key_secret) else {
            return Ok(None);
        };
        let secret = SecretsManager::new(&aws::sdk_config().await, name);
        let opened = MaskKeyCache::load(secret).await;
        let (cache, key) = opened_secret("MASK_KEY_SECRET", opened)?;
        Ok(Some((Self(cache), key)))
    }

    /// The new key if the secret was rotated. If the secret cannot be read, the previous key stays
    /// in use.
    pub async fn refresh(&mut self) -> Option<MaskKey> {
        match self.0.refresh().await {
            Ok(key) => key,
            Err(error) => {
                warn!(%error, "the mask key is not refreshed: the previous one stays in use");
                None
            }
        }
    }
}

/// A forwarder for the `program`, configured by the environment. Its dead letters and metrics name
/// `function`.
///
/// # Errors
/// Settings, rules, mask key or token are not valid or cannot be read.
pub async fn start(program: Function, function: &str) -> Result<ForwarderContext> {
    let (settings, rules) = settings_and_rules(program)?;
    let key = RotatingMaskKey::open(&settings.masking).await;
    let (key, client) = both(key, delivery_client(&settings, function).await)?;
    let (key, first) = key.unzip();
    Ok(ForwarderContext {
        encoder: Encoder::new(RecordPipeline::new(&settings, first.as_ref(), rules)),
        client,
        settings,
        key,
    })
}

impl ForwarderContext {
    /// Masks with a rotated key from now on. If the secret cannot be read, the old key stays.
    pub async fn refresh(&mut self) {
        if let Some(key) = &mut self.key
            && let Some(key) = key.refresh().await
        {
            self.encoder.pipeline().set_mask_key(&self.settings, &key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn empty<T>(setting: &'static str) -> Result<T> {
        let location = "the secret s".to_owned();
        opened_secret(setting, Err(SecretError::Empty { location }))
    }

    fn refused<T>() -> Result<T> {
        let location = "the secret s".to_owned();
        let reason = "AccessDeniedException".to_owned();
        let error = SecretError::Unreadable { location, reason };
        opened_secret("SECRET_NAME", Err(error))
    }

    #[test]
    fn all_empty_secrets_are_named_and_never_hide_another_problem() {
        let error = both::<(), ()>(empty("MASK_KEY_SECRET"), empty("SECRET_NAME")).unwrap_err();
        let messages = error.downcast::<EmptySecrets>().unwrap();
        let settings: Vec<&str> = messages
            .messages()
            .iter()
            .filter_map(|message| message.split(':').next())
            .collect();
        assert_eq!(settings, ["MASK_KEY_SECRET", "SECRET_NAME"]);
        for (first, second) in [
            (empty("MASK_KEY_SECRET"), refused()),
            (refused(), empty("X")),
        ] {
            let error = both::<(), ()>(first, second).unwrap_err();
            assert!(error.downcast_ref::<EmptySecrets>().is_none());
            assert!(format!("{error:#}").starts_with("SECRET_NAME: cannot read the secret s"));
        }
        let error = both::<(), ()>(Ok(()), empty("SECRET_NAME")).unwrap_err();
        assert!(error.downcast_ref::<EmptySecrets>().is_some());
    }
}
