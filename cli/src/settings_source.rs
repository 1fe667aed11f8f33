//! Settings out of the environment and the flags, and the key that they need.

use anyhow::{Context, Result, bail};
use pipeline::Rules;
use settings::{KeySource, MaskKey, MaskKeys, Masking, RawSettings, Settings};

use crate::arguments::SettingArguments;

/// The settings as given, flags before environment.
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

/// The resolved settings, the mask key and the rules; warnings go to standard error.
///
/// # Errors
/// All problems with the settings at once, or a key or rules that cannot be had.
pub(crate) fn load(arguments: &SettingArguments) -> Result<(Settings, Option<MaskKey>, Rules)> {
    let settings = settings::resolve_with(&raw(arguments), key_source(arguments))
        .map_err(|problems| anyhow::anyhow!("the settings do not work:\n{problems}"))?;
    let unknown = settings::unknown_event_names(&settings.selection);
    for warning in settings::warnings(&settings).iter().chain(&unknown) {
        eprintln!("sightline: {warning}");
    }
    let key = mask_key(&settings, arguments)?;
    let rules = runtime::rules::load(&settings.detection)?;
    Ok((settings, key, rules))
}

fn mask_key(settings: &Settings, arguments: &SettingArguments) -> Result<Option<MaskKey>> {
    if !matches!(settings.masking, Masking::Hmac { .. }) {
        return Ok(None);
    }
    let Some(file) = &arguments.mask_key_file else {
        bail!(
            "MASK_MODE=hmac needs the key here: give --mask-key-file FILE with what the secret holds"
        );
    };
    let document =
        std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let keys =
        MaskKeys::parse(&document).with_context(|| format!("{} is no mask key", file.display()))?;
    Ok(Some(keys.current))
}
