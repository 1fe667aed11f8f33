//! `sightline token`: the pseudonyms of known people and hosts.

use std::io::{BufRead, Write};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use masking::{Label, Masker, Method, canonical_address};
use settings::{MaskKey, MaskKeys, Masking};

use crate::arguments::TokenArguments;
use crate::settings_source::{key_source, raw};

pub(crate) fn run(arguments: &TokenArguments) -> Result<ExitCode> {
    let mut maskers = maskers(arguments)?;
    let mut out = std::io::stdout().lock();
    let mut print = |value: &str| -> Result<()> {
        let label = match canonical_address(value) {
            Some(_) => Label::Ip,
            None => Label::User,
        };
        let name = if label == Label::Ip { "ip" } else { "user" };
        for masker in &mut maskers {
            let token = masker.mask(label, value).unwrap_or("stays readable");
            writeln!(out, "{value}\t{name}\t{token}")?;
        }
        Ok(())
    };
    if arguments.values.is_empty() {
        for line in std::io::stdin().lock().lines() {
            print(line.context("standard input")?.trim())?;
        }
    }
    for value in &arguments.values {
        print(value)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// One for the current key and one for each previous one, or one without a key.
fn maskers(arguments: &TokenArguments) -> Result<Vec<Masker>> {
    let mut raw = raw(&arguments.settings);
    if arguments.settings.mask_key_file.is_some() && !raw.names().any(|name| name == "MASK_MODE") {
        raw.set("MASK_MODE", "hmac".to_owned());
    }
    let settings = settings::resolve_with(&raw, key_source(&arguments.settings))
        .map_err(|problems| anyhow::anyhow!("the settings do not work:\n{problems}"))?;
    match settings.masking {
        Masking::Off => bail!(
            "MASK_MODE is off: give --mask-key-file FILE with what the secret holds, or --mask-mode sha256"
        ),
        Masking::Sha256 { .. } => Ok(vec![Masker::new(Method::Sha256)]),
        Masking::Hmac { .. } => {
            let Some(file) = &arguments.settings.mask_key_file else {
                bail!(
                    "MASK_MODE=hmac needs the key here: give --mask-key-file FILE with what the secret holds"
                );
            };
            let document =
                std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
            let keys = MaskKeys::parse(&document)
                .with_context(|| format!("{} is no mask key", file.display()))?;
            let of_key = |key: &MaskKey| {
                let (key_id, key) = (key.id().to_owned(), key.bytes().to_vec());
                Masker::new(Method::Hmac { key_id, key })
            };
            let all = std::iter::once(&keys.current).chain(&keys.previous);
            Ok(all.map(of_key).collect())
        }
    }
}
