//! Settings from the environment and the flags, and the mask key.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use pipeline::Rules;
use settings::{KeySource, MaskKey, MaskKeys, MaskMode, RawSettings, Settings, SettingsErrors};

use crate::arguments::SettingArguments;

/// The settings as given; a flag replaces the environment variable.
pub(crate) fn raw(arguments: &SettingArguments) -> RawSettings {
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let mut raw: RawSettings = environment.collect();
    for (name, value) in &arguments.given {
        raw.set(*name, value.clone());
    }
    raw
}

/// Where the mask key comes from on the command line.
pub(crate) fn key_source(arguments: &SettingArguments) -> KeySource {
    match arguments.mask_key_file {
        Some(_) => KeySource::File,
        None => KeySource::Secret,
    }
}

/// The settings of `raw`.
///
/// # Errors
/// Every error of the settings at once.
pub(crate) fn resolve(raw: &RawSettings, key_source: KeySource) -> Result<Settings> {
    settings::resolve_with(raw, key_source).map_err(not_valid)
}

/// The error that lists `errors` to a user.
pub(crate) fn not_valid(errors: SettingsErrors) -> anyhow::Error {
    anyhow!("the settings are not valid:\n{errors}")
}

/// The resolved settings, the mask key and the rules; warnings go to standard error.
///
/// # Errors
/// Every error of the settings at once, or a mask key or rules that cannot be loaded.
pub(crate) fn load(arguments: &SettingArguments) -> Result<(Settings, Option<MaskKey>, Rules)> {
    let settings = resolve(&raw(arguments), key_source(arguments))?;
    let unknown = settings::unknown_event_names(&settings.selection);
    for warning in settings::warnings(&settings).iter().chain(&unknown) {
        eprintln!("sightline: {warning}");
    }
    let key = mask_key(&settings, arguments)?;
    let rules = runtime::rules::load(&settings.detection)?;
    Ok((settings, key, rules))
}

fn mask_key(settings: &Settings, arguments: &SettingArguments) -> Result<Option<MaskKey>> {
    if settings.masking.mode != MaskMode::Hmac {
        return Ok(None);
    }
    Ok(Some(mask_keys(arguments)?.current))
}

/// The mask keys that `MASK_MODE=hmac` requires on the command line.
///
/// # Errors
/// `--mask-key-file` is not given, or does not contain mask keys.
pub(crate) fn mask_keys(arguments: &SettingArguments) -> Result<MaskKeys> {
    let file = arguments.mask_key_file.as_deref();
    read_mask_keys(file.context(
        "MASK_MODE=hmac requires the mask key on the command line; use --mask-key-file FILE, with the content of the secret",
    )?)
}

/// The mask keys in `file`.
///
/// # Errors
/// The file cannot be read, or does not contain mask keys.
pub(crate) fn read_mask_keys(file: &Path) -> Result<MaskKeys> {
    let document =
        std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    MaskKeys::parse(&document).with_context(|| format!("{} is not a mask key", file.display()))
}
