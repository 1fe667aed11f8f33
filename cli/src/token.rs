//! `sightline token`: prints the pseudonyms of names and addresses.

use std::io::{BufRead, Write};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use masking::{Label, Masker, Method, canonical_address};
use settings::{MaskKey, MaskMode};

use crate::arguments::TokenArguments;
use crate::settings_source::{self, key_source, raw};

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
            let token = masker.mask(label, value).unwrap_or("not masked");
            writeln!(out, "{value}\t{name}\t{token}")?;
        }
        Ok(())
    };
    if arguments.values.is_empty() {
        for line in std::io::stdin().lock().lines() {
            print(line.context("cannot read standard input")?.trim())?;
        }
    }
    for value in &arguments.values {
        print(value)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// One masker per mask key, the current one first, or a single one for `sha256`.
fn maskers(arguments: &TokenArguments) -> Result<Vec<Masker>> {
    let mut raw = raw(&arguments.settings);
    if arguments.settings.mask_key_file.is_some() && !raw.names().any(|name| name == "MASK_MODE") {
        raw.set("MASK_MODE", "hmac".to_owned());
    }
    let settings = settings_source::resolve(&raw, key_source(&arguments.settings))?;
    match settings.masking.mode {
        MaskMode::Off => bail!(
            "MASK_MODE is off; use --mask-key-file FILE, with the content of the secret, or --mask-mode sha256"
        ),
        MaskMode::Sha256 => Ok(vec![Masker::new(Method::Sha256)]),
        MaskMode::Hmac => {
            let keys = settings_source::mask_keys(&arguments.settings)?;
            let of_key = |key: &MaskKey| {
                let (key_id, key) = (key.id().to_owned(), key.bytes().to_vec());
                Masker::new(Method::Hmac { key_id, key })
            };
            let all = std::iter::once(&keys.current).chain(&keys.previous);
            Ok(all.map(of_key).collect())
        }
    }
}
