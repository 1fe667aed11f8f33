//! The values of all settings, and what is wrong with them.

use std::collections::BTreeMap;

use crate::choices::Choice;
use crate::error::{SettingsError, SettingsErrors};
use crate::event_names::Names;
use crate::model::ProtectedResourcesSource;
use crate::parse::{Value, parse};
use crate::raw::RawSettings;
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

/// One line of `Settings::describe`: name, value and origin.
pub(crate) type Row = (&'static str, String, Origin);

/// The value of every setting in [`TABLE`], and all errors so far.
///
/// A wrong value counts as unset, so that the checks of one setting against another still run;
/// [`Values::finish`] then fails.
pub(crate) struct Values<'a> {
    raw: &'a RawSettings,
    values: BTreeMap<&'static str, Value>,
    errors: Vec<SettingsError>,
}

impl<'a> Values<'a> {
    /// Parses every setting; unset ones have their default.
    pub(crate) fn parse(raw: &'a RawSettings) -> Self {
        let mut values = Self {
            raw,
            values: BTreeMap::new(),
            errors: Vec::new(),
        };
        for setting in TABLE {
            let given = raw.get(setting.name).map(|text| parse(setting.kind, text));
            let value = match given {
                Some(Ok(value)) => Some(value),
                Some(Err(errors)) => {
                    errors
                        .into_iter()
                        .for_each(|e| values.error(setting.name, e));
                    None
                }
                None => None,
            };
            let value = value.or_else(|| match setting.default {
                "" => None,
                default => parse(setting.kind, default).ok(),
            });
            if let Some(value) = value {
                values.values.insert(setting.name, value);
            }
        }
        for name in raw.names() {
            if let Some(error) = typo::misspelled(name) {
                values.error(name, error);
            }
        }
        values
    }

    /// Whether the user set `name`, to a valid value or not.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.raw.get(name).is_some()
    }

    /// Reports an error of the setting `name`.
    pub(crate) fn error(&mut self, name: &str, message: impl Into<String>) {
        self.errors.push(SettingsError {
            setting: name.to_owned(),
            message: message.into(),
        });
    }

    /// Reports that `name` is required, unless it is set. If its value is wrong, that has been
    /// reported.
    pub(crate) fn require(&mut self, name: &'static str, reason: &str) {
        if !self.is_set(name) {
            self.error(name, missing(name, reason));
        }
    }

    /// Replaces the default of `name`: it follows from another setting.
    pub(crate) fn set_default(&mut self, name: &'static str, choice: impl Choice) {
        let is_wrong = self.errors.iter().any(|error| error.setting == name);
        if is_wrong || !self.is_set(name) {
            let word = choice.word().to_owned();
            self.values.insert(name, Value::Text(word));
        }
    }

    /// A setting of the kind `OneOf`.
    pub(crate) fn choice<T: Choice>(&self, name: &str) -> T {
        let word = self.text(name);
        word.and_then(|word| T::from_word(&word))
            .unwrap_or_default()
    }

    /// A setting of the kind `SomeOf`; `None` if it is not set.
    pub(crate) fn choices<T: Choice>(&self, name: &str) -> Option<Vec<T>> {
        let words = self.list(name)?;
        Some(words.iter().filter_map(|word| T::from_word(word)).collect())
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.values.get(name)? {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    }

    pub(crate) fn list(&self, name: &str) -> Option<Vec<String>> {
        match self.values.get(name)? {
            Value::List(entries) => Some(entries.clone()),
            _ => None,
        }
    }

    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        match self.values.get(name)? {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn event_names(&self, name: &str) -> Names {
        match self.values.get(name) {
            Some(Value::EventNames(names)) => names.clone(),
            _ => Names::default(),
        }
    }

    pub(crate) fn protected_resources(&self, name: &str) -> ProtectedResourcesSource {
        match self.values.get(name) {
            Some(Value::ProtectedResources(source)) => source.clone(),
            _ => ProtectedResourcesSource::default(),
        }
    }

    /// The rows in the order of [`TABLE`].
    ///
    /// # Errors
    /// Every error, in the order of [`TABLE`]; misspelled names last.
    pub(crate) fn finish(mut self) -> Result<Vec<Row>, SettingsErrors> {
        if !self.errors.is_empty() {
            let position = |e: &SettingsError| TABLE.iter().position(|s| s.name == e.setting);
            self.errors
                .sort_by_key(|error| position(error).unwrap_or(TABLE.len()));
            return Err(SettingsErrors(self.errors));
        }
        let row = |name: &'static str| {
            let value = self
                .values
                .get(name)
                .map_or_else(String::new, Value::to_string);
            let origin = match self.is_set(name) {
                true => Origin::Set,
                false => Origin::Default,
            };
            (name, value, origin)
        };
        Ok(TABLE.iter().map(|setting| row(setting.name)).collect())
    }
}

/// The message about the setting `name`, which is not set and required.
pub(crate) fn missing(name: &str, reason: &str) -> String {
    let accepts = setting(name).map_or_else(String::new, |setting| setting.kind.accepts());
    format!("is not set, but {reason}; use {accepts}")
}
