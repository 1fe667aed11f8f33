//! What settings accept, what they resolve to, and what is reported about wrong ones.

#![allow(clippy::unwrap_used, reason = "a failed lookup fails the test")]

mod delivery;
mod functions;
mod masking;
mod networks;
mod output;
mod properties;
mod selection;
mod table;
mod typos;

use settings::{Settings, SettingsError, resolve};

fn settings_of(pairs: &[(&str, &str)]) -> Settings {
    resolve(&pairs.iter().copied().collect()).unwrap()
}

fn errors_of(pairs: &[(&str, &str)]) -> Vec<SettingsError> {
    resolve(&pairs.iter().copied().collect()).unwrap_err().0
}

/// The only error of `pairs`, as a user reads it.
fn error_of(pairs: &[(&str, &str)]) -> String {
    let errors = errors_of(pairs);
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors[0].to_string()
}

/// Names of the settings of all errors.
fn wrong_settings(pairs: &[(&str, &str)]) -> Vec<String> {
    errors_of(pairs).into_iter().map(|e| e.setting).collect()
}
