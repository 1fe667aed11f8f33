//! Errors and warnings about settings and rules.

use std::path::Path;

use hec_client::HecClient;
use pipeline::Rules;
use serde::Serialize;
use settings::{
    DetectionSettings, Function, KeySource, MaskKeys, RawSettings, Settings, SettingsErrors,
    Warning,
};

use crate::settings_source::read_mask_keys;

/// One error or warning.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    /// The setting that causes it.
    pub(super) setting: String,
    /// The message: one line, or one per rule file.
    pub(super) text: String,
}

/// All findings. Errors prevent a function from starting, warnings do not.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Findings {
    pub(super) errors: Vec<Finding>,
    pub(super) warnings: Vec<Finding>,
}

/// The result of checking one set of settings.
pub(super) struct Checked {
    /// The function whose settings these are; `None` for the command line.
    pub(super) function: Option<Function>,
    /// The settings, if they are valid.
    pub(super) settings: Option<Settings>,
    /// The rules, if they can be loaded.
    pub(super) rules: Option<Rules>,
    /// The key of `--mask-key-file`.
    pub(super) key: Option<MaskKeys>,
    pub(super) findings: Findings,
}

impl Checked {
    /// Checks what `function` checks at its start.
    pub(super) fn function(function: Function, raw: &RawSettings) -> Self {
        let settings = function.resolve(raw);
        let mut checked = Self::new(Some(function), settings);
        if function.delivers() {
            checked.check_connection();
        }
        if function.evaluates_rules() {
            checked.load_rules(raw);
        }
        checked
    }

    /// Checks what the commands that deliver check.
    pub(super) fn command_line(raw: &RawSettings, key: KeySource, key_file: Option<&Path>) -> Self {
        let mut checked = Self::new(None, settings::resolve_with(raw, key));
        match key_file.map(read_mask_keys).transpose() {
            Ok(key) => checked.key = key,
            Err(error) => checked.error("MASK_KEY_SECRET", format!("--mask-key-file: {error:#}")),
        }
        let settings = checked.settings.as_ref();
        if settings.is_some_and(|s| s.delivery.complete(KeySource::File).is_ok()) {
            checked.check_connection();
        }
        checked.load_rules(raw);
        checked
    }

    fn new(function: Option<Function>, settings: Result<Settings, SettingsErrors>) -> Self {
        let mut checked = Self {
            function,
            settings: None,
            rules: None,
            key: None,
            findings: Findings::default(),
        };
        match settings {
            Ok(settings) => {
                checked.warn(settings::warnings(&settings));
                checked.warn(settings::unknown_event_names(&settings.selection));
                checked.settings = Some(settings);
            }
            Err(SettingsErrors(errors)) => {
                for error in errors {
                    let text = error.to_string();
                    checked.error(error.setting, text);
                }
            }
        }
        checked
    }

    /// Checks URL and CA file, without reading the secret.
    fn check_connection(&mut self) {
        let delivery = self.settings.as_ref().map(|settings| &settings.delivery);
        let Some(Err(error)) = delivery.map(HecClient::check) else {
            return;
        };
        let setting = error.setting().unwrap_or_default();
        self.error(setting, format!("{:#}", anyhow::Error::new(error)));
    }

    /// Loads the rules even if other settings are not valid, so that all errors are reported at once.
    fn load_rules(&mut self, raw: &RawSettings) {
        let Some(detection) = self.detection(raw) else {
            return;
        };
        match runtime::rules::load(&detection) {
            Ok(rules) => {
                self.warn(runtime::rules::warnings(&rules));
                self.rules = Some(rules);
            }
            Err(error) => self.error(error.setting(), error.to_string()),
        }
    }

    /// The settings of the rules, or `None` if one of these is not valid.
    fn detection(&self, raw: &RawSettings) -> Option<DetectionSettings> {
        if let Some(settings) = &self.settings {
            return Some(settings.detection.clone());
        }
        let names = ["OWN_RESOURCES", "RULES_DIR"];
        let given = names
            .iter()
            .filter_map(|name| Some((*name, raw.get(name)?)));
        let alone = settings::resolve(&given.collect()).ok()?;
        Some(alone.detection)
    }

    fn error(&mut self, setting: impl Into<String>, text: String) {
        let setting = setting.into();
        self.findings.errors.push(Finding { setting, text });
    }

    fn warn(&mut self, warnings: Vec<Warning>) {
        let finding = |warning: Warning| Finding {
            setting: warning.setting.to_owned(),
            text: warning.text,
        };
        self.findings
            .warnings
            .extend(warnings.into_iter().map(finding));
    }
}
