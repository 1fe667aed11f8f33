//! What is wrong with settings and rules, and what is probably not meant.

use std::path::Path;

use hec_client::HecClient;
use pipeline::Rules;
use serde::Serialize;
use settings::{
    DetectionSettings, Function, KeySource, MaskKeys, RawSettings, Settings, SettingsErrors,
    TokenSource, Warning,
};

use crate::settings_source::read_mask_keys;

/// One error or warning.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    /// The setting that it is about.
    pub(super) setting: String,
    /// What a user reads: one line, or one for each rule file.
    pub(super) text: String,
}

/// Errors keep a function from starting; warnings do not.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Findings {
    pub(super) errors: Vec<Finding>,
    pub(super) warnings: Vec<Finding>,
}

/// One set of settings, checked.
pub(super) struct Checked {
    /// Whose environment it is; `None` for that of the command line.
    pub(super) function: Option<Function>,
    /// The settings, where nothing is wrong with them.
    pub(super) settings: Option<Settings>,
    /// The rules, where they can be loaded.
    pub(super) rules: Option<Rules>,
    /// The key of `--mask-key-file`.
    pub(super) key: Option<MaskKeys>,
    pub(super) findings: Findings,
}

impl Checked {
    /// What `function` finds when it starts with these settings.
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

    /// What the commands find that deliver from here.
    pub(super) fn command_line(raw: &RawSettings, key: KeySource, key_file: Option<&Path>) -> Self {
        let mut checked = Self::new(None, settings::resolve_with(raw, key));
        match key_file.map(read_mask_keys).transpose() {
            Ok(key) => checked.key = key,
            Err(error) => checked.error("MASK_KEY_SECRET", format!("--mask-key-file: {error:#}")),
        }
        let settings = checked.settings.as_ref();
        if settings.is_some_and(|s| s.delivery.complete(TokenSource::File).is_ok()) {
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

    /// Checks what the delivery is made of, except the secret.
    fn check_connection(&mut self) {
        let delivery = self.settings.as_ref().map(|settings| &settings.delivery);
        let Some(Err(error)) = delivery.map(HecClient::check) else {
            return;
        };
        let setting = error.setting().unwrap_or_default();
        self.error(setting, format!("{:#}", anyhow::Error::new(error)));
    }

    /// Loads the rules, also where other settings are wrong, so that a user sees all at once.
    fn load_rules(&mut self, raw: &RawSettings) {
        let Some(detection) = self.detection(raw) else {
            return;
        };
        match runtime::rules::load(&detection) {
            Ok(rules) => {
                self.warn(runtime::rules::warnings(&rules));
                self.rules = Some(rules);
            }
            Err(fault) => self.error(fault.setting(), fault.to_string()),
        }
    }

    /// `None` where a setting of the rules is wrong itself.
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
