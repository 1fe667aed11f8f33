//! The values of all settings, and what is wrong with them.

use std::collections::BTreeMap;

use crate::error::{SettingsError, SettingsErrors};
use crate::parse::normalize;
use crate::raw::RawSettings;
use crate::setting::Setting;
use crate::table::{TABLE, setting};
use crate::typo;

/// Whether a setting was given or has its default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The user set it.
    Set,
    /// Its default.
    Default,
}

/// The value of every setting in [`TABLE`], and all errors so far.
///
/// A wrong value counts as unset, so that the checks of one setting against another still run;
/// [`Values::finish`] then fails.
pub(crate) struct Values<'a> {
    raw: &'a RawSettings,
    /// The value of every setting in its normal form; empty if it is not set and has no default.
    pub(crate) normal: BTreeMap<&'static str, String>,
    errors: Vec<SettingsError>,
}

impl<'a> Values<'a> {
    /// Checks every setting.
    pub(crate) fn parse(raw: &'a RawSettings) -> Self {
        let mut values = Self {
            raw,
            normal: BTreeMap::new(),
            errors: Vec::new(),
        };
        for setting in TABLE {
            let given = raw
                .get(setting.name)
                .map(|text| normalize(setting.kind, text));
            for error in given
                .iter()
                .filter_map(|given| given.as_ref().err())
                .flatten()
            {
                values.error(setting.name, error);
            }
            let value = given.and_then(Result::ok);
            let value = value.unwrap_or_else(|| setting.default.to_owned());
            values.normal.insert(setting.name, value);
        }
        for name in raw.names() {
            if let Some(error) = typo::misspelled(name) {
                values.error(name, error);
            }
        }
        values
    }

    /// Replaces the default of `name`, which follows from another setting.
    pub(crate) fn set_default(&mut self, name: &'static str, value: &str) {
        let is_wrong = self.errors.iter().any(|error| error.setting == name);
        if is_wrong || self.raw.get(name).is_none() {
            self.normal.insert(name, value.to_owned());
        }
    }

    /// Reports an error of the setting `name`.
    pub(crate) fn error(&mut self, name: &str, message: impl Into<String>) {
        self.errors.push(SettingsError {
            setting: name.to_owned(),
            message: message.into(),
        });
    }

    /// Reports settings that are required, except those whose value is wrong: that has been
    /// reported.
    pub(crate) fn require(&mut self, missing: Vec<SettingsError>) {
        let raw = self.raw;
        let unset = |error: &SettingsError| raw.get(&error.setting).is_none();
        self.errors.extend(missing.into_iter().filter(unset));
    }

    /// Name, value and origin of every setting, in the order of [`TABLE`].
    ///
    /// # Errors
    /// Every error, in the order of [`TABLE`]; misspelled names last.
    pub(crate) fn finish(mut self) -> Result<Vec<(&'static str, String, Origin)>, SettingsErrors> {
        if !self.errors.is_empty() {
            let position = |e: &SettingsError| TABLE.iter().position(|s| s.name == e.setting);
            self.errors
                .sort_by_key(|error| position(error).unwrap_or(TABLE.len()));
            return Err(SettingsErrors(self.errors));
        }
        let row = |setting: &Setting| {
            let origin = match self.raw.get(setting.name) {
                Some(_) => Origin::Set,
                None => Origin::Default,
            };
            (setting.name, self.normal[setting.name].clone(), origin)
        };
        Ok(TABLE.iter().map(row).collect())
    }
}

/// The error about the setting `name`, which is not set and required.
pub(crate) fn missing(name: &str, reason: &str) -> SettingsError {
    let accepts = setting(name).map_or_else(String::new, |setting| setting.kind.accepts());
    SettingsError {
        setting: name.to_owned(),
        message: format!("is not set, but {reason}; use {accepts}"),
    }
}
